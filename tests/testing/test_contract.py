"""The contract can fail: each way in which a lever can break its word is found by the test that states that word."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from psfir.contracts import Lever, Target
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.errors import ContentError, NoAnswer
from psfir.levers.memory.switch import Switch
from psfir.testing import FakeConnection, Harness, LeverContract
from psfir.vendors.memory import Estate

NAME = "a"
PROMISES = sorted(name for name in vars(LeverContract) if name.startswith("test_"))


class Worldly(Harness):
    """An estate with one switch, and whichever lever is on trial."""

    def __init__(self, folder: Path, made: type[Switch]) -> None:
        self.target = {"connection": "estate", "switch": NAME}
        self.settings = {"on": False}
        self.estate = Estate.create(folder / "estate.json", {NAME: {"state": {"on": True, "model": "large"}}})
        self.made = made

    def lever(self) -> Lever:
        return self.made(FakeConnection("estate", "memory", {"path": str(self.estate.path)}))

    def writes(self) -> int:
        return self.estate.effects(NAME)

    def disturb(self) -> None:
        self.estate.put(NAME, {"on": True, "model": "small"})

    def lose_answer(self) -> None:
        self.estate.fault(NAME, slow=60.0)

    def hang(self) -> None:
        self.estate.fault(NAME, hang=60.0, on=["read", "write"])


class ReadWrites(Switch):
    """Reading it counts up something."""

    def read(self, target: Target, *, within: float) -> Reading:
        reading = super().read(target, within=within)
        assert isinstance(reading.state, Mapping)
        self._estate.write(NAME, {**reading.state, "reads": 1}, version=None, within=within)
        return reading


class PlanLooks(Switch):
    """Planning it reads the world once more."""

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        with suppress(NoAnswer):
            reading = self.read(target, within=0.7)
        return super().plan(target, reading, mode, settings)


class PlanWanders(Switch):
    """Planning it twice gives two changes."""

    times = 0

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        PlanWanders.times += 1
        planned = super().plan(target, reading, mode, settings)
        return replace(planned, why=f"time {self.times}") if isinstance(planned, Change) else planned


class AlwaysPlans(Switch):
    """It never says that there is nothing to do."""

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        planned = super().plan(target, reading, mode, settings)
        if isinstance(planned, Change):
            return planned
        return Change(self.about.name, target, reading.state, planned.after, "to be sure")


class Tuples(Switch):
    """Its change holds what JSON cannot carry."""

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        planned = super().plan(target, reading, mode, settings)
        return replace(planned, detail={"pair": (1, 2)}) if isinstance(planned, Change) else planned


class Lies(Switch):
    """It says changed and does nothing."""

    def apply(self, change: Change, *, within: float) -> Outcome:
        self.read(change.target, within=within)
        return Outcome(Result.CHANGED, "trust me")


class Overwrites(Switch):
    """It writes whatever it finds."""

    def _move(self, change: Change, way: tuple[Json, Json], within: float) -> Outcome:
        wanted = way[1]
        assert isinstance(wanted, Mapping)
        left = self._estate.countdown(within)
        self._estate.read(NAME, within=within)
        self._estate.write(NAME, wanted, version=None, within=left())
        return Outcome(Result.CHANGED, "written")


class RestoresBlindly(Switch):
    """It puts back over somebody else's change."""

    def restore(self, change: Change, *, within: float) -> Outcome:
        found = self.read(change.target, within=within).state
        if found == change.before:
            return Outcome(Result.ALREADY_SO, "so already")
        return self._move(change, (found, change.before), within)


class RestoresDefaults(Switch):
    """It puts back what it thinks is usual, not what it found."""

    def restore(self, change: Change, *, within: float) -> Outcome:
        return self._move(change, (change.after, {"on": True}), within)


class Assumes(Switch):
    """No answer means failed to it."""

    def apply(self, change: Change, *, within: float) -> Outcome:
        try:
            return super().apply(change, within=within)
        except NoAnswer:
            return Outcome(Result.FAILED, "timed out")


class Patient(Switch):
    """It gives its vendor all the time in the world."""

    def read(self, target: Target, *, within: float) -> Reading:
        return super().read(target, within=2.5)


class Optimist(Switch):
    """To it everything always holds."""

    def verify(self, change: Change, *, within: float) -> Look:
        return Look(Held.HELD, "surely")


class Nameless(Switch):
    """It does not say how it is undone."""

    about = replace(Switch.about, undo="")


class BadExample(Switch):
    """Its example has a setting that it does not know."""

    about = replace(
        Switch.about,
        example={
            "lever": "memory.switch",
            "target": {"connection": "estate", "switch": "a"},
            "set": {"onn": False},
            "within": "1s",
        },
    )


TRIALS: dict[type[Switch], str] = {
    ReadWrites: "test_reading_changes_nothing",
    PlanLooks: "test_planning_is_pure_and_stable",
    PlanWanders: "test_planning_is_pure_and_stable",
    AlwaysPlans: "test_nothing_to_do_is_said",
    Tuples: "test_a_change_is_plain_json",
    Lies: "test_apply_then_read_is_after",
    Overwrites: "test_apply_refuses_a_drifted_world",
    RestoresBlindly: "test_restore_refuses_a_drifted_world",
    RestoresDefaults: "test_restore_gives_before",
    Assumes: "test_a_lost_answer_is_unknown_and_resolved_by_reading",
    Patient: "test_no_call_outlasts_its_share",
    Optimist: "test_no_call_outlasts_its_share",
    Nameless: "test_about_says_all_there_is_to_say",
    BadExample: "test_the_example_loads_and_plans",
}


def run(promise: str, harness: Harness, folder: Path) -> None:
    test: Callable[..., None] = getattr(LeverContract(), promise)
    if promise == "test_the_example_loads_and_plans":
        test(harness, folder)
    else:
        test(harness)


@pytest.mark.parametrize(("made", "promise"), TRIALS.items(), ids=[made.__name__ for made in TRIALS])
def test_a_broken_word_is_found(made: type[Switch], promise: str, tmp_path: Path) -> None:
    """A lever that breaks a promise fails the test that states it."""
    with pytest.raises((AssertionError, ContentError), match=r"\S"):
        run(promise, Worldly(tmp_path, made), tmp_path)


def test_a_lever_that_writes_twice_is_found(tmp_path: Path) -> None:
    """Applying again and again, each time with an effect, is no already_so."""
    with pytest.raises(AssertionError, match="second apply"):
        run("test_apply_twice_is_already_so", Worldly(tmp_path, Overwrites), tmp_path)


def test_every_promise_has_a_lever_that_breaks_it() -> None:
    """No promise of the contract is one that nothing can fail."""
    assert {*TRIALS.values(), "test_apply_twice_is_already_so"} == set(PROMISES)
