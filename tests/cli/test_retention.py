"""`psfir retention` and `psfir hold` as people type them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.app.incident_kit import at_work
from tests.app.kept_kit import file_of, legal, over
from tests.cli.keyboard import Keyboard


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    """Emma's. The incident is over since 2026-11-21; what is past depends on the day on which this test runs."""
    keyboard = Keyboard(tmp_path, capsys, monkeypatch)
    over(legal(keyboard.root))
    keyboard.me("emma")
    return keyboard


def test_the_list_says_what_is_there_and_until_when(desk: Keyboard) -> None:
    """In a row for each incident and kind, and whole as JSON; it touches nothing."""
    (one,) = desk.ok("retention", "list", "--json").json["files"]
    assert (one["thing"], one["days"], one["until"]) == ("evidence", 30, "2026-12-21T03:12:00+00:00")
    past = datetime.now(UTC) >= datetime.fromisoformat(one["until"])
    assert one["past"] is past
    out = desk.ok("retention", "list").out
    assert f"{one['incident']}  1 x evidence" in out
    assert f"{int(past)} of 1 files are past their time" in out


def test_a_hold_from_its_letter_to_its_end(desk: Keyboard) -> None:
    """Placed, seen in the list, in the timeline and in the way of an erasure; then released."""
    (incident,) = desk.session().incidents()
    desk.me("alice")
    assert desk.type("hold", "place", "smith", incident.id, "--why", "x").code == 3
    desk.me("emma")
    assert desk.type("hold", "place", "smith", "--why", "x").code == 2
    assert desk.type("hold", "place", "smith", incident.id, "--all", "--why", "x").code == 2
    placed = desk.ok("hold", "place", "smith", incident.id[-6:], "--why", "letter of 20 November", "--json").json
    assert [(one["hold"], one["incident"], one["why"]) for one in placed["holds"]] == [
        ("smith", incident.id, "letter of 20 November")
    ]
    assert "HELD by smith" in desk.ok("retention", "list").out
    assert "LEGAL HOLD smith" in desk.ok("incident", "show", incident.id).out
    assert desk.ok("retention", "apply", "--yes").out == "nothing is past its time\n"
    refused = desk.type("audit", "erase", "4", "--reason", "asked for", "--yes")
    assert (refused.code, "psfir hold release smith" in refused.err) == (3, True)
    assert "smith: " in desk.ok("hold", "list").out
    assert desk.ok("hold", "release", "smith", "--why", "settled").out == "nothing is held\n"


def test_what_is_past_goes_after_a_yes(desk: Keyboard) -> None:
    """A yes that nobody can give here is none."""
    (incident,) = desk.session().incidents()
    path = file_of(desk.session(), incident)
    content = path.read_bytes()
    desk.ok("audit", "erase", str(evidence(desk)), "--reason", "asked for", "--yes")
    path.write_bytes(content)  # as after a crash between tombstone and file, which makes it past on any day
    refused = desk.type("retention", "apply")
    assert (refused.code, "nobody here to ask" in refused.err, path.exists()) == (2, True, True)
    desk.me("alice")
    assert desk.type("retention", "apply", "--yes").code == 3
    desk.me("emma")
    assert "1 file is gone; the record says which" in desk.ok("retention", "apply", "--yes").out
    assert not path.exists()
    assert desk.ok("audit", "verify").code == 0


def test_erasing_evidence_says_what_went(desk: Keyboard) -> None:
    """With its digest for programs."""
    seq = str(evidence(desk))
    said = desk.ok("audit", "erase", seq, "--reason", "asked for", "--request", "dsar-1", "--yes", "--json").json
    (gone,) = said["discarded"]
    assert (gone["thing"], gone["name"], said["tombstones"]) == ("evidence", "chat.json", [])
    out = desk.ok("incident", "show").out
    assert "evidence chat.json, 32 bytes, " in out
    assert "was discarded: asked for (request dsar-1)" in out


def evidence(desk: Keyboard) -> int:
    """The number of the entry about it."""
    entries = at_work(desk.root).journal.read()
    return next(entry.seq for entry in entries if entry.kind == "evidence.captured")
