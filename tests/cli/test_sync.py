"""`psfir sync`: what a kill spooled while the record was away comes in, and is said."""

import fcntl
from pathlib import Path

import pytest

from psfir.domain.kinds import Kind
from psfir.records.spool import SpoolingJournal
from tests.app.incident_kit import opened
from tests.cli.keyboard import Keyboard


@pytest.fixture
def keyboard(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    return Keyboard(tmp_path, capsys, monkeypatch)


def spool(keyboard: Keyboard) -> str:
    """A note that was written while the record was away."""
    session = keyboard.session()
    incident = opened(session)
    journal = SpoolingJournal(None, keyboard.root / ".psfir" / "spool", last_resort=lambda _: None)
    journal.append([session.draft(incident.id, Kind.NOTE, {"text": "from the spool", "about": "note"})])
    journal.close()
    return incident.id


def test_nothing_waits(keyboard: Keyboard) -> None:
    """One sentence, exit code 0."""
    assert keyboard.ok("sync").out == "nothing was waiting\n"


def test_what_waited_comes_in(keyboard: Keyboard) -> None:
    """It is told once, and then it is in the record."""
    incident = spool(keyboard)
    done = keyboard.ok("sync")
    assert done.out.startswith("merged 1 entries from ")
    assert keyboard.session().incident(incident).notes[-1].text == "from the spool"
    assert keyboard.ok("sync").out == "nothing was waiting\n"


def test_what_cannot_come_in_yet_is_said(keyboard: Keyboard) -> None:
    """A spool whose writer is alive stays, and exit code 1 says that something waits."""
    folder = keyboard.root / ".psfir" / "spool"
    folder.mkdir(parents=True)
    with (folder / "1.jsonl").open("w") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        done = keyboard.type("sync")
    assert done.code == 1
    assert "1.jsonl still waits" in done.out


def test_the_json(keyboard: Keyboard) -> None:
    """What came in, what waits, and the head of the record."""
    spool(keyboard)
    said = keyboard.ok("sync", "--json").json
    assert sorted(said) == ["head", "merged", "overlaps", "schema", "waiting"]
    assert [one["count"] for one in said["merged"]] == [1]
