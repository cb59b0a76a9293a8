"""When the written analysis of an incident falls due: by the rule that psfir.yaml names, in its owner's calendar."""

from __future__ import annotations

from datetime import datetime

from psfir.domain import instants
from psfir.domain.duties import RcaRule, Starts
from psfir.domain.incident import Incident, Status
from psfir.domain.plan import Verb
from psfir.domain.verdict import Verdict
from psfir.review.business_days import Calendar, Due, due


def rca_due(incident: Incident, rule: RcaRule, calendar: Calendar) -> Due | None:
    """None until the event that starts it has happened, and while an incident that was resolved is open again.

    Of a false alarm, and of one that was merged into another, no analysis is asked for.
    """
    if incident.status in {Status.FALSE_ALARM, Status.MERGED}:
        return None
    start = started(incident, rule.start)
    if start is None:
        return None
    return due(calendar, start, days=rule.days, roll=rule.roll, started_by=rule.start.value)


def started(incident: Incident, event: Starts) -> datetime | None:
    """When that event happened in this incident."""
    if event is Starts.RESOLVED:
        return instants.read(incident.resolved_at) if incident.resolved_at else None
    if event is Starts.CONTAINED:
        return _contained(incident)
    return incident.declared_at if event is Starts.DECLARED else incident.trigger_at


def _contained(incident: Incident) -> datetime | None:
    """The first time that a kill was seen to hold."""
    proven = [
        instants.read(fact.at)
        for run in incident.runs.values()
        if run.verb is Verb.KILL
        for fact in run.verdicts
        if fact.verdict is Verdict.CONTAINED
    ]
    return min(proven, default=None)
