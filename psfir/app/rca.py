"""The written analysis of an incident: laid out from the record, renewed from it, checked, and published with yeses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from psfir.app.analysis import analysis_due
from psfir.app.approve import Yes, spoken
from psfir.app.clocks import clockwork
from psfir.app.remediation import returned
from psfir.app.remediation_list import as_items
from psfir.app.save import save
from psfir.app.session import Session
from psfir.comms.cadence import promises
from psfir.comms.record import Talk, talk
from psfir.domain import instants
from psfir.domain.approval import Approval, standing
from psfir.domain.canon import Json
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.near import near
from psfir.domain.people import Actor, Deed
from psfir.domain.values import frozen, remade
from psfir.errors import Refusal, UsageError
from psfir.review.business_days import left
from psfir.review.clock import Fact
from psfir.review.clock_board import ClockRow
from psfir.review.clock_facts import ClockFacts
from psfir.review.rca.afterwards import OF
from psfir.review.rca.blocks import Renewed, take
from psfir.review.rca.check import Lack, check, responders
from psfir.review.rca.document import Analysis, contents, laid_out, read, renewed
from psfir.review.rca.material import Due, Duty, Material, Said
from psfir.review.rca.place import path_of
from psfir.review.rca.tags import SUGGESTED

LASTS = timedelta(days=30)


@frozen
class Checked:
    """The analysis as it stands, with all that is missing or weak, and the yeses to exactly this text."""

    analysis: Analysis
    lacks: tuple[Lack, ...]
    approvals: tuple[Approval, ...]

    @property
    def whole(self) -> bool:
        return not any(one.error for one in self.lacks)


def new(session: Session, incident: Incident, *, owner: str, facilitator: str) -> Path:
    """Lay the document out. One that is there stays: `refresh` renews what the record tells in it."""
    session.need(Deed.REVIEW)
    path = path_of(session.root, incident.id)
    if path.exists():
        raise Refusal(f"{path.relative_to(session.root)} is there already", todo=f"psfir rca refresh {incident.id}")
    system = session.workspace.systems.get(incident.systems[0])
    person = _person(session, owner or (system.owner if system else session.actor.id))
    found = material(session, incident)
    if facilitator and _person(session, facilitator) in responders(found):
        raise Refusal(f"{facilitator} was a responder", todo="name somebody who was not")
    tags = tuple(SUGGESTED[incident.case]) if incident.case else ("psf-ir",)
    text = laid_out(found, owner=person, facilitator=facilitator, tags=tags)
    path.parent.mkdir(parents=True, exist_ok=True)
    save(path, text.encode())
    return path


def refresh(session: Session, incident: Incident, *, take_back: tuple[str, ...] = ()) -> Renewed:
    """Renew what psfir wrote and nobody touched. `take_back` gives blocks that people had changed to psfir again."""
    session.need(Deed.REVIEW)
    analysis = opened(session, incident)
    found = material(session, incident)
    made = contents(found, analysis.text)
    text = analysis.text
    for name in take_back:
        if name not in made:
            raise UsageError(f"there is no block {name!r}", todo=near(name, made))
        text = take(text, name, made[name])
    done = renewed(Analysis(**{**vars(analysis), "text": text}), found)
    if done.text != analysis.text:
        save(analysis.path, done.text.encode())
    return done


def checked(session: Session, incident: Incident) -> Checked:
    """Looks only; anybody may."""
    analysis = opened(session, incident)
    found = material(session, incident)
    now = remade(found, items=as_items(session, incident, at=session.clock.now()))
    lacks = (*check(analysis, now), *_back(session, incident))
    return Checked(analysis, lacks, _counted(session, incident, analysis))


def _back(session: Session, incident: Incident) -> Iterator[Lack]:
    """Items that were closed elsewhere, and whose factor is here again: a person opens them, nobody else."""
    for item, spot in returned(session, incident):
        todo = f"psfir remediation reopen {item.ref} --same-as {spot}"
        yield Lack(0, "repeat", f"{item.ref} was closed, and its factor is {spot.partition('/')[2]} here", todo)


def _counted(session: Session, incident: Incident, analysis: Analysis) -> tuple[Approval, ...]:
    """The yeses to exactly this text that count now: neither expired, nor its owner's, nor of somebody who may not."""
    team = session.workspace.team

    submitter = _submitter(session, incident, analysis)

    def refused(one: Approval) -> str:
        if why := _own(one.actor.id, analysis, submitter):
            return why
        return "" if team.may(one.actor, Deed.REVIEW) else f"{one.actor.id or 'somebody unknown'} may not review"

    given = [one for one in incident.approvals if one.of == OF]
    found = standing(given, digest=analysis.digest, needed=1, at=session.clock.now(), refused=refused)
    return found.counted


def _submitter(session: Session, incident: Incident, analysis: Analysis) -> str:
    """Who handed in exactly this text last; '' if nobody has."""
    handed = [one for one in session.journal.read(incident.id) if one.kind == Kind.RCA_SUBMITTED and one.data]
    whose = [Actor.parse(one.actor).id for one in handed if (one.data or {})["digest"] == analysis.digest]
    return whose[-1] if whose else ""


def _own(person: str, analysis: Analysis, submitter: str) -> str:
    """Why it is not this person's to review; '' if it is."""
    if person == analysis.owner:
        return "its owner does not review it"
    return f"{person} handed it in, and does not review it" if person and person == submitter else ""


def submit(session: Session, incident: Incident) -> Checked:
    """Hand it to its reviewers: whole, or not at all."""
    session.need(Deed.REVIEW)
    found = checked(session, incident)
    _whole(found)
    data: dict[str, Json] = {"digest": found.analysis.digest, "owner": found.analysis.owner}
    session.record(session.draft(incident.id, Kind.RCA_SUBMITTED, data))
    return found


def review(session: Session, incident: Incident, yes: Yes) -> Checked:
    """A reviewer's yes to exactly this text. Its owner's own is none."""
    session.need(Deed.REVIEW)
    found = checked(session, incident)
    if why := _own(session.actor.id, found.analysis, _submitter(session, incident, found.analysis)):
        raise Refusal(why, todo="ask a reviewer")
    if any(one.actor.id == session.actor.id for one in found.approvals):
        raise Refusal(f"{session.actor.id} has said yes to this text already")
    now = session.clock.now()
    approval = spoken(session, Approval(found.analysis.digest, OF, session.actor, now, now + LASTS), yes)
    session.record(session.draft(incident.id, Kind.APPROVED, {"approval": approval.to_json()}))
    return checked(session, session.incident(incident.id))


def publish(session: Session, incident: Incident) -> Checked:
    """Published is what was reviewed, to the letter; when it was due stays visible."""
    session.need(Deed.REVIEW)
    found = checked(session, incident)
    if incident.published and incident.published.digest == found.analysis.digest:
        return _dated(session, incident, found)
    _whole(found)
    wanted = [one for one in found.analysis.reviewers if one not in {yes.actor.id for yes in found.approvals}]
    if not found.approvals or wanted:
        whom = ", ".join(wanted) or "a reviewer"
        raise Refusal(f"this text has no yes of {whom}", todo=f"psfir rca review {incident.id}")
    due = analysis_due(session, incident)
    late = left(due, session.clock.now()).overdue if due else 0
    data: dict[str, Json] = {"digest": found.analysis.digest, "owner": found.analysis.owner, "late": late}
    session.record(session.draft(incident.id, Kind.RCA_PUBLISHED, data))
    return _dated(session, session.incident(incident.id), found)


def _dated(session: Session, incident: Incident, found: Checked) -> Checked:
    """The record goes first and the day in the document is the record's: after a crash between, publish once more."""
    assert incident.published is not None  # noqa: S101 - both callers have just seen it
    text = found.analysis.dated(instants.read(incident.published.at).date())
    if text == found.analysis.text:
        raise Refusal(f"{incident.id}: this text was published on {incident.published.at[:10]}")
    save(found.analysis.path, text.encode())
    return checked(session, incident)


def opened(session: Session, incident: Incident) -> Analysis:
    """The document as people left it."""
    path = path_of(session.root, incident.id)
    if not path.exists():
        raise UsageError(f"{incident.id} has no analysis yet", todo=f"psfir rca new {incident.id}")
    shown = str(path.relative_to(session.root))
    analysis = read(path, shown=shown)
    if analysis.incident != incident.id:
        raise Refusal(f"{shown} says that it is about {analysis.incident}", todo="its head and its name must agree")
    return analysis


def material(session: Session, incident: Incident) -> Material:
    """All that the record tells, and nothing that the time of day changes: the same record gives the same words."""
    entries = list(session.journal.read(incident.id))
    told = talk(entries)
    promised = promises(told, instants.read(entries[-1].at))
    work = clockwork(session, incident)
    return Material(
        incident=incident,
        entries=entries,
        team=session.workspace.team,
        systems={name: one.title for name, one in session.workspace.systems.items()},
        due=_due(session, incident),
        said=_said(told, incident),
        promises=(sum(one.kept is True for one in promised), sum(one.kept is False for one in promised)),
        items=as_items(session, incident, at=instants.read(entries[-1].at)),
        duties=[_duty(row) for row in work.rows if row.deeds.open or row.deeds.set_aside],
        instants=_instants(work.facts),
    )


def _instants(facts: ClockFacts) -> dict[str, datetime]:
    found = {"occurred": facts.at(Fact.OCCURRED), "detected": facts.at(Fact.DETECTED)}
    return {name: at for name, at in found.items() if at}


def _said(told: Talk, incident: Incident) -> list[Said]:
    """Messages that went out, or may have; drafts that nobody sent are no part of the story."""
    found = []
    for one in told.messages.values():
        sending = one.sent or (one.sendings[-1] if one.sendings else None)
        if sending is None or one.message is None:
            continue
        yeses = sum(yes.digest == one.digest for yes in incident.approvals)
        at = instants.read(sending.at) if sending.out else None
        result = sending.result.replace("_", " ") or "not known"
        words = (one.message.audience.value, one.message.phase.value)
        found.append(Said(one.id, *words, at, one.message.template, yeses, one.digest, result))
    return found


def _duty(row: ClockRow) -> Duty:
    submitted = row.deeds.first_submitted
    state = (
        f"submitted {instants.write(submitted)[:16]}Z" if submitted else "set aside" if row.deeds.set_aside else "open"
    )
    return Duty(
        row.clock.id, row.clock.paragraph, state, instants.write(row.due)[:16] + "Z" if row.due else "no number"
    )


def _due(session: Session, incident: Incident) -> Due | None:
    due = analysis_due(session, incident)
    if due is None:
        return None
    return Due(due.day.isoformat(), due.line)


def _person(session: Session, name: str) -> str:
    people = session.workspace.team.people
    if name not in people:
        raise UsageError(f"psfir.yaml names no person {name!r}", todo=near(name, people))
    return name


def _whole(found: Checked) -> None:
    errors = [one for one in found.lacks if one.error]
    if errors:
        first = errors[0]
        count = "1 thing is" if len(errors) == 1 else f"{len(errors)} things are"
        raise Refusal(f"{count} missing, first: {first.says}", todo="psfir rca check")
