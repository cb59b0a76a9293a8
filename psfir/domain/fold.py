"""An incident told by its entries, one after another: deterministic and order-checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from psfir.domain import instants
from psfir.domain.approval import Approval
from psfir.domain.entries import Entry
from psfir.domain.incident import Incident, Note, Published, Status, Tick
from psfir.domain.kinds import Kind
from psfir.domain.modes import PlanCase, Severity
from psfir.domain.people import Seat
from psfir.domain.plan import told_plan
from psfir.domain.run import add, begin
from psfir.domain.values import remade
from psfir.errors import RecordError


def fold(entries: Iterable[Entry]) -> Incident:
    """The incident that these entries tell. Entries of another incident, or out of order, are an error."""
    incident: Incident | None = None
    for entry in entries:
        incident = extend(incident, entry)
    if incident is None:
        raise RecordError("there are no entries to tell an incident from")
    return incident


def extend(incident: Incident | None, entry: Entry) -> Incident:
    """The incident with one more entry; RecordError, with its number, for one that makes no sense."""
    try:
        return _extended(incident, entry)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise RecordError(f"entry {entry.seq} ({entry.kind}) cannot be understood ({what})") from error


def _extended(incident: Incident | None, entry: Entry) -> Incident:
    if incident is None:
        if entry.kind != Kind.DECLARED:
            raise RecordError(f"entry {entry.seq} ({entry.kind}) comes before the incident was declared")
        return _declared(entry)
    if entry.incident != incident.id:
        raise RecordError(f"entry {entry.seq} belongs to {entry.incident}, not to {incident.id}")
    if entry.seq <= incident.head:
        raise RecordError(f"entry {entry.seq} comes behind entry {incident.head}: the order is wrong")
    step = _STEPS.get(entry.kind)
    data = entry.data or {}
    if step:
        return remade(step(incident, entry, data), head=entry.seq)
    run = incident.runs.get(data.get("run", ""))
    runs = {**incident.runs, run.id: add(run, entry)} if run else incident.runs
    return remade(incident, runs=runs, head=entry.seq)


def _declared(entry: Entry) -> Incident:
    data = entry.data or {}
    return Incident(
        id=entry.incident,
        systems=tuple(data["systems"]),
        severity=Severity(data["severity"]),
        case=PlanCase(data["case"]) if data.get("case") else None,
        trigger_at=instants.read(data["trigger"]["at"]),
        trigger_source=data["trigger"]["source"],
        declared_at=instants.read(entry.at),
        declared_by=entry.actor,
        head=entry.seq,
    )


_Step = Callable[[Incident, Entry, Mapping[str, Any]], Incident]


def _status(status: Status) -> _Step:
    def step(incident: Incident, entry: Entry, data: Mapping[str, Any]) -> Incident:
        resolved = incident.resolved_at
        if status is Status.RESOLVED:
            resolved = resolved or entry.at  # said twice, by two whose spools were merged: the first starts the clock
        return remade(incident, status=status, merged_into=data.get("into", ""), resolved_at=resolved)

    return step


def _reopened(incident: Incident, _: Entry, __: Mapping[str, Any]) -> Incident:
    return remade(incident, status=Status.OPEN, merged_into="", resolved_at="", published=None)


def _published(incident: Incident, entry: Entry, data: Mapping[str, Any]) -> Incident:
    return remade(incident, published=Published(entry.at, entry.actor, data["digest"], data["late"]))


def _note(incident: Incident, entry: Entry, data: Mapping[str, Any]) -> Incident:
    note = Note(entry.seq, entry.at, entry.actor, data.get("about", "note"), data.get("text"))
    return remade(incident, notes=incident.notes.and_one(note))


def _claim(incident: Incident, entry: Entry, data: Mapping[str, Any]) -> Incident:
    claim = Note(entry.seq, entry.at, entry.actor, data.get("reason", ""), data.get("name"))
    return remade(incident, claims=incident.claims.and_one(claim))


def _system_added(incident: Incident, _: Entry, data: Mapping[str, Any]) -> Incident:
    return remade(incident, systems=tuple(dict.fromkeys((*incident.systems, *data["systems"]))))


def _seated(incident: Incident, entry: Entry, data: Mapping[str, Any]) -> Incident:
    seat, person = Seat(data["seat"]), data["person"]
    if incident.seats.get(seat) == person:  # said once more: they have sat there since the first time
        return incident
    return remade(incident, seats={**incident.seats, seat: person}, seated_at={**incident.seated_at, seat: entry.at})


def _planned(incident: Incident, _: Entry, data: Mapping[str, Any]) -> Incident:
    return remade(incident, plans={**incident.plans, data["plan"]["digest"]: told_plan(data["plan"])})


def _approved(incident: Incident, _: Entry, data: Mapping[str, Any]) -> Incident:
    return remade(incident, approvals=(*incident.approvals, Approval.from_json(data["approval"])))


def _started(incident: Incident, entry: Entry, data: Mapping[str, Any]) -> Incident:
    if data["plan"] not in incident.plans:
        raise RecordError(f"entry {entry.seq} starts a run of a plan that was never recorded")
    return remade(incident, runs={**incident.runs, data["run"]: begin(entry, incident.plans[data["plan"]])})


def _ticked(incident: Incident, entry: Entry, data: Mapping[str, Any]) -> Incident:
    tick = Tick(data["playbook"], data["step"], data["state"], data["reason"], entry.at, entry.actor)
    return remade(incident, ticks=incident.ticks.and_one(tick))


_STEPS: dict[str, _Step] = {
    Kind.SYSTEM_ADDED: _system_added,
    Kind.NOTE: _note,
    Kind.CLAIMED: _claim,
    Kind.SEATED: _seated,
    Kind.SEVERITY: lambda incident, _, data: remade(incident, severity=Severity(data["severity"])),
    Kind.RESOLVED: _status(Status.RESOLVED),
    Kind.CLOSED: _status(Status.CLOSED),
    Kind.REOPENED: _reopened,
    Kind.FALSE_ALARM: _status(Status.FALSE_ALARM),
    Kind.MERGED: _status(Status.MERGED),
    Kind.PLANNED: _planned,
    Kind.APPROVED: _approved,
    Kind.RUN_STARTED: _started,
    Kind.TICKED: _ticked,
    Kind.RCA_PUBLISHED: _published,
    Kind.CLOCK_OPENED: lambda incident, *_: remade(incident, duties=True),
    Kind.DRAFTED: lambda incident, *_: remade(incident, messages=True),
    Kind.REMEDIATION_ADDED: lambda incident, *_: remade(incident, remediation=True),
}
