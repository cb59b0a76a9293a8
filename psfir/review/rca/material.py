"""What an analysis is made of: all that the record tells, handed over by whoever has it. Nothing here is looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime

from psfir.domain import instants
from psfir.domain.entries import Entry
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.people import Team
from psfir.domain.plan import Verb
from psfir.domain.run import RunFacts
from psfir.domain.values import frozen
from psfir.domain.verdict import Verdict


@frozen
class Said:
    """One message that went out, or was to: what the record of communications tells of it."""

    id: str
    audience: str
    phase: str
    at: datetime | None
    template: str
    approved_by: int
    digest: str
    result: str


@frozen
class Item:
    """One remediation item, as far as an analysis shows it; `until` when a risk is accepted."""

    id: str
    title: str
    factor: str
    owner: str
    due: str
    status: str
    verify: str
    until: str = ""


@frozen
class Duty:
    """One reporting duty that was opened, set aside or answered."""

    id: str
    line: str
    state: str
    due: str


@frozen
class Due:
    """By when the analysis has to be published, and how that was counted."""

    on: str
    counted: str


@frozen
class Material:
    """`systems` are titles by id. `occurred` and `detected` are what somebody recorded, where they did."""

    incident: Incident
    entries: Sequence[Entry]
    team: Team
    systems: Mapping[str, str]
    due: Due | None = None
    said: Sequence[Said] = ()
    promises: tuple[int, int] = (0, 0)
    items: Sequence[Item] = ()
    duties: Sequence[Duty] = ()
    instants: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def kills(self) -> tuple[RunFacts, ...]:
        return tuple(run for run in self.incident.runs.values() if run.verb is Verb.KILL)

    @property
    def restores(self) -> tuple[RunFacts, ...]:
        return tuple(run for run in self.incident.runs.values() if run.verb is Verb.RESTORE)

    def first(self, *kinds: Kind) -> datetime | None:
        """When an entry of one of these kinds was first written."""
        return next((instants.read(one.at) for one in self.entries if one.kind in kinds), None)

    @property
    def contained(self) -> datetime | None:
        """When a probe first proved a containment: not when a button was pressed."""
        proofs = [
            instants.read(verdict.at)
            for run in self.kills
            for verdict in run.verdicts
            if verdict.verdict is Verdict.CONTAINED
        ]
        return min(proofs, default=None)

    @property
    def restored(self) -> datetime | None:
        """When the last restore ended, if all is back."""
        ended = [run for run in self.restores if run.ended is not None]
        if not ended or self.incident.standing:
            return None
        return instants.read(ended[-1].verdicts[-1].at if ended[-1].verdicts else ended[-1].at)
