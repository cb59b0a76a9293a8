"""Whether what a containment stopped is there again: its probes, looked at without a record and without a verdict.

A restore proves that everything reads as it did before. What that does to customers only the probes of the kill see.
"""

from __future__ import annotations

from collections.abc import Sequence

from psfir.domain.change import Held
from psfir.domain.runbook import ProbeUse
from psfir.domain.verdict import Sight
from psfir.engine.hands import Hands
from psfir.engine.kit import Control, Kit
from psfir.engine.share import Share, call
from psfir.engine.work import Pause, Work
from psfir.errors import PsfirError

EVERY = 0.5


def glance(kit: Kit, uses: Sequence[ProbeUse], control: Control, *, within: float) -> list[list[Sight]]:
    """What each probe saw last: looked at until something of it is back, the share is used up, or it is let go of."""
    share = Share(kit.clock, within)
    answers = Hands(kit.clock).all([_look(kit, use, share, control) for use in uses])
    return [answer.get() for answer in answers]


def _look(kit: Kit, use: ProbeUse, share: Share, control: Control) -> Work[list[Sight]]:
    seen: list[Sight] = []
    while share.left > 0 and not control.let_go.is_set():
        seen = yield from _looked(kit, use, share)
        if any(sight.held is Held.NOT_HELD for sight in seen):
            break
        yield Pause(min(EVERY, share.left), control.let_go)
    return seen


def _looked(kit: Kit, use: ProbeUse, share: Share) -> Work[list[Sight]]:
    try:
        probe = kit.probes(use)
        one = Share(share.clock, min(use.each, share.left))
        work = call(lambda within: probe.look(use.target, use.expect, within=within), one, what=f"probe {use.id}")
        found = yield from work
    except PsfirError as error:
        return [Sight("all", Held.COULD_NOT_TELL, str(error))]
    return list(found) or [Sight("all", Held.COULD_NOT_TELL, "the probe named nothing to look at")]
