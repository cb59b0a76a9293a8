"""`psfir drill report`: from the folder of a run to a page, and from what went wrong to somebody's task."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from psfir.domain.canon import digest_bytes
from psfir.domain.kinds import Kind
from psfir.domain.message import Audience, Message, Phase
from tests.cli.keyboard import Keyboard
from tests.rehearsal.afterwards import FUNCTIONAL, good, kept, poor
from tests.rehearsal.plays import FULL, play
from tests.rehearsal.recorded import drill, left_in_record
from tests.rehearsal.runs import Drill

RUN = "RUN-20270115-k7q2xa"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    """At work where reports are to be written."""
    keyboard = Keyboard(tmp_path / "work", capsys, monkeypatch)
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    return keyboard


def test_the_newest_run_is_reported(desk: Keyboard, tmp_path: Path) -> None:
    """As Markdown beside one, with the rating and what it says about the 15 minutes."""
    kept(desk.root, poor(tmp_path), run="RUN-20270114-zzzzzz")
    late = good(tmp_path)
    late.log = [type(one)(one.seq, one.real + 10**12, one.kind, one.by, one.data) for one in late.log]
    kept(desk.root, late)
    done = desk.ok("drill", "report")
    assert f"{RUN}: Something is odd" in done.out
    assert f"all of it: {RUN}.md" in done.out
    page = Path(f"{RUN}.md").read_text(encoding="utf-8")
    assert page.startswith("# After-action report: Something is odd\n\n**EXERCISE EXERCISE EXERCISE**\n")
    told = desk.ok("drill", "report", "zzzzzz", "--json").json
    assert (told["run"], told["rating"], told["in_time"]) == ("RUN-20270114-zzzzzz", "U", False)
    assert told["seconds"]["declare"] == 400


def test_each_format_is_written_and_the_same_again(desk: Keyboard, tmp_path: Path) -> None:
    """Markdown, a page, Word and PDF: asked for again, the same bytes."""
    kept(desk.root, good(tmp_path))
    for form, begins in (("md", b"# After"), ("html", b"<!doctype html>"), ("docx", b"PK"), ("pdf", b"%PDF")):
        for name in ("a", "b"):
            desk.ok("drill", "report", RUN, "--format", form, "-o", f"{name}.{form}")
        content = Path(f"a.{form}").read_bytes()
        assert content.lower().startswith(begins.lower())
        assert content == Path(f"b.{form}").read_bytes()
    word = ZipFile(BytesIO(Path("a.docx").read_bytes())).read("word/document.xml").decode()
    assert "What was not really executed" in word
    assert "within the 15 minutes" in word


def test_a_functional_scenario_played_as_a_tabletop_is_one(desk: Keyboard, tmp_path: Path) -> None:
    """The level of the run counts, not that of the file."""
    kept(desk.root, good(tmp_path), level="tabletop")
    told = desk.ok("drill", "report", "--json").json
    assert (told["level"], told["in_time"]) == ("tabletop", False)


def test_answers_are_kept_beside_the_log(desk: Keyboard, tmp_path: Path) -> None:
    """The log stays as it was; a question that was not asked is refused."""
    folder = kept(desk.root, good(tmp_path))
    before = (folder / "log.jsonl").read_bytes()
    desk.ok("drill", "report", "--answer", "1", "A probe,\nnot the dashboard")
    desk.ok("drill", "report", "--answer", "1", "The phone")
    assert "A probe, not the dashboard; The phone" in Path(f"{RUN}.md").read_text(encoding="utf-8")
    assert (folder / "log.jsonl").read_bytes() == before
    assert "there is no question 3" in desk.type("drill", "report", "--answer", "3", "x").err
    assert desk.type("drill", "report", "--answer", "1", " ").code == 2


def test_improvements_become_remediation_items_once(
    desk: Keyboard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With owner, day and how to verify; they are worked on like all others, and no incident comes of them."""
    kept(desk.root, poor(tmp_path))
    added = desk.ok("drill", "report", "--add-remediation", "--json").json["added"]
    assert added == [f"{RUN}/R1", f"{RUN}/R2", f"{RUN}/R3"]
    listed = desk.ok("remediation", "list", RUN, "--json").json["items"]
    assert [(one["owner"], one["priority"]) for one in listed] == [("alice", "p0"), ("alice", "p1"), ("alice", "p2")]
    assert listed[0]["title"] == "Make sure of this: contained, and proven by probes"
    page = Path(f"{RUN}.md").read_text(encoding="utf-8")
    assert f"| {RUN}/R1 | alice | {listed[0]['due']} |" in page
    again = desk.ok("drill", "report", "--add-remediation")
    assert "every improvement is an item already" in again.out
    assert len(desk.ok("remediation", "list", "--json").json["items"]) == 3
    desk.ok("remediation", "take", f"{RUN}/R1", "--owner", "bob", "--due", "2099-01-05")
    desk.me("bob")
    desk.ok("remediation", "done", f"{RUN}/R1", "--evidence", "https://ci.example.com/1")
    desk.me("dora")
    monkeypatch.setattr("psfir.app.identity.login", lambda: "dora")
    assert "verified" in desk.ok("remediation", "verify", f"{RUN}/R1").out
    assert desk.ok("incident", "list", "--all", "--json").json["incidents"] == []
    assert desk.ok().err == ""


def test_words_of_messages_are_looked_through(desk: Keyboard, tmp_path: Path) -> None:
    """Lint of the messages that were drafted in the drill stands in the report, and in the improvement plan."""
    drill = Drill(play(tmp_path, FUNCTIONAL))
    drill.wait(60)
    body = "EXERCISE EXERCISE EXERCISE\n\nWrite to ada@elsewhere.invalid for order 1234567."
    message = Message("M1", "INC-1", Audience.CUSTOMERS, Phase.HOLDING, "en", "", "An update", body)
    drill.happens(Kind.DRAFTED, message=message.to_json(), digest=message.digest, **{"class": "draft"})
    drill.wait(4000)
    kept(desk.root, drill)
    desk.ok("drill", "report")
    page = Path(f"{RUN}.md").read_text(encoding="utf-8").replace("\\", "")
    assert "| M1 | error | personal-data |" in page
    assert "Mend the templates, or how they are filled: personal-data" in page


def test_what_cannot_be_read_is_said(desk: Keyboard, tmp_path: Path) -> None:
    """No run at all, a run that nobody knows, a torn end that is none, and a line that is broken."""
    assert "no drill was run here yet" in desk.type("drill", "report").err
    folder = kept(desk.root, good(tmp_path, FULL), FULL)
    assert "there is no run nine" in desk.type("drill", "report", "nine").err
    log = folder / "log.jsonl"
    whole = log.read_bytes()
    log.write_bytes(whole + b'{"seq": 99, "re')
    desk.ok("drill", "report")
    log.write_bytes(whole.replace(b'"kind"', b'"kin"', 3))
    broken = desk.type("drill", "report", RUN)
    assert (broken.code, "line 1 of the drill's log cannot be read" in broken.err) == (1, True)


def test_a_log_that_is_not_what_was_recorded_is_said(desk: Keyboard, tmp_path: Path) -> None:
    """The live record holds its digest; without an entry there, nothing is known."""
    folder = kept(desk.root, good(tmp_path))
    digests = {"log_digest": digest_bytes((folder / "log.jsonl").read_bytes())}
    digests["scenario_digest"] = digest_bytes((folder / "scenario.yaml").read_bytes())
    left_in_record(desk.session(), drill(date(2027, 1, 15), run=RUN, **digests))
    assert desk.ok("drill", "report").err == ""
    (folder / "log.jsonl").write_bytes((folder / "log.jsonl").read_bytes().replace(b'"fay"', b'"eve"', 1))
    said = " ".join(desk.ok("drill", "report").err.split())
    assert f"the log of {RUN} is not what the record of this workspace holds the digest of" in said
