"""What a sound file comes to, value by value."""

from datetime import date
from pathlib import Path

import pytest

from psfir.domain.budget import worst_case
from psfir.domain.modes import Autonomy, Mode, PlanCase
from psfir.domain.people import DEFAULT_ROLES, Deed, Person, Seat
from psfir.domain.playbook import PlaybookStep
from psfir.domain.runbook import ApprovalRule, CaptureUse, OnFailure, ProbeUse, from_json, to_json
from psfir.domain.system import Connection, System
from psfir.loading.playbook import load_playbook
from psfir.loading.runbook import load_runbook
from psfir.loading.settings import load_settings
from psfir.loading.workspace import load_workspace
from tests.loading.desk import BOOK, PLAY, swapped

GOOD = Path(__file__).parent / "good"


def test_every_key_of_a_runbook() -> None:
    """Spans become seconds, words become members, and JSON stays what YAML 1.2 says it is."""
    book = load_runbook(GOOD / "runbook-all-keys.yaml")
    assert (book.id, book.title, book.mode) == ("bot-off.v2_1", 'Off: "all" of it', Mode.ISOLATE)
    assert book.covers == (PlanCase.HARMFUL_OUTPUT, PlanCase.MODEL_FAILURE)
    assert (book.deadline, book.deadline_reason) == (1200.0, "The regulator asks for a second person")
    assert book.approval == ApprovalRule(kill=2, restore=3, within=90, expires=1800, mistake=600, signed=True)
    assert (book.playbook, book.on_failure, book.alters_evidence) == ("harm", OnFailure.STOP, True)
    assert book.capture == (CaptureUse("memory", {"connection": "estate", "switch": "bot"}, 2.0),)
    first, second = book.steps
    rung = first.ladder[0]
    assert (rung.lever, rung.within, rung.retries, rung.connection) == ("memory.switch", 90.0, 2, "estate")
    assert rung.set == {
        "on": False,
        "tools": [],
        "note": "no",
        "depth": 1.5,
        "empty": None,
        "nested": {"a": [1, -2, True]},
    }
    assert (second.after, second.title, second.ladder[0].within) == (("first",), "", 0.1)


def test_probes_without_an_id_are_named_for_their_probe() -> None:
    """And numbered where that is taken; what is left out has the default of the words."""
    seen, plain, third = load_runbook(GOOD / "runbook-all-keys.yaml").verify
    assert (seen.id, seen.times, seen.every, seen.each, seen.within, seen.soak) == ("seen", 3, 0.25, 2.0, 30.0, 0.0)
    assert (plain.id, third.id) == ("memory", "memory-2")
    assert plain == ProbeUse("memory", "memory", plain.target, plain.expect)


def test_a_loaded_runbook_survives_the_record() -> None:
    """What a resumed run reads back is what was loaded, with the same worst case."""
    book = load_runbook(GOOD / "runbook-all-keys.yaml")
    again = from_json(to_json(book))
    assert again == book
    assert worst_case(again) == worst_case(book)


def test_every_key_of_a_workspace() -> None:
    """People, roles beside the default ones, systems, and connections with references in place of secrets."""
    words = load_workspace(GOOD / "workspace-all-keys.yaml")
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ ada@laptop"
    ada = Person("ada", "Ada Exämple", ("on_call", "firefighter"), "ada@example.com", "U012AB3CD", (key,))
    assert words.team.people == {"ada": ada}
    assert words.team.roles == {**DEFAULT_ROLES, "firefighter": frozenset({Deed.KILL, Deed.DECLARE})}
    assert words.connections["estate"] == Connection(
        "estate", "memory", {"path": ".psfir/estate.json"}, {}, "own", "office", ("path",)
    )
    gateway = words.connections["gw"]
    assert gateway.secrets == {
        "token": "env:GATEWAY_TOKEN",
        "headers.X-Api-Key": "file:/run/secrets/key",
        "headers.X-Two": "keyring:psfir/two",
    }
    assert gateway.settings == {
        "url": "https://gateway.example.com/v1",
        "headers": ["X-Api-Key", "X-Two"],
        "redirects": ["other.example.com"],
        "replicas": ["https://a.example.com", "https://b.example.com"],
        "timeout": 5.0,
        "plain_http": False,
    }
    assert words.systems["bot"] == System(
        "bot",
        "Bot",
        "ada",
        Autonomy.AUTONOMOUS,
        agentic=True,
        vendors=("acme",),
        audiences=("customers",),
        runbooks={Mode.DISABLE: "bot-off"},
        labels={"team": "blue"},
    )
    assert (words.name, words.store) == ("Works", ".psfir/other.sqlite3")


def test_an_overlay_re_points_a_connection_and_nothing_else() -> None:
    """The rest of psfir.yaml stays as it is."""
    plain = load_workspace(GOOD / "workspace-all-keys.yaml")
    moved = load_workspace(GOOD / "workspace-all-keys.yaml", overlay=GOOD / "connections.yaml")
    assert moved.connections["estate"] == Connection(
        "estate", "memory", {"path": "/elsewhere/estate.json"}, files=("path",)
    )
    assert moved.connections["gw"] == plain.connections["gw"]
    assert (moved.team, moved.systems, moved.store) == (plain.team, plain.systems, plain.store)


def test_settings() -> None:
    """Who one is and where one's workspace is."""
    found = load_settings(GOOD / "settings.yaml")
    assert (found.me, found.workspace) == ("ada", "~/ops")


def test_a_playbook() -> None:
    """Steps in order, with the words to say and the details under the same id."""
    book = load_playbook(GOOD / "playbook.md")
    assert (book.id, book.covers) == ("harm", (PlanCase.HARMFUL_OUTPUT, PlanCase.DATA_LEAKAGE))
    assert (book.last_reviewed, book.last_tested) == (date(2026, 1, 31), date(2026, 3, 2))
    stop, tell = book.steps
    assert stop.text == "Switch it off, e.g. with `psfir kill bot | tee out`"
    assert (stop.id, stop.seat, stop.due) == ("stop", Seat.OPS_LEAD, 180.0)
    assert tell == PlaybookStep("tell", "Tell people", Seat.COMMS_LEAD, 5400.0, detail="Then that.")


def test_code_in_the_details_is_no_heading_and_no_step() -> None:
    """What stands between fences, and a box of one's own, belong to the details."""
    detail = load_playbook(GOOD / "playbook.md").steps[0].detail
    assert detail.startswith("First this.")
    assert "## not a heading\n### stop\n- [ ] no | step | due 1m | at all" in detail
    assert detail.endswith("- [ ] a box of its own")


def test_quotes_within_the_words_to_say() -> None:
    """They are read as they are written between the outer ones."""
    assert load_playbook(GOOD / "playbook.md").steps[0].say in {
        'I switch it off: "now".',
        'I switch it off: \\"now\\".',
    }


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path, end: str) -> None:
    """A file saved on another machine says the same, and its digest is the same."""
    runbook, playbook = tmp_path / "off.yaml", tmp_path / "harm.md"
    runbook.write_bytes(b"\xef\xbb\xbf" + BOOK.replace("\n", end).encode())
    playbook.write_bytes(b"\xef\xbb\xbf" + PLAY.replace("\n", end).encode())
    (tmp_path / "plain.yaml").write_text(BOOK)
    (tmp_path / "plain.md").write_text(PLAY)
    assert load_runbook(runbook) == load_runbook(tmp_path / "plain.yaml")
    assert load_playbook(playbook) == load_playbook(tmp_path / "plain.md")


def test_a_changed_word_changes_the_digest_of_a_playbook(tmp_path: Path) -> None:
    """Trailing spaces do not; what a person reads does."""
    (tmp_path / "plain.md").write_text(PLAY)
    (tmp_path / "spaced.md").write_text(PLAY.replace("First this.\n", "First this.   \n"))
    (tmp_path / "other.md").write_text(swapped(PLAY, {"First this": "First that"}))
    plain, spaced, other = (load_playbook(tmp_path / f"{n}.md").digest for n in ("plain", "spaced", "other"))
    assert plain == spaced != other
