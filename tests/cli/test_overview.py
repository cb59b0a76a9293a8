"""`psfir` alone: the first thing anybody types."""

from pathlib import Path

import pytest

from psfir.domain.plan import Verb
from tests.app.incident_kit import opened, plan, planned, ran
from tests.cli.keyboard import Keyboard


@pytest.fixture
def keyboard(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    return Keyboard(tmp_path / "work", capsys, monkeypatch)


def test_outside_a_workspace_two_lines_say_how_to_begin(
    keyboard: Keyboard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no error to have none yet."""
    monkeypatch.delenv("PSFIR_WORKSPACE")
    monkeypatch.chdir(tmp_path)
    done = keyboard.ok()
    assert len(done.out.splitlines()) == 2
    assert "psfir init" in done.out
    assert "psfir demo" in done.out
    assert keyboard.ok("--json").json == {"schema": "psfir.out.overview/1", "workspace": None, "next": "psfir init"}


def test_a_workspace_that_is_named_and_missing_is_an_error(keyboard: Keyboard, tmp_path: Path) -> None:
    """Somebody meant one."""
    done = keyboard.type("-w", str(tmp_path / "gone"))
    assert done.code == 2
    assert "holds no psfir.yaml" in done.err


def test_a_quiet_day(keyboard: Keyboard) -> None:
    """Nothing is open, and the next command kills."""
    assert keyboard.ok().out == "Test Works: nothing is open\nnext: psfir kill SYSTEM\n"


def test_what_is_open_what_waits_and_what_next(keyboard: Keyboard) -> None:
    """Mine apart from others', and one command to type."""
    session = keyboard.session()
    incident = ran(session, opened(session), plan(), verdict="partial")
    planned(session, incident, plan(Verb.RESTORE, containment="run-1"))
    keyboard.me("carol")
    said = keyboard.ok().out
    assert f"{incident.id}  sev2  OPEN" in said
    assert "Waits for you" in said
    assert "Waits for others\n  the restore of support-assistant has 0 of 2 yeses" in said
    assert said.splitlines()[-1] == f"next: psfir verify {incident.id}"


def test_somebody_unknown_is_told_so(keyboard: Keyboard) -> None:
    """And sees everything all the same."""
    session = keyboard.session()
    incident = opened(session)
    keyboard.me("")
    said = keyboard.ok().out
    assert incident.id in said
    assert "psfir does not know you" in said


def test_the_json(keyboard: Keyboard) -> None:
    """Its keys do not change unseen."""
    session = keyboard.session()
    ran(session, opened(session), plan(), end=False)
    said = keyboard.ok("--json").json
    keys = ["left", "me", "next", "open", "running", "schema", "waiting", "workspace"]
    assert sorted(said) == keys
    assert said["running"] == [{"incident": session.incident().id, "run": "run-1", "alive": False}]
    assert sorted(said["waiting"][0]) == ["command", "incident", "later", "mine", "what", "whom"]
    assert said["next"] == f"psfir resume {session.incident().id}"
