"""Whoever is asked to come back later comes back then, inside the rung's share, or goes on to the next rung at once."""

from itertools import pairwise

import pytest

from psfir.contracts import Target
from psfir.domain import instants
from psfir.domain.change import Change, Look, Outcome, Reading
from psfir.domain.kinds import Kind
from psfir.domain.runbook import Step
from psfir.domain.verdict import Verdict
from psfir.errors import Busy, LeverError
from psfir.testing import FakeLever
from tests.engine.scene import Scene, book, probe, rung, seeing, switch

TWO = Step("s", (rung("a", within=10.0, retries=2), rung("b")))


def tries(scene: Scene) -> list[tuple[object, object, float]]:
    """Of which rung, how it ended, and how many seconds after the first one did."""
    ended = [entry for entry in scene.journal.read() if entry.kind == Kind.ENDED]
    spans = [(instants.read(one.at) - instants.read(ended[0].at)).total_seconds() for one in ended]
    data = [dict(one.data or {}) for one in ended]
    return [(one["rung"], one["result"], round(span, 1)) for one, span in zip(data, spans, strict=True)]


def killed(*busy: Busy) -> Scene:
    """Rung `a` is asked to come back as often as that, then all goes well."""
    first, second = switch(), switch(name="b")
    first.script("apply", *busy)
    scene = Scene({"a": first, "b": second}, seeing(first if len(busy) < 3 else second))
    scene.kill(book(TWO))
    return scene


def test_the_next_try_comes_when_it_was_asked_for() -> None:
    """Not half a second later, which would only be refused again."""
    scene = killed(Busy("429", after=7.0), Busy("429", after=3.0))
    assert tries(scene) == [(0, "failed", 0), (0, "failed", 7), (0, "changed", 10)]


@pytest.mark.parametrize("after", [None, 0.0, 0.2])
def test_a_pause_is_never_shorter_than_our_own(after: float | None) -> None:
    """Who says nothing, or next to nothing, is left alone for half a second, and for a second after the next try."""
    scene = killed(Busy("429", after=after), Busy("429", after=after))
    assert tries(scene) == [(0, "failed", 0), (0, "failed", 0.5), (0, "changed", 1.5)]


def test_what_asks_for_more_than_is_left_gives_way_to_the_next_rung_at_once() -> None:
    """Its sentence says why; the kill does not wait for what would come too late."""
    scene = killed(Busy("429 too many", after=60.0))
    assert tries(scene) == [(0, "failed", 0), (1, "changed", 0)]
    says = str(scene.said(Kind.ENDED)[0]["says"])
    assert says == "429 too many; it asks to be left alone for 1m, and 10s of the share is left: not tried again"


def test_after_the_last_try_nobody_is_waited_for() -> None:
    """There is nothing to come back for: the next rung is pulled at once."""
    scene = killed(*(Busy("429", after=2.0) for _ in range(3)))
    assert tries(scene) == [(0, "failed", 0), (0, "failed", 2), (0, "failed", 4), (1, "changed", 4)]


def test_a_reading_that_is_too_much_is_repeated_when_it_was_asked_for() -> None:
    """The second try reads anew; that it may not do so either is as good a reason to come back later."""

    class Crowded(FakeLever):
        """Applies nothing before it was read three times: once to plan, once in vain, once more."""

        def read(self, target: Target, *, within: float) -> Reading:
            if self.calls.count("read") == 1:
                self.calls.append("read")
                raise Busy("429", after=4.0)
            return super().read(target, within=within)

        def apply(self, change: Change, *, within: float) -> Outcome:
            if self.calls.count("read") < 3:
                raise Busy("429", after=2.0)
            return super().apply(change, within=within)

    lever = Crowded({"on": True}, name="fake.a")
    scene = Scene({"a": lever, "b": switch(name="b")}, seeing(lever))
    assert scene.kill(book(TWO)) is Verdict.CONTAINED
    assert tries(scene) == [(0, "failed", 0), (0, "failed", 2), (0, "changed", 6)]


def test_who_stops_the_pulling_does_not_wait_for_another_try() -> None:
    """No further try is made, and the pause before it is cut short."""
    scene = Scene({}, {})

    class Stopped(FakeLever):
        def apply(self, change: Change, *, within: float) -> Outcome:
            scene.control.stop_pulling.set()
            raise Busy("429", after=9.0)

    scene.levers = {"a": Stopped({"on": True}, name="fake.a"), "b": switch(name="b")}
    scene.probes = seeing(switch(on=False))
    begun = scene.clock.elapsed()
    scene.kill(book(TWO, verify=[probe(times=1)]))
    assert tries(scene) == [(0, "failed", 0)]
    assert scene.clock.elapsed() - begun < 5


class Asked(FakeLever):
    """Says to each look after the pull what it was told to, and knows when it was asked."""

    def __init__(self, scene: Scene, *errors: LeverError) -> None:
        super().__init__({"on": True}, name="fake.a")
        self.scene, self.errors = scene, list(errors)
        self.at: list[float] = []

    def verify(self, change: Change, *, within: float) -> Look:
        self.at.append(round(self.scene.clock.elapsed(), 1))
        if self.errors:
            raise self.errors.pop(0)
        return super().verify(change, within=within)


def looked(*errors: LeverError) -> tuple[Scene, list[float]]:
    """Rung `a` is pulled, and its looks end so: the seconds between them."""
    scene = Scene({}, {})
    lever = Asked(scene, *errors)
    scene.levers, scene.probes = {"a": lever, "b": switch(name="b")}, seeing(lever)
    scene.kill(book(TWO))
    return scene, [round(later - sooner, 1) for sooner, later in pairwise(lever.at)]


def test_a_look_that_was_too_early_is_repeated_when_it_was_asked_for() -> None:
    """Nine seconds were asked for: one more look is made then, and none that would only be refused before."""
    scene, pauses = looked(Busy("429", after=9.0))
    assert pauses == [9.0]
    assert [one["held"] for one in scene.said(Kind.VERIFIED)] == ["held"]


def test_a_look_that_may_not_be_repeated_within_the_share_is_not_waited_for() -> None:
    """What it is, is not known: the next rung is pulled at once, and the sentence says why."""
    scene, pauses = looked(Busy("429 too many", after=60.0))
    assert pauses == []
    first, second = scene.said(Kind.VERIFIED)
    assert (first["held"], second["held"]) == ("could_not_tell", "held")
    says = "429 too many; it asks to be left alone for 1m, and 10s of the share is left: not asked again"
    assert first["says"] == says
    assert scene.clock.elapsed() < 1000.0 + 10.0


def test_a_look_that_goes_wrong_otherwise_is_repeated_soon() -> None:
    """Only who names a time is left alone that long."""
    assert looked(Busy("429"), LeverError("odd"))[1] == [0.1, 0.2]
