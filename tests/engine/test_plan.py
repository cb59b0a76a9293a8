"""Planning: promise 5, it reads and cannot write."""

from __future__ import annotations

from psfir.domain.runbook import Rung, Step
from psfir.errors import Unreachable
from psfir.testing import Fault
from tests.engine.scene import Scene, book, rung, switch


def test_planning_reads_and_writes_nothing() -> None:
    """A plan calls read and plan of each lever, and no other method."""
    lever = switch()
    plan = Scene({"a": lever}).plan(book(Step("s", (rung("a"),))))
    assert lever.calls == ["read", "plan"]
    assert plan.rungs[0].change is not None
    assert plan.rungs[0].change.after == {"on": False}


def test_a_rung_that_cannot_be_read_stays_in_the_ladder() -> None:
    """Its reason is shown, and the next rung is planned all the same."""
    broken, fine = switch(), switch()
    broken.script("read", Unreachable("no route to it"))
    plan = Scene({"a": broken, "b": fine}).plan(book(Step("s", (rung("a"), rung("b")))))
    assert [bool(planned.change) for planned in plan.rungs] == [False, True]
    assert plan.rungs[0].unreadable == "no route to it"


def test_a_reading_that_hangs_costs_its_share_and_no_more() -> None:
    """All rungs are read side by side; the one that hangs is given up after the share for planning."""
    hanging, fine = switch(), switch()
    hanging.script("read", Fault.HANG)
    scene = Scene({"a": hanging, "b": fine})
    begun = scene.clock.elapsed()
    plan = scene.plan(book(Step("s", (rung("a"),)), Step("t", (rung("b"),))))
    assert scene.clock.elapsed() - begun <= 5.01
    assert "did not answer" in plan.rungs[0].unreadable
    assert plan.rungs[1].change is not None


def test_what_is_so_already_is_planned_as_nothing_to_do() -> None:
    """A target that is off needs no change, and says so."""
    plan = Scene({"a": switch(on=False)}).plan(book(Step("s", (rung("a"),))))
    assert plan.rungs[0].nothing is not None
    assert plan.rungs[0].after == {"on": False}


def test_a_lever_that_breaks_in_its_own_code_is_a_sentence() -> None:
    """A third-party lever's exception becomes the rung's reason, never a traceback."""
    lever = switch()
    lever.script("read", ZeroDivisionError("oops"))
    plan = Scene({"a": lever}).plan(book(Step("s", (rung("a"),))))
    assert "ZeroDivisionError: oops" in plan.rungs[0].unreadable


def test_a_vendor_that_is_silent_keeps_nobody_waiting_for_each_of_its_targets() -> None:
    """Three hundred rungs of a connection that hangs and as many of one that answers: these are read, those stay."""
    silent, fine = switch(), switch()
    silent.script("read", *[Fault.HANG] * 300)
    scene = Scene({"a": silent, "b": fine})
    away = Rung("fake.a", {"connection": "away", "switch": "a"}, {"on": False}, 10.0)
    begun = scene.clock.elapsed()
    plan = scene.plan(book(*(Step(f"s{n}", (away, rung("b"))) for n in range(300))))
    assert scene.clock.elapsed() - begun <= 5.01
    assert sum(planned.change is not None for planned in plan.rungs) == 300
    unread = [planned.unreadable for planned in plan.rungs if planned.unreadable]
    assert len(unread) == 300
    assert sum("has answered none of 8 others" in why for why in unread) == 292
    assert [planned.step for planned in plan.of("s17")] == ["s17", "s17"]
