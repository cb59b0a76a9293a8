"""The odds of a system, and what a record tells of a team's own times: from kills that were really carried out."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from psfir.app.simulate import Luck, simulate, write_page
from psfir.domain import instants
from psfir.domain.kinds import Kind
from psfir.domain.modes import Mode
from psfir.errors import UsageError
from psfir.rehearsal import deeds
from psfir.rehearsal.odds.history import history
from tests.cli.keyboard import Keyboard
from tests.rehearsal.afterwards import FUNCTIONAL, kept
from tests.rehearsal.plays import play
from tests.rehearsal.runs import EPOCH, Drill

FEW = Luck(500, 0)


@pytest.fixture
def board(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    """A workspace as init lays it out; its kills wait for nothing."""
    board = Keyboard(tmp_path / "kit", capsys, monkeypatch)
    board.ok("init", str(tmp_path / "work"))
    board.root = tmp_path / "work"
    book = board.root / "runbooks" / "support-assistant-disable.yaml"
    book.write_text(book.read_text().replace("soak: 2s", "soak: 0s").replace("every: 250ms", "every: 10ms"))
    monkeypatch.setenv("PSFIR_WORKSPACE", str(board.root))
    board.me("ada")
    return board


def test_a_record_without_incidents_tells_nothing(board: Keyboard) -> None:
    """All is assumed, and nothing is written."""
    session = board.session("ada")
    done = simulate(session, "support-assistant", luck=FEW)
    assert done.history == history(())
    assert done.book.id == "support-assistant-disable"
    assert list(session.journal.read()) == []


def test_a_kill_tells_its_times(board: Keyboard) -> None:
    """Declared minutes after its trigger; each rung pulled and proven; the probes seen to hold."""
    board.ok("incident", "declare", "support-assistant", "--since", "4m")
    board.ok("kill", "support-assistant", "--yes", "--reason", "x")
    seen = simulate(board.session("ada"), "support-assistant", luck=FEW).history
    assert list(seen.declared) == pytest.approx([240.0], abs=5)
    assert seen.tries == {"memory.switch": (0, 2)}
    assert len(seen.pulls["memory.switch"]) == 2
    assert all(0 <= seconds < 10 for seconds in seen.pulls["memory.switch"])
    assert len(seen.settled[False]) == 1


def test_what_was_one_command_times_nobody(board: Keyboard) -> None:
    """A kill that declares its own incident was not preceded by a declaration, nor by a decision after one."""
    board.ok("kill", "support-assistant", "--yes", "--reason", "x")
    seen = history(board.session("ada").journal.read())
    assert (seen.declared, seen.decided, seen.agreed) == ((), (), ())


def test_what_somebody_decided_is_timed_from_the_declaration(board: Keyboard) -> None:
    """To the plan that was agreed to; told with entries as the journal holds them, later ones moved on."""
    board.ok("incident", "declare", "support-assistant")
    board.ok("kill", "support-assistant", "--yes", "--reason", "x")
    later = timedelta(seconds=90)
    entries = list(board.session("ada").journal.read())
    moved = [
        one if one.kind == Kind.DECLARED else replace(one, at=instants.write(instants.read(one.at) + later))
        for one in entries
    ]
    assert list(history(moved).decided) == pytest.approx([90.0], abs=5)


def test_what_fails_and_what_was_put_back_are_told_apart(board: Keyboard) -> None:
    """A restore is no pull; a rung that another one had to stand in for failed."""
    board.ok("kill", "support-assistant", "--yes", "--reason", "x")
    entries = list(board.session("ada").journal.read())
    broken = [
        replace(one, data={**(one.data or {}), "result": "failed"}) if one.kind == Kind.ENDED else one
        for one in entries
    ]
    assert history(broken).tries == {"memory.switch": (2, 2)}
    assert history(broken).pulls == {}
    erased = [replace(one, data=None) for one in entries]
    assert history(erased) == history(())


def test_a_mode_or_a_runbook_can_be_named(board: Keyboard) -> None:
    """As with `psfir kill`; what does not exist is refused with the near miss."""
    session = board.session("ada")
    assert simulate(session, "", luck=FEW, mode=Mode.DEGRADE).book.mode is Mode.DEGRADE
    named = simulate(session, "support-assistant", luck=FEW, book="support-assistant-isolate")
    assert named.book.id == "support-assistant-isolate"
    with pytest.raises(UsageError, match="support-asistant"):
        simulate(session, "support-asistant", luck=FEW)


def test_a_page_that_cannot_be_written_is_a_sentence(board: Keyboard, tmp_path: Path) -> None:
    done = simulate(board.session("ada"), "support-assistant", luck=FEW)
    with pytest.raises(UsageError, match="cannot be written"):
        write_page(tmp_path / "nowhere" / "page.html", done)


def rehearsed(tmp_path: Path, *, speed: int = 1) -> Drill:
    """A drill in which an incident is declared four minutes after its trigger, in the words of a real record."""
    drill = Drill(play(tmp_path, FUNCTIONAL))
    if speed != 1:
        drill.do(deeds.speed(drill.state, Fraction(speed), by="fay"))
    began = instants.write(EPOCH + timedelta(microseconds=drill.real))
    drill.wait(240)
    trigger = {"at": began, "source": "pager"}
    drill.happens(Kind.DECLARED, systems=["support-assistant"], severity="sev2", case="", trigger=trigger)
    drill.wait(4000)
    return drill


def test_a_drill_tells_how_long_people_take(board: Keyboard, tmp_path: Path) -> None:
    """Of a drill on the range in real time; not compressed, no tabletop, none that cannot be read."""
    kept(board.root, rehearsed(tmp_path))
    kept(board.root, rehearsed(tmp_path, speed=4), run="RUN-20270116-faster")
    kept(board.root, rehearsed(tmp_path), run="RUN-20270117-tables", level="tabletop")
    broken = kept(board.root, rehearsed(tmp_path), run="RUN-20270118-broken")
    (broken / "scenario.yaml").write_text("nothing")
    seen = simulate(board.session("ada"), "support-assistant", luck=FEW).history
    assert seen.declared == (240.0,)
    assert (seen.pulls, seen.tries) == ({}, {})
