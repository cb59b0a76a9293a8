"""Duties to report in an incident: what people record of instants and clocks, and what psfir works out from it.

psfir proposes. Whether a duty applies, a person says, with a reason; nothing that was said is ever taken out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from psfir.app.analysis import Awaited, awaited
from psfir.app.incident import since
from psfir.app.session import Session
from psfir.domain import instants
from psfir.domain.canon import Json, digest
from psfir.domain.entries import Draft
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.people import Deed
from psfir.domain.runbook import to_json as runbook_json
from psfir.domain.values import frozen
from psfir.errors import Refusal, UsageError
from psfir.loading.content import content_files
from psfir.loading.runbook import load_runbook
from psfir.review.business_days import Calendar
from psfir.review.catalogue import Clocks, load_clocks, one
from psfir.review.clock import Clock, Fact
from psfir.review.clock_applies import Proposal, propose
from psfir.review.clock_board import ClockRow, board
from psfir.review.clock_facts import REASON, ClockFacts, clock_facts
from psfir.review.evidence_hold import acknowledged
from psfir.review.holiday_calendar import calendar_of


@frozen
class Clockwork:
    """The clocks of one incident, what was recorded, and what may run."""

    incident: Incident
    clocks: Clocks
    facts: ClockFacts
    proposals: dict[str, Proposal]
    rows: tuple[ClockRow, ...]
    analysis: Awaited | None

    def row(self, name: str) -> ClockRow:
        """One of them, also one that psfir.yaml rules out."""
        found = [row for row in self.rows if row.clock.id == name]
        if not found:
            says = self.proposals[one(self.clocks, name).id].says
            raise UsageError(f"{name} does not run in {self.incident.id}: {says}", todo=f"psfir clocks open {name}")
        return found[0]


def clockwork(session: Session, incident: Incident) -> Clockwork:
    """As it stands now. ContentError where the workspace's own clocks are wrong."""
    now, review = session.clock.now(), session.workspace.review
    clocks = load_clocks(session.root)
    facts = clock_facts(session.journal.read(incident.id))
    proposals = proposals_of(session, clocks, incident.systems, now.date())
    calendars: dict[str, Calendar] = {}

    def calendar_for(clock: Clock) -> Calendar:
        """A clock's own, or that of the system."""
        words = clock.calendar or review.calendar_of(system=incident.systems[0])
        key = f"{words.country}/{words.zone}/{words.name}"
        if key not in calendars:
            calendars[key] = calendar_of(words, session.root)
        return calendars[key]

    rows = board(clocks, facts, proposals, now=now, calendar_for=calendar_for)
    return Clockwork(incident, clocks, facts, proposals, tuple(rows), awaited(session, incident))


def proposals_of(session: Session, clocks: Clocks, systems: tuple[str, ...], today: date) -> dict[str, Proposal]:
    """What may run for these systems, by what psfir.yaml says of the company."""
    return {name: propose(clock, session.workspace.review, systems, today) for name, clock in clocks.items()}


def alarms(session: Session, incident: Incident) -> list[ClockRow]:
    """Open clocks of this incident that are due, also long after its end."""
    return [row for row in clockwork(session, incident).rows if row.alarms]


def record(session: Session, incident: Incident, fact: Fact, *, at: datetime | None, why: str) -> ClockFacts:
    """An instant, with why it is this one. A later entry corrects an earlier one; without `at` it is taken back."""
    session.need(Deed.NOTE)
    known = _facts(session, incident).at(fact)
    if at == known:
        raise Refusal(f"{fact} is {instants.write(at)} already" if at else f"{fact} was never recorded")
    if at is not None and at > session.clock.now():
        raise UsageError(f"{instants.write(at)} lies in the future", todo="an instant is recorded once it has come")
    data: dict[str, Json] = {"fact": fact.value, "at": instants.write(at) if at else None}
    return _write(session, incident, Kind.INSTANT, data, why)


def open_(session: Session, incident: Incident, name: str, *, why: str) -> ClockFacts:
    """Say that a duty is taken to apply: from here on its time alarms."""
    session.need(Deed.NOTE)
    clock = one(load_clocks(session.root), name)
    if _facts(session, incident).of(name).open:
        raise Refusal(f"{name} is open already in {incident.id}")
    return _write(session, incident, Kind.CLOCK_OPENED, {"clock": name, "digest": clock.digest}, why)


def set_aside(session: Session, incident: Incident, name: str, *, why: str) -> ClockFacts:
    """Say that a duty does not apply. It stays in sight, with who said so and why."""
    session.need(Deed.SETTLE_DUTY)
    one(load_clocks(session.root), name)
    deeds = _facts(session, incident).of(name)
    if deeds.set_aside:
        raise Refusal(f"{name} was set aside by {deeds.aside.by if deeds.aside else ''} already")
    if deeds.first_submitted:
        raise Refusal(f"{name} was submitted at {instants.write(deeds.first_submitted)[:16]}Z")
    return _write(session, incident, Kind.CLOCK_ASIDE, {"clock": name}, why)


def submitted(
    session: Session, incident: Incident, name: str, *, at: datetime, receipt: str = "", update: bool = False
) -> ClockFacts:
    """Say that the report went out; what waits for it starts with that. `update`: it only updates an earlier one."""
    session.need(Deed.SETTLE_DUTY)
    one(load_clocks(session.root), name)
    if at > session.clock.now():
        raise UsageError(f"{instants.write(at)} lies in the future", todo="say it once it is sent")
    before = _facts(session, incident).of(name).first_submitted
    if update and before is None:
        raise Refusal(f"{name} was not submitted yet: there is nothing to update")
    if before is not None and not update:
        raise Refusal(f"{name} was submitted at {instants.write(before)[:16]}Z", todo="--update, if this is one more")
    data: dict[str, Json] = {"clock": name, "at": instants.write(at), "receipt": receipt, "update": update}
    return _write(session, incident, Kind.CLOCK_SUBMITTED, data, "")


def delay(session: Session, incident: Incident, name: str, *, until: datetime, document: Path, why: str) -> ClockFacts:
    """Law enforcement asks to wait: until when, by which document. The strict time stays in sight."""
    session.need(Deed.SETTLE_DUTY)
    clock = one(load_clocks(session.root), name)
    if not clock.delayable:
        raise Refusal(f"{clock.paragraph} knows no delay for law enforcement")
    if until <= session.clock.now():
        raise UsageError(f"{instants.write(until)} is over", todo="--until a time to come")
    try:
        content = document.read_bytes()
    except OSError as error:
        raise UsageError(f"{document} cannot be read: {error.strerror}", todo="--document FILE") from None
    data: dict[str, Json] = {
        "clock": name,
        "until": instants.write(until),
        "document": document.name,
        "sha256": f"sha256:{sha256(content).hexdigest()}",
    }
    return _write(session, incident, Kind.CLOCK_DELAYED, data, why)


def acknowledge(session: Session, incident: Incident, name: str, *, why: str) -> ClockFacts:
    """Legal's yes to altering a system after evidence of it was kept: to one runbook as it is now."""
    session.need(Deed.SETTLE_DUTY)
    files = content_files(session.root, "runbooks")
    if name not in files:
        raise UsageError(f"there is no runbook {name!r}", todo="psfir runbook list")
    runbook = load_runbook(files[name])
    if not runbook.alters_evidence:
        raise Refusal(f"{name} does not alter evidence, by what it says of itself: it needs no yes of this kind")
    facts, text = _facts(session, incident), digest(runbook_json(runbook))
    if not facts.kept(runbook.system):
        todo = f"psfir kill {runbook.system} --incident {incident.id} with a runbook that captures"
        raise Refusal(f"nothing of {runbook.system} was kept in {incident.id} yet", todo=todo)
    given = acknowledged(facts, name, text)
    if given:
        raise Refusal(f"{given.by} said yes to {name} as it is now already")
    data: dict[str, Json] = {"runbook": name, "digest": text, "evidence": list(facts.kept(runbook.system))}
    return _write(session, incident, Kind.ACKNOWLEDGED, data, why)


def catalogue_of(session: Session, name: str = "") -> tuple[Clock, ...]:
    """Every clock of this workspace, or one."""
    clocks = load_clocks(session.root)
    return (one(clocks, name),) if name else tuple(clocks[key] for key in sorted(clocks))


def moment(text: str) -> datetime:
    """An instant to come, with its zone; for what has been, `since` reads it."""
    try:
        return instants.read(text)
    except ValueError:
        raise UsageError(f"{text!r} is no time with a zone", todo="write 2026-11-21T17:30:00+01:00") from None


def been(text: str, now: datetime) -> datetime:
    """When something was: `10m ago`, an instant with its zone, or now where nothing is said."""
    return since(text, now) if text else now


def _facts(session: Session, incident: Incident) -> ClockFacts:
    return clock_facts(session.journal.read(incident.id))


def _write(session: Session, incident: Incident, kind: Kind, data: Mapping[str, Json], why: str) -> ClockFacts:
    drafts: list[Draft] = []
    if kind is not Kind.CLOCK_SUBMITTED:
        if not why.strip():
            raise UsageError("this needs a reason, which is recorded", todo="--why REASON")
        drafts.append(session.draft(incident.id, Kind.NOTE, {"text": why.strip(), "about": REASON}))
    session.record(*drafts, session.draft(incident.id, kind, data))
    return _facts(session, incident)
