"""What people do in a drill: in every state what makes sense, and otherwise a sentence why not."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from psfir.errors import PsfirError, Refusal, UsageError
from psfir.rehearsal import deeds
from psfir.rehearsal.inject import PlayerInject
from psfir.rehearsal.log import CARRIES, LogDraft, LogEntry, LogKind
from psfir.rehearsal.state import DrillState, Stage, fold
from psfir.rehearsal.words import Axis, Met, Rating
from tests.rehearsal.plays import play
from tests.rehearsal.runs import Drill

Deed = Callable[[DrillState], LogDraft]
BY = {"by": "fay", "why": "because"}

DEEDS: dict[str, Deed] = {
    "pause": lambda s: deeds.pause(s, by="fay"),
    "speed": lambda s: deeds.speed(s, Fraction(3, 2), by="fay"),
    "fire": lambda s: deeds.fire(s, "extra", at=5, by="fay", why="now"),
    "skip": lambda s: deeds.skip(s, "extra", at=5, by="fay", why="not now"),
    "hold": lambda s: deeds.hold(s, "doubt", by="fay", why="later"),
    "add": lambda s: deeds.add(s, PlayerInject("One more.", to=("desk",)), by="fay"),
    "hint": lambda s: deeds.hint(s, "first", by="fay"),
    "settle": lambda s: deeds.settle(s, "declared", Met.WAIVED, by="fay", why="said aloud"),
    "observe": lambda s: deeds.observe(s, Rating.S, "calm", by="eve", axis=Axis.RESPOND, inject="first"),
    "join": lambda s: deeds.join(s, "desk", "dee"),
    "abort": lambda s: deeds.abort(s, by="ada", why="it is real"),
}


@pytest.fixture
def drill(tmp_path: Path) -> Drill:
    drill = Drill(play(tmp_path))
    drill.wait(1)
    return drill


@pytest.mark.parametrize("paused", [False, True], ids=["running", "paused"])
@pytest.mark.parametrize("name", DEEDS)
def test_all_of_it_works_running_and_paused(drill: Drill, name: str, *, paused: bool) -> None:
    """And leaves its entry, from which the state is worked out again after a crash."""
    if paused:
        drill.do(deeds.pause(drill.state, by="fay"))
        if name == "pause":
            drill.do(deeds.resume(drill.state, by="fay"))
    before = drill.state
    drill.do(DEEDS[name](before))
    again = [LogEntry.from_json(one.to_json()) for one in drill.log]
    assert fold(drill.scenario, again) == drill.state != before
    assert set(drill.log[-1].data) <= {word.strip(": ") for word in _carried(drill.log[-1].kind)}


def _carried(kind: LogKind) -> list[str]:
    return [*(part.split(":")[0] for part in CARRIES[kind].split(",")), "why", "says"]


REFUSED: dict[str, tuple[Deed, type[PsfirError], str]] = {
    "fired twice": (lambda s: deeds.fire(s, "first", at=5, **BY), Refusal, "fired already"),
    "skipped once seen": (lambda s: deeds.skip(s, "first", at=5, **BY), Refusal, "players have seen it"),
    "held once seen": (lambda s: deeds.hold(s, "first", **BY), Refusal, "nothing to hold"),
    "released": (lambda s: deeds.release(s, "doubt", by="fay"), Refusal, "nobody holds it"),
    "resumed": (lambda s: deeds.resume(s, by="fay"), Refusal, "is running"),
    "backwards": (lambda s: deeds.speed(s, Fraction(-1), by="fay"), UsageError, "no speed"),
    "no reason": (lambda s: deeds.hold(s, "doubt", by="fay", why=" "), UsageError, "needs a reason"),
    "no such inject": (lambda s: deeds.fire(s, "extr", at=5, **BY), UsageError, "no inject 'extr'"),
    "no such role": (lambda s: deeds.join(s, "lea", "ada"), UsageError, "no role 'lea'"),
    "a hint before": (lambda s: deeds.hint(s, "doubt", by="fay"), Refusal, "give it away"),
    "empty": (lambda s: deeds.add(s, PlayerInject(" "), by="fay"), UsageError, "says nothing"),
    "pending": (lambda s: deeds.settle(s, "declared", Met.PENDING, **BY), UsageError, "nothing that somebody"),
    "not asked yet": (lambda s: deeds.answer(s, "ask", "desk", ["Nothing"], by="dee"), Refusal, "nobody has asked"),
    "no question": (lambda s: deeds.answer(s, "first", "lead", ["x"], by="ada"), Refusal, "was not asked"),
}


@pytest.mark.parametrize(("deed", "error", "says"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused(drill: Drill, deed: Deed, error: type[PsfirError], says: str) -> None:
    """With a sentence."""
    with pytest.raises(error, match=says):
        deed(drill.state)


def test_before_and_after_nothing_can_be_done(drill: Drill) -> None:
    """Nobody fires, hints or aborts a drill that has not begun, or is over."""
    with pytest.raises(Refusal, match="has not begun"):
        deeds.fire(fold(drill.scenario, []), "extra", at=0, **BY)
    drill.wait(9999)
    for deed in DEEDS.values():
        with pytest.raises(Refusal, match="is over"):
            deed(drill.state)


def test_the_ladder_of_hints_has_an_end(drill: Drill) -> None:
    """One after the other, then no more."""
    for number in (1, 2):
        drill.do(deeds.hint(drill.state, "first", by="fay"))
        assert drill.state.hints[-1].number == number
    with pytest.raises(Refusal, match="no further hint"):
        deeds.hint(drill.state, "first", by="fay")


def test_an_answer_is_one_of_the_options_and_given_once(drill: Drill) -> None:
    """By a role that was asked."""
    drill.do(deeds.fire(drill.state, "ask", at=drill.at, **BY))
    for role, choice, says in (
        ("desk", ["Nothin"], "no answer"),
        ("desk", [], "one answer"),
        ("lead", ["Nothing"], "not asked"),
    ):
        with pytest.raises(PsfirError, match=says):
            deeds.answer(drill.state, "ask", role, choice, by="dee")
    drill.do(deeds.answer(drill.state, "ask", "desk", ["Nothing"], by="dee"))
    with pytest.raises(Refusal, match="answered already"):
        deeds.answer(drill.state, "ask", "desk", ["The truth"], by="dee")


def test_broken_off_it_stops_at_once(drill: Drill) -> None:
    """The clock stands, nothing comes any more, and nothing is called missed that had time left."""
    drill.do(deeds.abort(drill.state, by="ada", why="it is real"))
    drill.wait(9999)
    state = drill.state
    assert (state.aborted, state.clock.running) == (True, False)
    assert state.injects["doubt"].stage is Stage.WAITING
    assert state.expectations["stopped"].met is Met.PENDING


def test_every_kind_says_what_it_carries() -> None:
    """For whoever reads a log."""
    assert set(CARRIES) == set(LogKind)
