"""What the probes of a kill see once it was put back: looked at for a while, recorded by nobody."""

from __future__ import annotations

from psfir.domain.change import Held
from psfir.engine.glance import glance
from psfir.engine.kit import Control
from psfir.testing import Fault
from tests.engine.scene import Scene, probe, seeing, switch

SHARE = 5.0


def test_what_is_back_is_seen_at_the_first_look_that_shows_it() -> None:
    """One replica is enough, and nothing is written."""
    first, second = switch(on=False), switch()
    scene = Scene({}, seeing(first, second))
    before = scene.journal.heads()
    (sights,) = glance(scene.kit, [probe()], Control(), within=SHARE)
    assert {sight.replica: sight.held for sight in sights} == {"r1": Held.HELD, "r2": Held.NOT_HELD}
    assert scene.probes["effect"].looks == 1
    assert scene.journal.heads() == before


def test_what_takes_a_moment_is_waited_for() -> None:
    """Pods start and flags travel: it is looked at again until the share is used up."""
    flag = switch(on=False)
    scene = Scene({}, seeing(flag))
    begun = scene.clock.elapsed()
    scene.probes["effect"].script(Fault.LIE, Fault.LIE)
    flag.put(on=True)
    assert glance(scene.kit, [probe()], Control(), within=SHARE)[0][0].held is Held.NOT_HELD
    flag.put(on=False)
    assert glance(scene.kit, [probe()], Control(), within=SHARE)[0][0].held is Held.HELD
    assert scene.clock.elapsed() - begun >= SHARE


def test_a_probe_that_cannot_look_could_not_tell() -> None:
    """Not knowing is told as that, beside what another one sees."""
    scene = Scene({}, seeing(switch()))
    seen = glance(scene.kit, [probe("gone"), probe()], Control(), within=SHARE)
    assert [sights[0].held for sights in seen] == [Held.COULD_NOT_TELL, Held.NOT_HELD]
    assert "there is no probe gone" in seen[0][0].says


def test_one_that_names_nothing_could_not_tell() -> None:
    """No replica is not all of them."""
    scene = Scene({}, seeing())
    assert glance(scene.kit, [probe()], Control(), within=SHARE)[0][0].held is Held.COULD_NOT_TELL


def test_once_let_go_nothing_is_looked_at() -> None:
    """Whoever does not wait is told nothing that nobody saw."""
    control, scene = Control(), Scene({}, seeing(switch()))
    control.let_go.set()
    assert glance(scene.kit, [probe()], control, within=SHARE) == [[]]
