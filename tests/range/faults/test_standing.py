"""Faults as such: names and settings that are checked, times that hold, and a history of what was when."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from psfir.errors import UsageError
from psfir.range.estate import Range
from psfir.range.faults.catalogue import FAULTS, named
from psfir.range.faults.order import Order, order_from
from psfir.range.faults.settings import settled
from psfir.range.faults.standing import Faults
from psfir.range.faults.timer import Timer
from tests.range.faults.reaching import until

pytestmark = pytest.mark.xdist_group("range")


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_begins_and_ends_as_it_is_set_by_default(estate: Range, faults: Faults, name: str) -> None:
    """Each says of itself all that a responder needs, and leaves nothing behind."""
    about = FAULTS[name]
    assert all((about.line, about.sees, all(setting.line for setting in about.settings)))
    assert name.partition(".")[0] in (*_families(estate), "probe", "clock", "wire", "slack")
    if name.startswith("slack.") and "slack" not in estate.parts:
        with pytest.raises(UsageError, match="no part slack"):
            faults.begin(Order(name))
        return
    (standing,) = faults.begin(Order(name))
    assert (standing.on, standing.ends, dict(standing.settings)) == (True, None, dict(settled(about, {}).values))
    assert faults.heal(name) == (standing,)
    assert [one.what for one in faults.history] == ["began", "ended"]


def _families(estate: Range) -> set[str]:
    return {name.partition("/")[0] for name in estate.parts}


def test_a_fault_comes_later_and_goes_by_itself(estate: Range, faults: Faults) -> None:
    """It waits, it is on, it is over; each at its time, in the history."""
    (waits,) = faults.begin(Order("clock.skew", {"by": "1m"}, after=0.3, lasting=0.3))
    assert (waits.on, estate.clock.skew) == (False, 0)
    until(lambda: estate.clock.skew == 60)
    assert faults.standing[0].on
    until(lambda: estate.clock.skew == 0)
    until(lambda: faults.standing == ())
    history = faults.history
    assert [one.what for one in history] == ["waits", "began", "ended"]
    assert history[1].t - history[0].t >= 0.3
    assert history[2].t - history[1].t >= 0.3


def test_what_waits_is_dropped_by_healing(estate: Range, faults: Faults) -> None:
    """It never begins."""
    faults.begin(Order("clock.skew", after=0.2), Order("launchdarkly.conflict", after=60))
    assert [one.name for one in faults.heal("clock.skew")] == ["clock.skew"]
    assert [one.name for one in faults.standing] == ["launchdarkly.conflict"]
    with pytest.raises(AssertionError):
        until(lambda: estate.clock.skew != 0, 0.6)
    assert [one.what for one in faults.history] == ["waits", "waits", "dropped"]


def test_a_fault_that_is_on_already_is_set_anew(estate: Range, faults: Faults) -> None:
    """The later order counts, and with it its end."""
    faults.begin(Order("clock.skew", {"by": "1m"}, lasting=0.3))
    faults.begin(Order("clock.skew", {"by": "2m"}))
    assert (estate.clock.skew, len(faults.standing)) == (120, 1)
    with pytest.raises(AssertionError):
        until(lambda: estate.clock.skew != 120, 0.6)


def test_a_later_fault_that_cannot_begin_is_in_the_history(faults: Faults) -> None:
    """Nobody waits for it any more who could be told."""
    faults.begin(Order("kubernetes.undone", {"deployment": "nobody"}, after=0.05))
    until(lambda: len(faults.history) == 2)
    assert (faults.history[1].what, "no Deployment 'nobody'" in faults.history[1].says) == ("failed", True)
    assert faults.standing == ()


def test_all_of_an_order_or_nothing(estate: Range, faults: Faults) -> None:
    """One that cannot begin ends those before it."""
    with pytest.raises(UsageError, match="no Deployment"):
        faults.begin(Order("clock.skew"), Order("kubernetes.undone", {"deployment": "nobody"}))
    assert (estate.clock.skew, faults.standing) == (0, ())


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("launchdarkly.dwn", "did you mean launchdarkly.down?"),
        ("leaks_order", "did you mean assistant.leaks_order?"),
        ("down", "did you mean launchdarkly.down or slack.down?"),
        ("xyz", "psfir range fault lists them"),
    ],
)
def test_an_unknown_name_gets_the_one_that_was_meant(faults: Faults, name: str, meant: str) -> None:
    """Or the way to the list."""
    for ask in (named, faults.heal):
        with pytest.raises(UsageError) as error:
            ask(name)
        assert error.value.todo == meant


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("launchdarkly.slow", {"bye": "3s"}, "there is no setting 'bye'; did you mean by?"),
        ("launchdarkly.slow", {"by": "3"}, "by is a span of time such as 200ms, 5s or 2m, at most 10m, not '3'"),
        ("launchdarkly.slow", {"by": "3h"}, "by is a span of time such as 200ms, 5s or 2m, at most 10m, not '3h'"),
        ("wire.status", {"code": "600"}, "code is a whole number between 200 and 599, not '600'"),
        ("wire.status", {"code": True}, "code is a whole number between 200 and 599, not True"),
        ("clock.skew", {"behind": "yes"}, "behind is true or false, not 'yes'"),
        ("launchdarkly.unauthorized", {"x": 1}, "there is no setting 'x'; it has none"),
        ("aws.denied", {"services": "iam,iamm"}, "services is one or more, with commas between, of apigateway, "),
        ("aws.throttled", {"services": ""}, "sts, wafv2, not ''"),
        ("clock.skew", {"by": "x", "behind": 1.5}, "behind is true or false"),
    ],
)
def test_a_wrong_setting_gets_a_sentence(name: str, given: dict[str, object], sentence: str) -> None:
    """All of them at once, with those there are."""
    with pytest.raises(UsageError) as error:
        settled(named(name), given)  # type: ignore[arg-type]  # what stands in a file can be anything
    assert sentence in error.value.what
    assert error.value.where == name
    assert error.value.todo.startswith("its settings: ")


def test_an_order_goes_through_json_unchanged() -> None:
    """Also where it leaves things out; no time at all, and a time that is over, are refused."""
    order = Order("clock.skew", {"by": "1m"}, after=2.0, lasting=3.0)
    assert order_from(order.to_json()) == order
    assert order_from({"fault": "clock.skew"}) == Order("clock.skew")
    for wrong in ({"at": -1}, {"for": 0}):
        with pytest.raises(UsageError):
            order_from({"fault": "clock.skew", **wrong})


@pytest.mark.parametrize("far", [99999999999.0, 366 * 86400.0 + 1, float("inf"), float("nan")])
def test_a_time_that_nobody_will_see_is_refused(faults: Faults, far: float) -> None:
    """Later than a script can say, for longer than that, and what is no number."""
    for order in (Order("clock.skew", after=far), Order("clock.skew", lasting=far)):
        with pytest.raises(UsageError, match="each is at most 366d"):
            faults.begin(order)
    assert faults.history == ()


def test_timed_faults_keep_their_times_whatever_waits_or_goes_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    """A wait that is longer than a system can sleep in one piece, and a deed that raises, which is shown."""
    timer, done = Timer(), Event()

    def wrong() -> None:
        raise RuntimeError("this deed went wrong")

    try:
        timer.after(99999999999, done.clear)
        timer.after(0.05, wrong)
        timer.after(0.1, done.set)
        assert done.wait(10)
    finally:
        timer.stop()
    assert "this deed went wrong" in capsys.readouterr().err


def test_a_range_has_its_faults_and_ends_them_when_it_is_reset(estate: Range) -> None:
    """Those that wait too."""
    estate.faults.begin(Order("clock.skew"), Order("launchdarkly.down", after=60))
    estate.reset()
    assert (estate.clock.skew, estate.faults.standing) == (0, ())


def test_resets_and_faults_wait_for_each_other(estate: Range) -> None:
    """Several at once: none breaks another, and after the last reset nothing of them is left."""
    names = ("launchdarkly.down", "clock.skew", "assistant.drifts", "kubernetes.undone")
    with ThreadPoolExecutor(6) as many:
        resets = [many.submit(estate.reset) for _ in range(2)]
        begun = [many.submit(estate.faults.begin, Order(name)) for name in names]
        for reset in resets:
            reset.result()
        assert [len(one.result()) for one in begun] == [1] * len(names)
    estate.reset()
    assert (estate.clock.skew, estate.faults.standing, estate.notes) == (0, (), ())
