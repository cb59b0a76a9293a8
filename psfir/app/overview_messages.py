"""What of an incident's messages waits for somebody: a yes, sending, a person's look, or the next word that is due."""

from __future__ import annotations

from collections.abc import Iterator

from psfir.app.comms_status import Waits, overdue, waits
from psfir.app.messages import Table, heard
from psfir.app.overview import Waiting
from psfir.app.session import Session
from psfir.app.whom import entitled, whom
from psfir.domain.incident import Incident
from psfir.domain.people import Deed


def waiting(session: Session, incident: Incident) -> Iterator[Waiting]:
    table = heard(session, incident)
    drafted = set()
    for one in waits(table):
        if one.told.message:
            drafted.add(one.told.message.audience)
        yield _message(table, one)
    ask = whom(session, incident, Deed.DRAFT)
    for line in overdue(table):
        if line.audience not in drafted and line.due:
            what = f"{line.audience.value} should have heard by {line.due:%H:%M}Z"
            command = f"psfir comms draft {incident.id} --audience {line.audience.value}"
            yield Waiting(incident.id, what, command, ask)


def _message(table: Table, one: Waits) -> Waiting:
    told, session, incident = one.told, table.session, table.incident
    to = f"{told.id} to {told.message.audience.value}" if told.message else told.id
    where = f"{told.id} --incident {incident.id}"
    send = whom(session, incident, Deed.SEND)
    if any(unknown.under_way for unknown in one.unknown):
        return Waiting(incident.id, f"{to} is being sent", f"psfir comms status {incident.id}", later=True)
    if one.unknown:
        return Waiting(incident.id, f"nobody knows whether {to} went out", f"psfir comms status {incident.id}", send)
    if one.missing:
        what = f"{to} needs a yes as {' and as '.join(one.missing)}"
        return Waiting(incident.id, what, f"psfir comms approve {where}", _approvers(table, one))
    if one.left:
        return Waiting(incident.id, f"{one.left} copies of {to} are left", f"psfir comms send {where}", send)
    if told.draft_only or not (told.message and told.message.channel):
        what = f"{to} is cleared for people to send"
        return Waiting(incident.id, what, f"psfir comms settle {where} --sent --reason WHERE", send)
    return Waiting(incident.id, f"{to} is cleared", f"psfir comms send {where}", send)


def _approvers(table: Table, one: Waits) -> str:
    """Whom to ask for a yes that lacks; '' if it is one's own to give."""
    crew, session = table.crew, table.session
    given = {each.actor.id for each in table.cleared(one.told).counted}
    may = [
        name
        for name in session.workspace.team.people
        if name not in given and any(crew.has(name, role) for role in one.missing)
    ]
    if session.actor.id in may:
        return ""
    names = [entitled(session, table.incident, name, Deed.APPROVE_MESSAGE) for name in may]
    return f"ask {' or '.join(names)}" if names else f"nobody else is {' or '.join(one.missing)}: name somebody"
