"""Messages of an incident: draft from a template, say yes to the text as people will read it, withdraw, look."""

from __future__ import annotations

import os
from base64 import b32encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from psfir.app.approve import Yes, spoken
from psfir.app.comms_lint import hold, of_message
from psfir.app.corrections import Inventoried, look_through
from psfir.app.session import Session
from psfir.app.templates import Shelf, shelf, today
from psfir.comms.cadence import next_after
from psfir.comms.choose import Choice, Wanted, choose
from psfir.comms.clearance import LASTS, OF, Clearance, Crew, class_of, clearance
from psfir.comms.facts import Fact, Scene, facts, mode, shown, unsupported
from psfir.comms.fill import Filled, Known, fill
from psfir.comms.record import Talk, Told, talk
from psfir.comms.template import Source, Template
from psfir.domain.approval import Approval
from psfir.domain.canon import Json
from psfir.domain.channels import Channel, MessageClass
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.message import EXERCISE, Audience, Message, Phase
from psfir.domain.near import near
from psfir.domain.people import Deed
from psfir.domain.values import frozen, remade
from psfir.errors import ContentError, Refusal, UsageError

FIRST_PHASES = (Phase.HOLDING, Phase.SCOPE, Phase.CONTAINED, Phase.PROGRESS, Phase.MONITORING, Phase.RESOLVED)


@frozen
class Table:
    """What is at hand while one incident is talked about."""

    session: Session
    incident: Incident
    talk: Talk
    shelf: Shelf

    @property
    def crew(self) -> Crew:
        return Crew(self.session.workspace.team, self.incident.seats)

    def roles(self, kind: MessageClass) -> tuple[str, ...]:
        return self.session.workspace.comms.classes[kind]

    def cleared(self, told: Told) -> Clearance:
        now = self.session.clock.now()
        return clearance(told, self.incident.approvals, roles=self.roles(told.kind), crew=self.crew, now=now)

    def message(self, ref: str) -> Told:
        """By its id or the end of it, or by the start of its digest; without a word the only one that is open."""
        known = self.talk.messages
        if not ref:
            found = [one for one in known.values() if not one.sent and not one.withdrawn]
        else:
            low = ref.lower()
            found = [one for one in known.values() if one.id.lower().endswith(low)] or [
                one
                for one in known.values()
                if one.digest.removeprefix("sha256:").startswith(low.removeprefix("sha256:"))
            ]
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(f"{len(found)} messages could be meant", todo=", ".join(one.id for one in found))
        todo = near(ref, known) if ref and known else "psfir comms draft"
        raise UsageError(f"{self.incident.id} has no message {ref or 'that is open'}", todo=todo)


@frozen
class Sheet:
    """A draft before it is recorded: the filled template, how it was chosen, and where it would go."""

    filled: Filled
    choice: Choice
    channel: Channel | None
    next_update_at: datetime | None
    kind: MessageClass
    inventory: Inventoried | None = None


def table(session: Session, ref: str = "") -> Table:
    incident = session.incident(ref)
    entries = talk(session.journal.read(incident.id))
    return Table(session, incident, entries, shelf(session.root, session.workspace))


def heard(session: Session, incident: Incident) -> Table:
    """The same without the templates, which take longest to read: for whoever drafts nothing."""
    return Table(session, incident, talk(session.journal.read(incident.id)), Shelf(session.root, session.workspace))


def next_phase(table: Table, wanted: Wanted | None = None) -> Phase:
    """What this audience is to hear next, by what the record supports and what they heard."""
    before = table.talk.sent_to(wanted.audience) if wanted else ()
    phases = {one.message.phase for one in before if one.message}
    if not phases:
        written = {one.phase for one in table.shelf.templates if wanted and one.audience is wanted.audience}
        return next((phase for phase in Phase if phase in written), Phase.HOLDING)
    fitting = [one for one in FIRST_PHASES if not unsupported(table.incident, one) and one not in phases]
    later = [one for one in fitting if one not in {Phase.HOLDING, Phase.PROGRESS}]
    return later[-1] if later else Phase.PROGRESS


def turns_on_case(table: Table, wanted: Wanted) -> bool:
    """Whether what this audience is told at this point depends on which failure it is."""
    cell = [one for one in table.shelf.templates if one.cell == (wanted.audience, wanted.phase)]
    return any(one.covers or any(it.source is Source.CASE for it in one.fields.values()) for one in cell)


def sheet(
    table: Table, wanted: Wanted, said: Mapping[str, Json], *, channel: str = "", inventory: Path | None = None
) -> Sheet:
    """What a draft would be. What the record does not support is refused before anything is filled."""
    why = unsupported(table.incident, wanted.phase)
    if why:
        raise Refusal(
            f"{wanted.phase.value} is not what the record supports: {why}", todo="psfir verify, or psfir status"
        )
    choice = _chosen(table, wanted)
    template = choice.template
    now = table.session.clock.now()
    due = _next(table, template, now)
    listed = look_through(table.session, template, inventory) if inventory else None
    known = remade(_known(table, wanted, due, listed), lang=template.lang.partition("-")[0])
    filled = fill(template, known, said)
    day = today(table.session.workspace, now)
    yes = table.shelf.standing(template, day)
    notices = choice.notices if yes.state.good else (*choice.notices, f"the template {template.key}: {yes.says}")
    kind = class_of(template.audience, edited=filled.edited, template=yes)
    return Sheet(filled, Choice(template, notices), _channel(table, template, channel), due, kind, listed)


def _chosen(table: Table, wanted: Wanted) -> Choice:
    """A file that is there and cannot be read is told, and not that there is none."""
    try:
        return choose(table.shelf.templates, wanted)
    except UsageError:
        cell = f"comms_templates/{wanted.audience.value}/{wanted.phase.value}."
        if broken := [one for one in table.shelf.problems if one.file.startswith(cell)]:
            raise ContentError(broken, todo="put it right: psfir lint comms_templates") from None
        raise


def record(table: Table, made: Sheet, *, supersedes: str = "") -> Told:
    """The draft into the record; UsageError while something is open. In a rehearsal it bears the mark of one."""
    session, template, listed = table.session, made.filled.template, made.inventory
    session.need(Deed.DRAFT)
    message = held(table, made, supersedes=_superseded(table, supersedes, template.audience))
    fields: dict[str, Json] = {
        name: {"value": None if template.fields[name].redact else one.value, "source": one.source, "edited": one.edited}
        for name, one in made.filled.values.items()
    }
    data: dict[str, Json] = {
        "message": message.to_json(),
        "digest": message.digest,
        "class": made.kind.value,
        "draft_only": template.draft_only,
        "fields": fields,
        "inventory": {**listed.inventory.to_json(), "rows": listed.listed.count} if listed else {},
    }
    entries = session.record(session.draft(table.incident.id, Kind.DRAFTED, data))
    return talk(entries).messages[message.id]


def held(table: Table, made: Sheet, *, supersedes: str = "") -> Message:
    """The words as they would go out; Refusal if they must not."""
    session, template, listed = table.session, made.filled.template, made.inventory
    exercise = session.post.exercise
    title, body = made.filled.text()
    mark = f"{EXERCISE}\n\n" if exercise else ""
    message = Message(
        id=f"MSG-{b32encode(os.urandom(5)).decode().lower()[:6]}",
        incident=table.incident.id,
        audience=template.audience,
        phase=template.phase,
        lang=template.lang,
        channel=made.channel.name if made.channel else "",
        subject=f"{EXERCISE} {title}" if exercise else title,
        body=mark + body,
        template=f"{template.key} {template.digest}",
        next_update_at=made.next_update_at,
        supersedes=supersedes,
        provider=dict(template.provider.get(template.channel, {})),
        inventory=listed.listed.digest if listed and listed.merged else "",
    )
    hold(of_message(session, message, exercise=exercise))
    return message


def approve(table: Table, told: Told, yes: Yes) -> Clearance:
    """One more yes to the text as it stands; one that would add nothing is refused, with why."""
    session = table.session
    session.need(Deed.BREAK_GLASS if yes.break_glass else Deed.APPROVE_MESSAGE)
    if yes.break_glass and not yes.reason.strip():
        raise UsageError("breaking the glass needs a reason", todo="--reason TEXT")
    if not (told.left or told.unknown):  # what is left of a list may need a new yes
        _open(told)
    now = session.clock.now()
    approval = Approval(told.digest, OF, session.actor, now, now + timedelta(seconds=LASTS))
    approval = spoken(session, approval, yes)
    with_it = remade(table, incident=remade(table.incident, approvals=(*table.incident.approvals, approval)))
    after = with_it.cleared(told)
    why = next((why for one, why in after.standing.ignored if one == approval), "")
    if why:
        roles = ", ".join(table.roles(told.kind))
        raise Refusal(f"this yes would not count: {why}", todo=f"a message of class {told.kind.value} needs: {roles}")
    session.record(session.draft(table.incident.id, Kind.APPROVED, {"approval": approval.to_json()}))
    return after


def withdraw(table: Table, told: Told, why: str) -> None:
    """A draft that is not to go out. What went out is corrected by another message, never taken back."""
    table.session.need(Deed.DRAFT)
    _open(told)
    if not why.strip():
        raise UsageError("say why it is withdrawn", todo="--reason TEXT")
    data: dict[str, Json] = {"message": told.id, "why": why.strip()}
    table.session.record(table.session.draft(table.incident.id, Kind.WITHDRAWN, data))


def _open(told: Told) -> None:
    if told.withdrawn:
        raise Refusal(f"{told.id} was withdrawn: {told.withdrawn}")
    if told.message is None:
        raise Refusal(f"the words of {told.id} were erased")
    if told.sent:
        raise Refusal(f"{told.id} went out at {told.sent.at}", todo=f"psfir comms draft --supersedes {told.id}")
    if told.unknown:
        raise Refusal(f"nobody knows whether {told.id} went out", todo=f"psfir comms settle {told.id}")


def _superseded(table: Table, ref: str, audience: Audience) -> str:
    if not ref:
        return ""
    told = table.message(ref)
    if not told.sent and not told.unknown:
        raise Refusal(f"{told.id} never went out", todo=f"psfir comms withdraw {told.id}")
    if told.message and told.message.audience is not audience:
        went = told.message.audience.value
        raise Refusal(f"{told.id} went to {went}: who read it is told, and nobody else", todo=f"--audience {went}")
    return told.id


def _next(table: Table, template: Template, now: datetime) -> datetime | None:
    set_ = table.talk.cadences.get(template.audience)
    every = next_after(
        template.phase, table.incident.severity, template=template.cadence, set_=set_.every if set_ else None
    )
    return now + timedelta(seconds=every) if every else None


def _known(table: Table, wanted: Wanted, due: datetime | None, listed: Inventoried | None) -> Known:
    session = table.session
    now = session.clock.now()
    count = listed.listed.count if listed else None
    scene = Scene(table.incident, table.talk, session.workspace.systems, now, wanted.audience, count)
    found = facts(scene)
    if due:
        found["next_update_at"] = Fact(shown(due), "the cadence")
    words = dict(session.workspace.comms.facts)
    titles = [
        session.workspace.systems[one].title for one in table.incident.systems if one in session.workspace.systems
    ]
    if "product" not in words and titles:
        words["product"] = titles[0]
    words.setdefault("company", session.workspace.name)
    return Known(found, words, wanted.case or table.incident.case, mode(table.incident), rows=listed is not None)


def _channel(table: Table, template: Template, name: str) -> Channel | None:
    """The channel that is named, else the only one of the template's kind for this audience, if there is one."""
    comms, connections = table.session.workspace.comms, table.session.workspace.connections
    if name:
        if name not in comms.channels:
            raise UsageError(f"psfir.yaml has no channel {name!r}", todo=near(name, comms.channels))
        return comms.channels[name]
    fitting = [
        one for one in comms.of(template.audience) if _kind(connections[one.connection].kind) == template.channel
    ]
    if len(fitting) > 1:
        raise UsageError(
            f"{len(fitting)} channels lead to {template.audience.value}",
            todo=f"--channel, one of {', '.join(one.name for one in fitting)}",
        )
    return fitting[0] if fitting else None


def _kind(connection: str) -> str:
    """What a template calls the kind of channel that goes over this kind of connection."""
    return {"smtp": "email", "http": "webhook", "folder": "file"}.get(connection, connection)
