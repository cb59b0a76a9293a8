"""What is to be watched once a containment was put back: the feature is on again, whether or not it was mended."""

from __future__ import annotations

from collections.abc import Sequence

from psfir.app.carry import kit_of
from psfir.app.session import Session
from psfir.domain.change import Held
from psfir.domain.incident import Incident
from psfir.domain.modes import Mode
from psfir.domain.run import RunFacts
from psfir.domain.values import frozen
from psfir.domain.verdict import Sight
from psfir.engine.glance import glance
from psfir.engine.kit import Control

SHARE = 5.0
"""Who restores waits no longer for what the probes say: a metric of a minute cannot tell by then, and that is said."""


@frozen
class Again:
    """One system that was put back, how it had been contained, and what the probes of that kill saw since."""

    system: str
    mode: Mode
    sights: tuple[tuple[str, Sight], ...]

    @property
    def back(self) -> list[str]:
        """What of that which the kill stopped is seen again."""
        return self._of(Held.NOT_HELD)

    @property
    def away(self) -> list[str]:
        return self._of(Held.HELD)

    @property
    def untold(self) -> list[str]:
        return self._of(Held.COULD_NOT_TELL)

    def _of(self, held: Held) -> list[str]:
        return [f"{probe}: {sight.replica}: {sight.says}" for probe, sight in self.sights if sight.held is held]


def again(session: Session, incident: Incident, runs: Sequence[RunFacts], control: Control) -> list[Again]:
    """For the containments that these restores have put back, the last one of each system.

    Where it was let go of, nothing is looked at, and only which systems they are is told.
    """
    names = [name for run in runs for name in run.plan.containment.split(",") if name in incident.runs]
    kills = sorted((incident.runs[name] for name in names), key=list(incident.runs.values()).index)
    books = {kill.plan.runbook.system: kill.plan.runbook for kill in kills}
    uses = [(system, use) for system, book in books.items() for use in book.verify]
    seen = glance(kit_of(session), [use for _, use in uses], control, within=SHARE)
    sights: dict[str, list[tuple[str, Sight]]] = {system: [] for system in books}
    for (system, use), those in zip(uses, seen, strict=True):
        sights[system] += [(use.id, sight) for sight in those]
    return [Again(system, books[system].mode, tuple(found)) for system, found in sights.items()]
