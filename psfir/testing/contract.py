"""What every lever is held to.

Subclass `LeverContract` in a test file, give it a fixture `harness`, run pytest:

class TestGate(LeverContract):
    @pytest.fixture
    def harness(self, tmp_path): return GateHarness(tmp_path)
"""

from __future__ import annotations

import copy
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from psfir.contracts import Lever, Target
from psfir.domain.about import Field, LeverAbout
from psfir.domain.canon import Json, canonical
from psfir.domain.change import Change, Held, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.errors import Declined, Denied, LeverError, NoAnswer, PsfirError, Refusal
from psfir.testing.example import load_example

WITHIN = 10.0
SHORT = 0.2
"""What a call gets of a vendor that hangs; it has to be back within this and `GRACE`."""

GRACE = 2.0
"""For a busy machine: what heeds no share hangs for as long as the vendor does."""

LOST = 0.4
"""What a pull gets whose answer never comes. Twice as much if it was over before the world had seen a write."""


class Harness(ABC):
    """One lever in a small world of its own. Everything is made anew for each test."""

    target: Target
    settings: Mapping[str, Json]
    mode: Mode = Mode.DISABLE
    pull: int = 1
    """How many writes one pull takes. A lever that must also hold back what would undo it takes more than one."""

    @abstractmethod
    def lever(self) -> Lever:
        """A new lever on the same world: what another process would make."""

    @abstractmethod
    def writes(self) -> int:
        """How many changes the world has seen from any lever. `disturb` does not count."""

    @abstractmethod
    def disturb(self) -> None:
        """Somebody else changes what the lever looks at, to what is neither before nor after."""

    @abstractmethod
    def lose_answer(self) -> None:
        """From now on the world carries out what it is told, and its answer never arrives. Looking goes well."""

    def find_answer(self) -> None:  # noqa: B027 - for most there is nothing to do
        """Answers arrive again. Needed where one pull takes several writes: the rest of them must go through."""

    @abstractmethod
    def hang(self) -> None:
        """From now on the world takes calls, looking too, and neither does anything nor answers."""


class LeverContract:
    """Each test states one promise of DESIGN's lever table."""

    def test_about_says_all_there_is_to_say(self, harness: Harness) -> None:
        """Help, lint, permissions and the plan are made from `about`: nothing in it may be left empty."""
        about = harness.lever().about
        empty = [name for name in _SAID if not getattr(about, name)]
        assert not empty, f"about leaves out {', '.join(empty)}"
        assert "." in about.name, "a lever is named vendor.thing"
        assert "\n" not in about.line, "`line` is one line"
        vague = [field.name for field in _fields(about) if not field.line]
        assert not vague, f"these fields have no line: {', '.join(vague)}"
        assert harness.mode in about.modes, "the harness uses a mode that the lever does not serve"

    def test_the_example_loads_and_plans(self, harness: Harness, tmp_path: Path) -> None:
        """The example rung in `about` is one that the loader takes and the lever can plan."""
        lever = harness.lever()
        rung = load_example(lever.about, tmp_path / "example.yaml")
        reading = lever.read(harness.target, within=WITHIN)
        planned = lever.plan(rung.target, reading, lever.about.modes[0], rung.set)
        assert isinstance(planned, Change | NothingToDo)

    def test_reading_changes_nothing(self, harness: Harness) -> None:
        """Two readings agree, and the world has seen no write."""
        one = harness.lever().read(harness.target, within=WITHIN)
        other = harness.lever().read(harness.target, within=WITHIN)
        assert one == other, "two readings of an untouched world differ"
        canonical(one.state)
        assert harness.writes() == 0, "reading wrote something"

    def test_planning_is_pure_and_stable(self, harness: Harness) -> None:
        """The same arguments give the same change, none of them is altered, and nothing is looked at."""
        lever = harness.lever()
        reading = lever.read(harness.target, within=WITHIN)
        before = copy.deepcopy((dict(harness.target), reading, dict(harness.settings)))
        harness.hang()
        begun = perf_counter()
        changes = [_planned(harness, each, reading) for each in (lever, lever, harness.lever())]
        assert perf_counter() - begun < GRACE, "planning looked at the world: it hung with it"
        assert changes[0] == changes[1] == changes[2], "planning the same twice gives two changes"
        assert (dict(harness.target), reading, dict(harness.settings)) == before, "planning altered what it was handed"
        assert harness.writes() == 0, "planning wrote something"

    def test_a_change_is_plain_json(self, harness: Harness) -> None:
        """Another process, years later, must be able to restore from it."""
        change = _change(harness)
        read_back = Change.from_json(json.loads(json.dumps(change.to_json())))
        assert read_back == change, f"as JSON it becomes {read_back}"
        assert change.lever == harness.lever().about.name, "a change names its lever"
        assert change.why, "a change says why"
        canonical(change.to_json())

    def test_nothing_to_do_is_said(self, harness: Harness) -> None:
        """Once the world is as wanted, planning says so in a sentence."""
        change = _apply(harness)
        reading = harness.lever().read(harness.target, within=WITHIN)
        planned = harness.lever().plan(harness.target, reading, harness.mode, harness.settings)
        assert isinstance(planned, NothingToDo), "planning wants to change what is so already"
        assert planned.why, "it says why there is nothing to do"
        _same(planned.after, change.after, "what there is already")

    def test_apply_then_read_is_after(self, harness: Harness) -> None:
        """What was planned is what is there afterwards, done by one write and seen by verify."""
        change = _change(harness)
        looked = harness.lever().verify(change, within=WITHIN)
        assert looked.held is Held.NOT_HELD, "verify holds before anything was done"
        outcome = harness.lever().apply(change, within=WITHIN)
        assert outcome.result is Result.CHANGED, f"apply: {outcome}"
        _state(harness, change.after, "after apply")
        looked = harness.lever().verify(change, within=WITHIN)
        assert looked.held is Held.HELD, f"verify does not hold after apply: {looked}"
        assert harness.writes() == harness.pull, f"apply took {harness.writes()} writes"

    def test_apply_twice_is_already_so(self, harness: Harness) -> None:
        """The second apply finds it done and touches nothing."""
        change = _apply(harness)
        outcome = harness.lever().apply(change, within=WITHIN)
        assert outcome.result is Result.ALREADY_SO, f"the second apply: {outcome}"
        assert harness.writes() == harness.pull, "the second apply wrote"

    def test_apply_refuses_a_drifted_world(self, harness: Harness) -> None:
        """Somebody changed it since the plan: apply refuses, and their change stands."""
        change = _change(harness)
        harness.disturb()
        _refused(harness, lambda lever: lever.apply(change, within=WITHIN))

    def test_restore_gives_before(self, harness: Harness) -> None:
        """Another process puts back exactly what was found, from the recorded change alone; doing it twice is once."""
        change = Change.from_json(json.loads(json.dumps(_apply(harness).to_json())))
        outcome = harness.lever().restore(change, within=WITHIN)
        assert outcome.result is Result.CHANGED, f"restore: {outcome}"
        _state(harness, change.before, "after restore")
        back = replace(change, before=change.after, after=change.before)
        looked = harness.lever().verify(back, within=WITHIN)
        assert looked.held is Held.HELD, f"verify after restore: {looked}"
        again = harness.lever().restore(change, within=WITHIN)
        assert again.result is Result.ALREADY_SO, f"the second restore: {again}"
        assert harness.writes() == 2 * harness.pull, f"apply and restore took {harness.writes()} writes"

    def test_restore_refuses_a_drifted_world(self, harness: Harness) -> None:
        """Somebody changed it since the kill: restore refuses, and their change stands."""
        change = _apply(harness)
        harness.disturb()
        _refused(harness, lambda lever: lever.restore(change, within=WITHIN))

    def test_a_lost_answer_is_unknown_and_resolved_by_reading(self, harness: Harness) -> None:
        """A write whose answer never came is unknown; reading tells what became of it, and it is not done twice."""
        change = _change(harness)
        harness.lose_answer()
        result = _lost(harness, change)
        assert result is Result.UNKNOWN, f"apply without an answer is {result}"
        if harness.pull == 1:
            _state(harness, change.after, "after a lost answer")
        harness.find_answer()
        again = harness.lever().apply(change, within=WITHIN)
        wanted = {Result.ALREADY_SO} if harness.pull == 1 else {Result.ALREADY_SO, Result.CHANGED}
        assert again.result in wanted, f"pulled again: {again}"
        _state(harness, change.after, "pulled again after a lost answer")
        assert harness.writes() == harness.pull, "a lost answer led to a second write"

    def test_no_call_outlasts_its_share(self, harness: Harness) -> None:
        """When the vendor hangs each call is back within its share, and none of them says that it went well."""
        change, deeds = _change(harness), harness.lever()
        harness.hang()
        calls: dict[str, Callable[[], object]] = {
            "read": lambda: deeds.read(harness.target, within=SHORT),
            "apply": lambda: deeds.apply(change, within=SHORT),
            "verify": lambda: deeds.verify(change, within=SHORT),
            "restore": lambda: deeds.restore(change, within=SHORT),
        }
        for name, call in calls.items():
            begun = perf_counter()
            try:
                said = call()
            except LeverError:
                said = None
            took = perf_counter() - begun
            assert took < SHORT + GRACE, f"{name} took {took:.1f} s of {SHORT} s"
            assert not isinstance(said, Reading), f"{name} gave a reading of a vendor that hangs"
            result = said.result if isinstance(said, Outcome) else getattr(said, "held", None)
            assert result not in {Result.CHANGED, Result.ALREADY_SO, Held.HELD}, f"{name} says {said}"
        assert harness.writes() == 0


_SAID = ("name", "line", "connects", "target", "example", "modes", "settings", "blast_radius", "undo", "vendor")


def _fields(about: LeverAbout) -> tuple[Field, ...]:
    return (*about.target, *about.settings)


def _planned(harness: Harness, lever: Lever, reading: Reading) -> Change:
    planned = lever.plan(harness.target, reading, harness.mode, harness.settings)
    assert isinstance(planned, Change), f"the harness begins in a world where there is nothing to do: {planned}"
    return planned


def _change(harness: Harness) -> Change:
    return _planned(harness, harness.lever(), harness.lever().read(harness.target, within=WITHIN))


def _apply(harness: Harness) -> Change:
    change = _change(harness)
    outcome = harness.lever().apply(change, within=WITHIN)
    assert outcome.result is Result.CHANGED, f"apply: {outcome}"
    return change


def _result(deed: Callable[[], Outcome]) -> Result:
    """What the engine would make of it."""
    try:
        return deed().result
    except (Refusal, Declined, Denied):
        return Result.REFUSED
    except NoAnswer:
        return Result.UNKNOWN
    except PsfirError:
        return Result.FAILED


def _lost(harness: Harness, change: Change) -> Result:
    """On a busy machine a short share is over before anything is sent: that is truly failed, and another matter."""
    share = LOST
    while (result := _pulled(harness, change, share)) is Result.FAILED and not harness.writes() and share < WITHIN:
        share *= 2
    return result


def _pulled(harness: Harness, change: Change, share: float) -> Result:
    return _result(lambda: harness.lever().apply(change, within=share))


def _refused(harness: Harness, deed: Callable[[Lever], Outcome]) -> None:
    found, writes = harness.lever().read(harness.target, within=WITHIN).state, harness.writes()
    result = _result(lambda: deed(harness.lever()))
    assert result is Result.REFUSED, f"in a drifted world it is {result}"
    assert harness.writes() == writes, "it refused, but wrote"
    _state(harness, found, "after a refusal")


def _state(harness: Harness, expected: Json, when: str) -> None:
    _same(harness.lever().read(harness.target, within=WITHIN).state, expected, when)


def _same(found: Json, expected: Json, when: str) -> None:
    assert canonical(found) == canonical(expected), f"{when}: found {found!r}, expected {expected!r}"
