"""The incident as a fold over its entries: deterministic, order-checked, the one source of all that is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from psfir.domain import instants
from psfir.domain.approval import Approval
from psfir.domain.entries import Entry, Kind
from psfir.domain.grown import Grown
from psfir.domain.modes import PlanCase, Severity
from psfir.domain.people import Seat
from psfir.domain.plan import Plan, Verb, told_plan
from psfir.domain.run import RunFacts, RungKey, add, begin
from psfir.domain.standing import Pull, not_overtaken
from psfir.domain.values import frozen, remade
from psfir.domain.verdict import Verdict, worst
from psfir.domain.wording import NAMED, some
from psfir.errors import RecordError


class Status(StrEnum):
    """Where an incident stands. One that was reopened is open."""

    OPEN = "open"
    RESOLVED = "resolved"
    CLOSED = "closed"
    FALSE_ALARM = "false_alarm"
    MERGED = "merged"


@frozen
class Note:
    """Words that somebody typed; `text` is None once erased."""

    seq: int
    at: str
    actor: str
    about: str
    text: str | None


@frozen
class Tick:
    """One step of a playbook that somebody has done, or skipped for a reason."""

    playbook: str
    step: str
    state: str
    reason: str
    at: str
    actor: str


@frozen
class Published:
    """The written analysis as it went out; `late` are business days after it was due."""

    at: str
    actor: str
    digest: str
    late: int


@frozen
class Incident:
    """All that is known of one incident. `heads` is the last entry folded in.

    `duties`: a legal clock was opened. `messages`: some were drafted. `remediation`: items were added. `published`
    answers for what happened until then: once the incident was opened again, another analysis is asked for.
    """

    id: str
    systems: tuple[str, ...]
    severity: Severity
    case: PlanCase | None
    trigger_at: datetime
    trigger_source: str
    declared_at: datetime
    declared_by: str
    status: Status = Status.OPEN
    merged_into: str = ""
    resolved_at: str = ""
    seats: Mapping[Seat, str] = field(default_factory=dict)
    seated_at: Mapping[Seat, str] = field(default_factory=dict)
    notes: Grown[Note] = field(default_factory=Grown)
    claims: Grown[Note] = field(default_factory=Grown)
    plans: Mapping[str, Plan] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    runs: Mapping[str, RunFacts] = field(default_factory=dict)
    ticks: Grown[Tick] = field(default_factory=Grown)
    duties: bool = False
    messages: bool = False
    published: Published | None = None
    remediation: bool = False
    head: int = 0

    @property
    def open(self) -> bool:
        return self.status is Status.OPEN

    @property
    def unfinished(self) -> bool:
        """Whether somebody still has to do something: work on it, put something back, or close it."""
        return self.open or self.status is Status.RESOLVED or bool(self.standing)

    @property
    def title(self) -> str:
        """What somebody called it, else the systems."""
        titles = [note.text for note in self.notes if note.about == "title" and note.text]
        return titles[-1] if titles else some(self.systems, NAMED)

    @property
    def broke_glass(self) -> tuple[Approval, ...]:
        """Shown in the headline for ever."""
        return tuple(a for a in self.approvals if a.break_glass)

    @property
    def running(self) -> tuple[RunFacts, ...]:
        """Runs that have begun and not ended; whether somebody is at work on one, its lease tells."""
        return tuple(run for run in self.runs.values() if run.ended is None)

    def last_kill(self, system: str = "") -> RunFacts | None:
        kills = [r for r in self.runs.values() if r.verb is Verb.KILL and system in {"", r.plan.runbook.system}]
        return kills[-1] if kills else None

    @property
    def verdict(self) -> Verdict | None:
        """The last word of all: None if nothing was ever contained, or all of it was restored since."""
        last = self.contained
        return worst(run.verdict for run in last) if last else None

    @property
    def contained(self) -> tuple[RunFacts, ...]:
        """The last containment of each system that was not put back since."""
        still = {self.runs[pull.run].plan.runbook.system for pull in self.standing}
        last: dict[str, RunFacts] = {}
        for run in self.runs.values():
            if run.verb is Verb.KILL:
                last[run.plan.runbook.system] = run
                continue
            for of in run.plan.containment.split(","):
                system = self.runs[of].plan.runbook.system if of in self.runs else ""
                if system not in still:
                    last.pop(system, None)
        return tuple(last.values())

    @property
    def standing(self) -> tuple[Pull, ...]:
        """What psfir changed, or may have, and is not seen to be back: oldest first, one pull for a run's rung."""
        pulls: list[Pull] = []
        back: set[tuple[str, RungKey]] = set()
        for run in self.runs.values():
            for key, facts in run.rungs.items():
                if run.verb is Verb.KILL and facts.leaves:
                    pulls.append(Pull(run.id, key, facts))
                elif run.verb is Verb.RESTORE and facts.held:
                    # A restore names each rung by the run that pulled it: `run/step`.
                    of, _, step = key[0].partition("/")
                    back.add((of, (step, key[1])))
        return tuple(pull for pull in not_overtaken(pulls) if (pull.run, pull.key) not in back)


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
