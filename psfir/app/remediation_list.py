"""Items as lists and reports: at one instant, of one incident or all, and what the other pages say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from psfir.app.remediation_factors import node
from psfir.app.session import Session
from psfir.domain import instants
from psfir.domain.incident import Incident
from psfir.domain.values import frozen
from psfir.review.rca.material import Item as Shown
from psfir.review.remediation import items
from psfir.review.remediation_item import RemediationItem, State
from psfir.review.remediation_views import Repeat, Report, ageing, repeats, report


@frozen
class Asked:
    """Which items somebody wants to see. Nothing said means all that are not closed."""

    incident: str = ""
    everything: bool = False
    overdue: bool = False
    owner: str = ""


def at_that_time(session: Session, at: datetime, *, incident: str = "") -> list[RemediationItem]:
    """All items as the record told of them at an instant: what came later had not been said."""
    entries = (one for one in session.journal.read(incident or None) if instants.read(one.at) <= at)
    return list(items(entries).values())


def listed(session: Session, asked: Asked, *, at: datetime) -> list[RemediationItem]:
    """The oldest first."""
    found = at_that_time(session, at, incident=asked.incident)
    shown = found if asked.everything else ageing(found, at)
    if asked.overdue:
        shown = [one for one in shown if one.overdue(at)]
    if asked.owner:
        shown = [one for one in shown if one.owner == asked.owner]
    return sorted(shown, key=lambda one: (one.added.at, one.incident, one.added.seq))


def repeated(session: Session, *, at: datetime) -> list[Repeat]:
    """Factors that stand in more than one incident, by their analyses and by their items."""
    return repeats(at_that_time(session, at), _spots(session))


def reported(session: Session, *, at: datetime) -> Report:
    """What stands, over all incidents."""
    incidents = session.incidents()
    systems: Mapping[str, Sequence[str]] = {one.id: one.systems for one in incidents}
    return report(at_that_time(session, at), at, systems=systems, spots=_spots(session))


def as_items(session: Session, incident: Incident, *, at: datetime) -> list[Shown]:
    """As an analysis shows them."""
    if not incident.remediation:
        return []
    return [_shown(one, at) for one in items(session.journal.read(incident.id)).values()]


def late(session: Session, incident: Incident) -> list[RemediationItem]:
    """Items of an incident that are overdue now, the longest first."""
    now = session.clock.now()
    found = (one for one in items(session.journal.read(incident.id)).values() if one.overdue(now))
    return sorted(found, key=lambda one: (one.due_at, one.added.seq))


def _shown(item: RemediationItem, at: datetime) -> Shown:
    state = item.at(at)
    until = str(item.until) if state is State.ACCEPTED else ""
    return Shown(
        id=item.id,
        title=item.title,
        factor=item.factor,
        owner=item.owner,
        due=item.due.isoformat(),
        status=state.value,
        verify=item.verify,
        until=until,
    )


def _spots(session: Session) -> dict[str, tuple[str, ...]]:
    """The factors of every analysis that there is."""
    return {spot: key for one in session.incidents() for spot, key in node(session, one).items()}
