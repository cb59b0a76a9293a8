"""A lever of somebody else's making may answer anything: the engine is handed what it can take, or a sentence."""

from collections.abc import Mapping
from typing import Any, TypeVar

import pytest

from psfir.app.clock import RealClock
from psfir.app.guard import Guarded, guarded
from psfir.contracts import Target
from psfir.domain.canon import Json
from psfir.domain.change import Change, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.domain.runbook import ProbeUse, Runbook, Rung, Step
from psfir.engine.plan import Desk, draw
from psfir.errors import Drift, LeverError, NoAnswer
from psfir.testing import FakeConnection, FakeLever, Harness, LeverContract

T = TypeVar("T")
TARGET = {"connection": "fake", "switch": "a"}
CHANGE = Change("fake.switch", TARGET, {"on": True}, {"on": False}, "to disable it")


class Odd(FakeLever):
    """Answers what it was told to, whatever that is."""

    def __init__(self, **answers: Any) -> None:
        super().__init__({"on": True})
        self.answers = answers

    def read(self, target: Target, *, within: float) -> Reading:
        return self._odd("read", super().read(target, within=within))

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        return self._odd("plan", super().plan(target, reading, mode, settings))

    def apply(self, change: Change, *, within: float) -> Outcome:
        return self._odd("apply", super().apply(change, within=within))

    def verify(self, change: Change, *, within: float) -> Look:
        return self._odd("verify", super().verify(change, within=within))

    def restore(self, change: Change, *, within: float) -> Outcome:
        return self._odd("restore", super().restore(change, within=within))

    def _odd(self, deed: str, usual: T) -> T:
        answer: T = self.answers.get(deed, usual)
        return answer


class TestAGuardedLeverKeepsTheContract(LeverContract):
    """Being guarded takes nothing away from a lever that keeps its word."""

    @pytest.fixture
    def harness(self) -> Harness:
        return GuardedHarness()

    def test_no_call_outlasts_its_share(self, harness: Harness) -> None:
        """Time is the engine's to watch: the double hangs for as long as its test wants."""


class GuardedHarness(Harness):
    def __init__(self) -> None:
        self.target, self.settings = TARGET, {"on": False}
        self.world = FakeLever({"on": True})

    def lever(self) -> Guarded:
        return Guarded(self.world)

    def writes(self) -> int:
        return len(self.world.writes)

    def disturb(self) -> None:
        self.world.put(on="dimmed")

    def lose_answer(self) -> None:
        self.world.script("apply", NoAnswer("lost"))
        self.world.put(on=False)
        self.world.writes.append({"on": False})

    def hang(self) -> None:
        """Planning is all that is asked of it then."""


@pytest.mark.parametrize("answer", [None, "on", {"state": True}], ids=str)
def test_a_reading_is_a_reading(answer: object) -> None:
    """Anything else is an error that names the lever."""
    with pytest.raises(LeverError, match=r"fake\.switch: read answered .* no Reading"):
        Guarded(Odd(read=answer)).read(TARGET, within=1.0)


@pytest.mark.parametrize(
    "state", [float("nan"), 2**60, {1: 2}, object(), {"at": b"x"}], ids=lambda value: repr(value)[:9]
)
def test_a_state_is_plain_json(state: Json) -> None:
    """What no record could hold is refused when it is read, not when it is written down in the middle of a kill."""
    with pytest.raises(LeverError, match="no plain JSON"):
        Guarded(Odd(read=Reading(state))).read(TARGET, within=1.0)


@pytest.mark.parametrize("error", [KeyError("switch"), TypeError("no"), AssertionError(), RecursionError()], ids=repr)
def test_a_plan_that_breaks_is_a_sentence(error: Exception) -> None:
    """A bug in a lever's plan is an error like any other; the cause is kept."""
    lever = FakeLever({"on": True})
    lever.script("plan", error)
    with pytest.raises(LeverError, match=r"fake\.switch broke while planning") as raised:
        Guarded(lever).plan(TARGET, Reading({"on": True}), Mode.DISABLE, {"on": False})
    assert raised.value.__cause__ is error


@pytest.mark.parametrize(
    "planned",
    [None, [CHANGE], Change("x", TARGET, float("inf"), {}, ""), NothingToDo("", 2**60)],
    ids=["none", "list", "infinite", "too big"],
)
def test_a_plan_is_a_change_or_nothing(planned: object) -> None:
    """And it has a digest: a change that no digest can be taken of is refused."""
    with pytest.raises(LeverError, match="plan answered"):
        Guarded(Odd(plan=planned)).plan(TARGET, Reading({"on": True}), Mode.DISABLE, {"on": False})


@pytest.mark.parametrize("deed", ["apply", "restore"])
@pytest.mark.parametrize("answer", [None, True, "changed"], ids=repr)
def test_an_answer_nobody_understands_is_no_answer(deed: str, answer: object) -> None:
    """It may have changed the world, so it is unknown and will be read, never taken for done or failed."""
    lever = Odd(**{deed: answer})
    if deed == "restore":
        lever.put(on=False)
    act = getattr(Guarded(lever), deed)
    with pytest.raises(NoAnswer, match=rf"{deed} answered"):
        act(CHANGE, within=1.0)
    assert len(lever.writes) == 1


def test_an_outcome_no_record_can_hold_loses_only_what_it_found() -> None:
    """The result counts; a `found` that is no JSON is left out."""
    said = Outcome(Result.CHANGED, "set", float("nan"))
    assert Guarded(Odd(apply=said)).apply(CHANGE, within=1.0) == Outcome(Result.CHANGED, "set", None)


def test_a_look_is_a_look() -> None:
    """True is no Look: nothing is taken for held."""
    with pytest.raises(LeverError, match="verify answered bool"):
        Guarded(Odd(verify=True)).verify(CHANGE, within=1.0)


def test_its_own_errors_come_through() -> None:
    """A refusal stays a refusal, with both values."""
    lever = FakeLever({"on": "dimmed"})
    with pytest.raises(Drift):
        Guarded(lever).apply(CHANGE, within=1.0)


def test_one_broken_lever_costs_its_own_rung() -> None:
    """Planned beside a good one it is shown as unreadable, and the plan has a digest."""
    broken, good = FakeLever({"on": True}, name="odd.one"), FakeLever({"on": True}, name="good.one")
    broken.script("plan", KeyError("switch"))
    makers = {"odd.one": guarded(lambda _: broken), "good.one": guarded(lambda _: good)}
    rungs = [Rung(name, TARGET, {"on": False}, 5.0) for name in makers]
    probe = ProbeUse("fake", "fake", TARGET, {})
    steps = tuple(Step(f"s{n}", (rung,)) for n, rung in enumerate(rungs))
    book = Runbook("r", "r", "support-assistant", Mode.DISABLE, steps, (probe,))
    plan = draw(book, Desk(lambda rung: makers[rung.lever](FakeConnection()), lambda name: name, RealClock()))
    assert [bool(planned.unreadable) for planned in plan.rungs] == [True, False]
    assert plan.digest.startswith("sha256:")
