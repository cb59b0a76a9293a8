"""What people do with an incident once it is declared, and from which status each of it is allowed.

Every deed re-reads nothing and trusts the fold it is handed; it records, and gives the incident as it then is.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from psfir.app.session import Session
from psfir.domain.entries import Draft
from psfir.domain.fold import extend
from psfir.domain.incident import Incident, Status
from psfir.domain.kinds import Kind
from psfir.domain.modes import Severity
from psfir.domain.near import near
from psfir.domain.people import Deed, Seat
from psfir.domain.verdict import Verdict
from psfir.errors import Refusal, UsageError


class Step(StrEnum):
    """What can be done with an incident."""

    NOTE = "note"
    SEAT = "seat"
    SEVERITY = "severity"
    MERGE = "merge"
    FALSE_ALARM = "false-alarm"
    HAND_OVER = "hand-over"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"


_WORKED_ON = frozenset({Status.OPEN, Status.RESOLVED})
_ENDED = frozenset({Status.RESOLVED, Status.CLOSED, Status.FALSE_ALARM, Status.MERGED})

ALLOWED: Mapping[Step, frozenset[Status]] = {
    Step.NOTE: frozenset(Status),
    Step.SEAT: _WORKED_ON,
    Step.SEVERITY: _WORKED_ON,
    Step.HAND_OVER: _WORKED_ON,
    Step.MERGE: frozenset({Status.OPEN}),
    Step.FALSE_ALARM: frozenset({Status.OPEN}),
    Step.RESOLVE: frozenset({Status.OPEN}),
    Step.CLOSE: frozenset({Status.RESOLVED, Status.FALSE_ALARM}),
    Step.REOPEN: _ENDED,
}

NEEDS: Mapping[Step, Deed] = {
    Step.NOTE: Deed.NOTE,
    Step.SEAT: Deed.SEAT,
    Step.SEVERITY: Deed.SEAT,
    Step.HAND_OVER: Deed.SEAT,
    Step.MERGE: Deed.SEAT,
    Step.FALSE_ALARM: Deed.RESOLVE,
    Step.RESOLVE: Deed.RESOLVE,
    Step.CLOSE: Deed.RESOLVE,
    Step.REOPEN: Deed.DECLARE,
}

_INSTEAD: Mapping[Status, str] = {
    Status.OPEN: "resolve it first: psfir incident resolve {id}",
    Status.RESOLVED: "psfir incident reopen {id}",
    Status.CLOSED: "psfir incident reopen {id}",
    Status.FALSE_ALARM: "psfir incident reopen {id}",
    Status.MERGED: "work on {into}, or psfir incident reopen {id}",
}


def pick(session: Session, ref: str, step: Step) -> Incident:
    """The incident meant: by word, else the only one for which this step is allowed, open ones first."""
    if ref:
        return session.incident(ref)
    fitting = [one for one in session.incidents() if one.status in ALLOWED[step]]
    fitting = [one for one in fitting if one.open] or fitting
    return fitting[0] if len(fitting) == 1 else session.incident()


def goes_on(session: Session, incident: Incident) -> Incident:
    """Where a merged incident goes on; any other is that itself."""
    while incident.status is Status.MERGED:
        incident = session.incident(incident.merged_into)
    return incident


def may(session: Session, incident: Incident, step: Step) -> None:
    """Refuse what this person may not do, or what this status forbids."""
    session.need(NEEDS[step])
    if incident.status in ALLOWED[step]:
        return
    todo = _INSTEAD[incident.status].format(id=incident.id, into=incident.merged_into)
    if step is Step.REOPEN:
        todo = "nothing to reopen"
    status = incident.status.value.replace("_", " ")
    raise Refusal(f"{incident.id} is {status}: {step.value} is not for that", todo=todo)


def note(session: Session, incident: Incident, text: str, *, about: str = "note") -> Incident:
    """Words for the timeline; also after the end, for what came to light later."""
    may(session, incident, Step.NOTE)
    if not text.strip():
        raise UsageError("an empty note says nothing", todo="psfir incident note INC TEXT, or - to read standard input")
    return _record(session, incident, _note(session, incident, text.strip(), about))


def seat(session: Session, incident: Incident, *, seat: Seat, person: str) -> Incident:
    may(session, incident, Step.SEAT)
    _person(session, person)
    return _record(session, incident, _seated(session, incident, seat, person))


def severity(session: Session, incident: Incident, severity: Severity) -> Incident:
    may(session, incident, Step.SEVERITY)
    if incident.severity is severity:
        raise Refusal(f"{incident.id} is {severity.value} already")
    return _record(session, incident, session.draft(incident.id, Kind.SEVERITY, {"severity": severity.value}))


def hand_over(session: Session, incident: Incident, *, to: str, seat: Seat = Seat.COMMANDER) -> Incident:
    """The seat changes hands, in the record before anybody is told."""
    may(session, incident, Step.HAND_OVER)
    _person(session, to)
    if incident.seats.get(seat) == to:
        raise Refusal(f"{to} is {seat.value.replace('_', ' ')} already")
    handed = session.draft(incident.id, Kind.HANDED_OVER, {"to": to, "seat": seat.value})
    return _record(session, incident, _seated(session, incident, seat, to), handed)


def merge(session: Session, incident: Incident, *, into: Incident) -> Incident:
    """One incident goes on in another. What stands is put back where it was recorded, so it must not vanish."""
    may(session, incident, Step.MERGE)
    if into.id == incident.id:
        raise UsageError("an incident cannot be merged into itself")
    if not into.open:
        raise Refusal(f"{into.id} is {into.status.value.replace('_', ' ')}", todo=f"psfir incident reopen {into.id}")
    _nothing_left(incident, f"merge {into.id} into {incident.id} instead, or psfir restore {incident.id} first")
    new = [system for system in incident.systems if system not in into.systems]
    drafts = [session.draft(incident.id, Kind.MERGED, {"into": into.id})]
    if new:
        drafts.append(session.draft(into.id, Kind.SYSTEM_ADDED, {"systems": new}))
    drafts.append(_note(session, into, f"{incident.id} was merged into this one: {incident.title}", "note"))
    return _record(session, incident, *drafts)


def reopen(session: Session, incident: Incident) -> Incident:
    may(session, incident, Step.REOPEN)
    return _record(session, incident, session.draft(incident.id, Kind.REOPENED))


def false_alarm(session: Session, incident: Incident) -> Incident:
    """Nothing was wrong: then nothing may stay off."""
    may(session, incident, Step.FALSE_ALARM)
    _nothing_left(incident, f"psfir restore {incident.id} first")
    return _record(session, incident, session.draft(incident.id, Kind.FALSE_ALARM))


def resolve(session: Session, incident: Incident, *, anyway: str = "") -> Incident:
    """The danger is over. While the verdict says otherwise, only `anyway` with a reason goes through, and it shows."""
    may(session, incident, Step.RESOLVE)
    verdict = incident.verdict
    against = _against_resolving(incident, verdict)
    if against and not anyway.strip():
        raise Refusal(f"{incident.id}: {against[0]}", todo=f"{against[1]}; or say --anyway REASON, which is recorded")
    data = {"verdict": verdict.value if verdict else None, "anyway": bool(against)}
    drafts = [session.draft(incident.id, Kind.RESOLVED, data)]
    if against:
        drafts.insert(0, _note(session, incident, f"resolved although {against[0]}: {anyway.strip()}", "reason"))
    return _record(session, incident, *drafts)


def close(session: Session, incident: Incident, *, anyway: str = "") -> Incident:
    """Nothing is left to do. What psfir turned off and never put back would be forgotten, so that is refused."""
    may(session, incident, Step.CLOSE)
    left = [pull.facts.change.lever for pull in incident.standing if pull.facts.change]
    if left and not anyway.strip():
        raise Refusal(
            f"{incident.id}: {len(left)} changes still stand ({', '.join(left)})",
            todo=f"psfir restore {incident.id}; or, if they are to stay, --anyway REASON",
        )
    drafts = [session.draft(incident.id, Kind.CLOSED, {"anyway": bool(left)})]
    if left:
        drafts.insert(
            0, _note(session, incident, f"closed with {len(left)} changes standing: {anyway.strip()}", "reason")
        )
    return _record(session, incident, *drafts)


def _against_resolving(incident: Incident, verdict: Verdict | None) -> tuple[str, str] | None:
    if incident.running:
        runs = ", ".join(run.id for run in incident.running)
        return f"run {runs} has not ended", f"psfir status {incident.id}, or psfir resume {incident.id}"
    if verdict is not None and verdict is not Verdict.CONTAINED:
        says = verdict.value.replace("_", " ")
        return f"the verdict is {says}", f"psfir kill --climb --incident {incident.id}, or psfir verify {incident.id}"
    return None


def _nothing_left(incident: Incident, todo: str) -> None:
    if incident.running:
        raise Refusal(f"{incident.id} has a run that has not ended", todo=f"psfir resume {incident.id}")
    if incident.standing:
        raise Refusal(f"{incident.id}: {len(incident.standing)} changes still stand", todo=todo)


def _person(session: Session, person: str) -> None:
    people = session.workspace.team.people
    if person not in people:
        raise UsageError(f"psfir.yaml names no person {person!r}", todo=near(person, people))


def _seated(session: Session, incident: Incident, seat: Seat, person: str) -> Draft:
    return session.draft(incident.id, Kind.SEATED, {"seat": seat.value, "person": person})


def _note(session: Session, incident: Incident, text: str, about: str) -> Draft:
    return session.draft(incident.id, Kind.NOTE, {"text": text, "about": about})


def _record(session: Session, incident: Incident, *drafts: Draft) -> Incident:
    for entry in session.record(*drafts):
        if entry.incident == incident.id:
            incident = extend(incident, entry)
    return incident
