"""Promise 7: restore is exact or refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from psfir.contracts import Target
from psfir.domain.canon import Json
from psfir.domain.change import Change, NothingToDo, Reading
from psfir.domain.kinds import Kind
from psfir.domain.modes import Mode
from psfir.domain.plan import Plan, Verb
from psfir.domain.runbook import Rung, Step
from psfir.domain.standing import Pull
from psfir.engine.contain import contain
from psfir.engine.kit import LetGo
from psfir.engine.restore import draw_restore, restore
from psfir.errors import Declined, Drift, Unreachable
from psfir.testing import FakeLever, Fault
from tests.engine.scene import Scene, book, probe, rung, seeing, switch

STEPS = (Step("s", (rung("a"),)), Step("t", (rung("b"),), after=("s",)))


def contained() -> Scene:
    first, second = switch(), switch()
    scene = Scene({"a": first, "b": second}, seeing(first, second))
    scene.kill(book(*STEPS))
    return scene


def rung_of(scene: Scene, pull: Pull) -> Rung:
    plan = scene.incident.runs[pull.run].plan
    return next(p.rung for p in plan.rungs if (p.step, p.index) == pull.key)


def drawn(scene: Scene) -> Plan:
    incident = scene.incident
    plan = draw_restore(book(*STEPS), incident.standing, scene.desk, lambda pull: rung_of(scene, pull))
    scene.record(Kind.PLANNED, {"plan": plan.to_json()})
    return plan


def test_what_was_found_is_put_back_newest_first() -> None:
    """Both targets are as before, the last one changed first, and nothing stands any more."""
    scene = contained()
    plan = drawn(scene)
    assert plan.verb is Verb.RESTORE
    assert [planned.step for planned in plan.rungs] == ["run-1/t", "run-1/s"]
    assert restore(scene.begin(plan, run="run-2"))
    assert [lever.state for lever in scene.levers.values()] == [{"on": True}, {"on": True}]
    assert scene.incident.standing == ()
    assert scene.said(Kind.RUN_ENDED)[-1]["verdict"] == "restored"


def test_drift_refuses_the_plan_and_shows_what_differs() -> None:
    """Somebody else changed a target: nothing is planned, and the sentence has no more than what is not as it was."""
    scene = contained()
    scene.levers["a"].put(size=7)
    with pytest.raises(Drift) as refused:
        drawn(scene)
    assert refused.value.what.endswith("somebody has changed it since, size: absent -> 7")
    assert "on" not in refused.value.what.rpartition(", ")[2]
    assert "{" not in str(refused.value) + refused.value.todo
    assert scene.levers["b"].state == {"on": False}


def test_drift_between_plan_and_restore_is_refused_by_the_lever() -> None:
    """Compare and swap: what changed after the plan was drawn is not overwritten, and older rungs stay."""
    scene = contained()
    plan = drawn(scene)
    scene.levers["b"].put(size=7)
    assert not restore(scene.begin(plan, run="run-2"))
    assert scene.levers["b"].state == {"on": False, "size": 7}
    assert scene.levers["a"].state == {"on": False}
    assert scene.said(Kind.RUN_ENDED)[-1]["verdict"] == "not_restored"
    assert len(scene.incident.standing) == 2


def test_what_is_back_already_needs_nothing() -> None:
    """A target somebody put back by hand is no drift: there is nothing to do for it."""
    scene = contained()
    scene.levers["b"].put(on=True)
    plan = drawn(scene)
    assert plan.rungs[0].nothing is not None
    assert restore(scene.begin(plan, run="run-2"))
    assert scene.incident.standing == ()


def test_the_first_rung_that_fails_stops_the_restore() -> None:
    """The order is kept: nothing older is put back while something newer stands."""
    scene = contained()
    scene.levers["b"].script("restore", Declined("change freeze"))
    assert not restore(scene.begin(drawn(scene), run="run-2"))
    assert scene.levers["a"].state == {"on": False}


def test_a_lost_answer_of_a_restore_is_resolved_by_reading() -> None:
    """It has landed: it is restored once and recorded so."""
    scene = contained()
    scene.levers["b"].script("restore", Fault.LOST)
    assert restore(scene.begin(drawn(scene), run="run-2"))
    assert scene.levers["b"].writes == [{"on": False}, {"on": True}]


def test_a_target_that_cannot_be_read_is_not_restored() -> None:
    """Nothing is put back blindly."""
    scene = contained()
    scene.levers["b"].script("read", Unreachable("down"))
    with pytest.raises(Unreachable):
        drawn(scene)


def test_a_run_that_was_let_go_of_is_carried_on_from_the_record() -> None:
    """Between two records the run stops at once; taken up again it ends in the same verdict, with no second effect."""
    first, second = switch(), switch()
    scene = Scene({"a": first, "b": second}, seeing(first, second))
    run = scene.begin(scene.plan(book(*STEPS)))
    scene.control.let_go.set()
    with pytest.raises(LetGo):
        contain(run)
    scene.control.let_go.clear()
    facts = scene.incident.runs["run-1"]
    assert facts.ended is None
    again = type(run)(scene.kit, run.incident, scene.control)
    again.take_up(facts)
    assert contain(again) == "contained"
    assert (len(first.writes), len(second.writes)) == (1, 1)


def test_on_another_boot_the_clock_of_a_run_is_uncertain() -> None:
    """The age is guessed from the wall then, and the record says so."""
    lever = switch()
    scene = Scene({"a": lever}, seeing(lever))
    run = scene.begin(scene.plan(book(STEPS[0])), age=60.0)
    scene.clock.advance(30)
    scene.clock.reboot()
    again = type(run)(scene.kit, run.incident, scene.control)
    again.take_up(scene.incident.runs["run-1"])
    resumed = scene.said(Kind.RUN_RESUMED)[0]
    assert resumed["certain"] is False


def test_a_target_pulled_twice_is_put_back_in_two_moves() -> None:
    """Reduced first and switched off later: the newer pull goes back to the reduced state, the older to the first."""
    lever = switch()
    scene = Scene({"a": lever}, seeing(lever))
    reduced = Rung("fake.a", {"connection": "fake", "switch": "a"}, {"model": "small"}, 10.0)
    for number, one in enumerate((reduced, rung("a")), 1):
        plan = scene.plan(book(Step("s", (one,)), verify=[probe(within=1.0, times=1)]))
        contain(scene.begin(plan, run=f"run-{number}"))
    assert lever.state == {"on": False, "model": "small"}
    plan = drawn(scene)
    assert [planned.step for planned in plan.rungs] == ["run-2/s", "run-1/s"]
    assert restore(scene.begin(plan, run="run-3"))
    assert lever.state == {"on": True}
    assert scene.incident.standing == ()


class OneOfMany(FakeLever):
    """A lever whose rung names a role, and whose change names the one policy that it put there."""

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        planned = super().plan(target, Reading({}), mode, settings)
        assert isinstance(planned, Change)
        return replace(planned, target={**target, "only": sorted(settings)})

    def read(self, target: Target, *, within: float) -> Reading:
        found = super().read(target, within=within).state
        only = target.get("only")
        assert isinstance(found, Mapping)
        return Reading({key: found[key] for key in found if not isinstance(only, list) or key in only})


def test_restore_reads_what_was_changed_not_all_that_the_rung_names() -> None:
    """Another kill's policy on the same role is no drift of this one."""
    lever = OneOfMany({})
    scene = Scene({"a": lever}, seeing(lever))
    steps = (Step("s", (rung("a"),)),)
    scene.kill(book(*steps))
    lever.put(other="of another kill")
    incident = scene.incident
    plan = draw_restore(book(*steps), incident.standing, scene.desk, lambda pull: rung_of(scene, pull))
    assert [planned.change is not None for planned in plan.rungs] == [True]
