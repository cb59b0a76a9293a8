"""`psfir remediation`: from a factor of an analysis to its end, as people type it."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from psfir.app import incident_deeds as deeds
from psfir.app import rca
from tests.app.incident_kit import at_work, opened, plan, put_back, ran
from tests.cli.keyboard import Keyboard
from tests.cli.test_rca import workspace, written

TAGS = "- evidence: [entry 3]\n- tags: LLM09, AML.T0051"


def incident(desk: Keyboard, tags: str = TAGS) -> str:
    """A resolved one with a written analysis of two factors, the first with tags."""
    alice = desk.session()
    one = opened(alice, title="It told of others' orders")
    run = f"run-{one.id}"
    one = deeds.resolve(alice, put_back(alice, ran(alice, one, plan(), run), run))
    finn = at_work(desk.root, "finn")
    path = rca.new(finn, finn.incident(one.id), owner="", facilitator="gita")
    path.write_text(written(path.read_text()).replace("- evidence: [entry 3]", tags, 1))
    return one.id


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    keyboard = Keyboard(tmp_path, capsys, monkeypatch)
    workspace(keyboard.root)
    return keyboard


def login(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("psfir.app.identity.login", lambda: name)


def add(desk: Keyboard, *words: str) -> str:
    title = "Hold prompts back until they are evaluated"
    found = desk.ok("remediation", "add", title, *words, "--json").json
    ref = found["item"]["ref"]
    assert isinstance(ref, str)
    return ref


def test_from_a_factor_to_its_end(desk: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Added, taken, blocked, done, and verified by somebody else at another login."""
    name = incident(desk)
    ref = add(desk, "--factor", "f1", "--owner", "bob", "--verify", "the drill holds", "--due", "2099-01-04")
    assert ref == f"{name}/R1"
    desk.me("bob")
    assert "in progress" in desk.ok("remediation", "take", "R1").out
    assert "blocked" in desk.ok("remediation", "block", "r1", "--why", "waits for the vendor").out
    assert "psfir remediation verify" in desk.ok("remediation", "done", "R1", "--evidence", "[entry 3]").out
    assert desk.type("remediation", "verify", "R1").code == 3
    desk.me("dora")
    same = desk.type("remediation", "verify", "R1")
    assert same.code == 3
    assert "same login" in same.err
    login(monkeypatch, "dora@elsewhere")
    assert "verified" in desk.ok("remediation", "verify", ref, "--reason", "I ran the drill").out
    assert "--all shows" in desk.ok("remediation", "list").out
    assert ref in desk.ok("remediation", "list", "--all").out
    found = desk.ok("remediation", "list", "--all", "--json").json["items"][0]
    assert (found["state"], found["verified_by"], found["evidence"]) == ("verified", "dora", ["[entry 3]"])
    assert desk.type("remediation", "take", "R1").code == 3


def test_verification_names_what_shows_it(desk: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing named, an entry or a digest that the record does not have, or mere words: a sentence each."""
    incident(desk)
    add(desk, "--owner", "bob")
    desk.ok("remediation", "done", "R1")
    desk.me("dora")
    login(monkeypatch, "dora@elsewhere")
    assert "nothing shows" in desk.type("remediation", "verify", "R1").err
    for word in ("[entry 9999]", "sha256:" + "ab" * 32, "trust me"):
        assert desk.type("remediation", "verify", "R1", "--evidence", word).code == 2
    desk.ok("remediation", "verify", "R1", "--evidence", "https://ci.example.com/run/7")


def test_a_risk_runs_out(desk: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Accepted by who may review and does not own it; afterwards it is open and overdue, as any list says."""
    incident(desk)
    add(desk, "--owner", "alice", "--due", "2098-01-06")
    assert desk.type("remediation", "accept-risk", "R1", "--until", "2099-01-06", "--why", "rare").code == 3
    desk.me("dora")
    assert desk.type("remediation", "accept-risk", "R1", "--until", "2001-01-01", "--why", "rare").code == 2
    assert desk.type("remediation", "accept-risk", "R1", "--until", "2099-01-06").code == 2
    login(monkeypatch, "dora@elsewhere")
    said = desk.ok("remediation", "accept-risk", "R1", "--until", "2099-01-06", "--why", "rare").out
    assert "accepted risk until 2099-01-06" in said
    assert desk.ok("remediation", "list", "--json").json["items"] == []
    assert desk.ok("remediation", "list", "--json", "--as-of", "2099-01-05").json["items"] == []
    (later,) = desk.ok("remediation", "list", "--json", "--as-of", "2099-01-06").json["items"]
    assert (later["state"], later["overdue"]) == ("open", True)
    assert desk.type("remediation", "list", "--check", "--as-of", "2099-01-06").code == 1
    assert "run out" in desk.ok("remediation", "report", "--as-of", "2099-01-06").out
    assert "accepted until 2099-01-06" in desk.ok("remediation", "list", "--as-of", "2099-01-06").out


def test_a_factor_that_came_back(desk: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another analysis has it: refresh, check and add say so; a person opens the old item, by name."""
    first = incident(desk)
    add(desk, "--factor", "F1", "--owner", "bob", "--incident", first)
    desk.ok("remediation", "done", f"{first}/R1", "--evidence", "[entry 3]")
    login(monkeypatch, "dora@elsewhere")
    desk.me("dora")
    desk.ok("remediation", "verify", f"{first}/R1")
    second = incident(desk)
    desk.me("finn")
    assert f"psfir remediation reopen {first}/R1 --same-as {second}/F1" in desk.ok("rca", "refresh", second).err
    repeated = [one for one in desk.type("rca", "check", second, "--json").json["lacks"] if one["rule"] == "repeat"]
    assert len(repeated) == 1
    told = desk.ok("remediation", "add", "Once more", "--incident", second, "--factor", "F1", "--json")
    assert told.json["came_back"] == [{"item": f"{first}/R1", "factor": f"{second}/F1"}]
    both = " and ".join(sorted([f"{first}/F1", f"{second}/F1"]))
    assert both in desk.ok("remediation", "list", "--repeat-factors").out
    desk.ok("remediation", "add", "And", "--incident", second, "--factor", "F1", "--same-as", f"{first}/F1")
    opened_again = desk.ok("remediation", "list", first, "--json").json["items"][0]
    assert (opened_again["state"], opened_again["reopened"]) == ("open", 1)
    assert desk.ok("rca", "refresh", second).err == ""


def test_the_analysis_reads_from_the_items(desk: Keyboard) -> None:
    """A factor is uncovered until an item answers it; the block shows roles; who reviews is no responder for it."""
    name = incident(desk)
    desk.me("finn")

    def rules() -> list[tuple[str, str]]:
        return [(one["rule"], one["says"]) for one in desk.type("rca", "check", name, "--json").json["lacks"]]

    assert [says[:2] for rule, says in rules() if rule == "uncovered"] == ["F1", "F2"]
    add(desk, "--factor", "F1")
    assert [says for rule, says in rules() if rule == "item"] == ["R1 has no owner", "R1 has no verification"]
    desk.me("gita")
    desk.ok("remediation", "take", "R1", "--owner", "bob", "--verify", "bob runs the drill")
    assert [says[:2] for rule, says in rules() if rule == "uncovered"] == ["F2"]
    assert [rule for rule, _ in rules() if rule in {"item", "facilitator"}] == []
    desk.ok("rca", "refresh", name)
    (path,) = (desk.root / "reviews").iterdir()
    block = re.search(r"begin remediation .*?-->\n(.*?)<!-- psfir:end", path.read_text(), re.DOTALL)
    assert block
    assert "| `R1` | Hold prompts back until they are evaluated | F1 | on call |" in block[1]
    assert "on call runs the drill" in block[1]
    assert "bob" not in block[1]


def test_overdue_is_said_where_people_look(desk: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    """`psfir` alone and `psfir status` count it, also of an incident that is closed."""
    name = incident(desk)
    add(desk, "--owner", "bob")
    monkeypatch.setattr("psfir.app.clock.RealClock.now", lambda _: datetime(2099, 1, 1, tzinfo=UTC))
    assert desk.ok("status", "--json").json["remediation_overdue"] == 1
    assert "1 remediation item is overdue" in desk.ok("status").out
    waiting = [one for one in desk.ok("--json").json["waiting"] if "remediation" in one["what"]]
    assert [(one["command"], one["whom"]) for one in waiting] == [
        (f"psfir remediation list {name} --overdue", "ask bob")
    ]


def test_a_table_for_spreadsheets(desk: Keyboard) -> None:
    """What somebody called an item is text there."""
    incident(desk)
    desk.ok("remediation", "add", "=HYPERLINK(1)")
    (row,) = csv.DictReader(StringIO(desk.ok("remediation", "list", "--csv").out))
    assert row["title"] == "'=HYPERLINK(1)"
    assert row["priority"] == "p1"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("take", "R7"), "did you mean"),
        (("take", "seven"), "is no item"),
        (("add", "X", "--factor", "F9"), "has no factor"),
        (("add", "X", "--owner", "bobb"), "did you mean bob"),
        (("add", "X", "--due", "tomorrow"), "is no day"),
        (("add", "X", "--due", "2001-01-01"), "is over"),
        (("add", "X", "--tracker", "ticket 7"), "is no link"),
        (("add", " "), "needs a title"),
        (("add", "X", "--same-as", "nowhere"), "without a factor"),
        (("block", "R1"), "needs a reason"),
        (("list", "--as-of", "soon"), "is no day"),
    ],
)
def test_bad_words_get_a_sentence(desk: Keyboard, words: tuple[str, ...], says: str) -> None:
    """What is wrong, and what was probably meant; nothing is written."""
    incident(desk)
    add(desk)
    before = desk.ok("remediation", "list", "--json").json
    done = desk.type("remediation", *words)
    assert done.code == 2, done
    assert says in done.err
    assert desk.ok("remediation", "list", "--json").json == before


def test_who_may(desk: Keyboard) -> None:
    """Comms may note and so may add; a risk is for reviewers; nobody unknown does anything."""
    incident(desk)
    desk.me("carol")
    add(desk)
    assert desk.type("remediation", "accept-risk", "R1", "--until", "2099-01-06", "--why", "rare").code == 3
    desk.me("stranger")
    assert desk.type("remediation", "add", "X").code == 3
