"""EU AI Act Art. 73(6): what would alter a system so that its causes can no longer be found waits for legal's yes.

Containment never waits: only a runbook that says of itself that it alters evidence is asked for.
"""

from __future__ import annotations

from psfir.domain.runbook import Runbook
from psfir.domain.values import frozen
from psfir.review.catalogue import Clocks
from psfir.review.clock_applies import May, Proposal
from psfir.review.clock_facts import ClockFacts, Said


@frozen
class Hold:
    """Why a runbook may not be run yet; `clocks` are those that may run for its system."""

    clocks: tuple[str, ...]
    says: str
    todo: str


def holding(
    clocks: Clocks, proposals: dict[str, Proposal], facts: ClockFacts, *, sure: bool = False
) -> tuple[str, ...]:
    """Clocks that hold the evidence: those that may run, and those that somebody opened; not those set aside.

    `sure` leaves out those of which nobody has said whether they may.
    """
    ruled_out = {May.NO, May.UNKNOWN} if sure else {May.NO}
    return tuple(
        name
        for name, clock in clocks.items()
        if clock.holds_evidence
        and not facts.of(name).set_aside
        and (proposals[name].may not in ruled_out or facts.of(name).open)
    )


def hold(runbook: Runbook, digest: str, *, incident: str, clocks: tuple[str, ...], facts: ClockFacts) -> Hold | None:
    """None where it may be run: it alters nothing, no such clock may run, or evidence was kept and legal said yes."""
    if not runbook.alters_evidence or not clocks or acknowledged(facts, runbook.id, digest):
        return None
    if not facts.kept(runbook.system):
        says = f"nothing of {runbook.system} was kept yet"
        todo = f"kill with a runbook that captures and alters nothing, then: psfir clocks acknowledge {runbook.id}"
    else:
        says = "legal has not said yes to this runbook as it is now"
        todo = f"psfir clocks acknowledge {incident} {runbook.id} --why REASON"
    return Hold(clocks, says, todo)


def acknowledged(facts: ClockFacts, runbook: str, digest: str) -> Said | None:
    """Legal's yes to this very text of it."""
    given = [one for one in facts.acknowledged if (one.data["runbook"], one.data["digest"]) == (runbook, digest)]
    return given[-1] if given else None
