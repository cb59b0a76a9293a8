"""Where communication stands in one incident: what each audience last heard, what is due, what waits for whom."""

from __future__ import annotations

from datetime import datetime

from psfir.app.messages import Table
from psfir.app.settling import Unknown, unknown_of
from psfir.comms.cadence import FIRST, SLOWER_AFTER, WARN, Promise, missed, promises, usual
from psfir.comms.record import Told
from psfir.domain import instants
from psfir.domain.canon import Json
from psfir.domain.durations import show
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.message import Audience, Phase
from psfir.domain.people import Deed, Seat
from psfir.domain.values import frozen
from psfir.errors import Refusal, UsageError

FASTEST, SLOWEST = 60.0, 7 * 86400.0


@frozen
class Line:
    """One audience: the last it heard, when it is to hear next, and how that stands (`due`, `soon`, `kept`, `none`)."""

    audience: Audience
    last: Told | None
    at: datetime | None
    due: datetime | None
    state: str
    missed: int


@frozen
class Waits:
    """A message that is not all out, and what it waits for: roles that have to say yes, sending, or a person's look.

    `left` are copies of a list that may go yet.
    """

    told: Told
    missing: tuple[str, ...]
    unknown: tuple[Unknown, ...]
    left: int = 0


@frozen
class Overview:
    """All of it at one instant."""

    lines: tuple[Line, ...]
    waits: tuple[Waits, ...]
    missed: int
    kept: int


def overview(table: Table) -> Overview:
    """Audiences that templates are there for, and those that heard something."""
    now = table.session.clock.now()
    found = promises(table.talk, now)
    wanted = {one.audience for one in table.shelf.templates} | {one.audience for one in found}
    lines = [_line(table, audience, [one for one in found if one.audience is audience], now) for audience in Audience]
    shown = [line for line in lines if line.audience in wanted or line.last]
    kept = sum(one.kept is True for one in found)
    return Overview(tuple(shown), tuple(waits(table)), missed(found) + _late(table.incident, lines, now), kept)


def overdue(table: Table) -> list[Line]:
    """Audiences that should have heard by now."""
    return [line for line in owed(table) if line.state == "overdue"]


def owed(table: Table) -> list[Line]:
    """Audiences that are to hear by now or soon: who was promised it, and the public if a channel leads there."""
    now = table.session.clock.now()
    found = promises(table.talk, now)
    lines = [_line(table, audience, [one for one in found if one.audience is audience], now) for audience in Audience]
    led = table.session.workspace.comms.of(Audience.PUBLIC)
    return [line for line in lines if line.state in {"overdue", "soon"} and (line.last or led)]


def _line(table: Table, audience: Audience, found: list[Promise], now: datetime) -> Line:
    heard = table.talk.sent_to(audience)
    last = heard[-1] if heard else None
    at = instants.read(last.sent.at) if last and last.sent else None
    open_ = [one for one in found if one.heard is None]
    due = open_[-1].due if open_ else None
    if last is None and audience is Audience.PUBLIC and table.incident.open:
        due = table.incident.declared_at + FIRST
    return Line(audience, last, at, due, _state(due, now), missed(found))


def _state(due: datetime | None, now: datetime) -> str:
    if due is None:
        return "none"
    if now > due:
        return "overdue"
    return "soon" if due - now <= WARN else "ahead"


def _late(incident: Incident, lines: list[Line], now: datetime) -> int:
    """The first word to the public, if nobody said it in time."""
    public = next(line for line in lines if line.audience is Audience.PUBLIC)
    first = incident.declared_at + FIRST
    return int(public.last is None and incident.open and now > first)


def waits(table: Table) -> list[Waits]:
    """What is not out, or not to everybody, in the order of the drafts."""
    found = []
    for told in table.talk.messages.values():
        left = told.left
        if told.withdrawn or (told.sent and not told.unknown and not left):
            continue
        unknown = unknown_of(table, told) if told.unknown else ()
        found.append(Waits(told, table.cleared(told).missing, unknown, left))
    return found


def set_cadence(table: Table, audience: Audience, *, every: float, why: str) -> None:
    """How often an audience hears. Slower is the commander's to decide, and not before two hours."""
    session, incident = table.session, table.incident
    session.need(Deed.SEND)
    if not why.strip():
        raise UsageError("say why", todo="--reason TEXT")
    if not FASTEST <= every <= SLOWEST:
        raise UsageError(f"{show(every)} is not between {show(FASTEST)} and {show(SLOWEST)}", todo="such as 30m")
    if every > _now_every(table, audience):
        if session.clock.now() - incident.declared_at < SLOWER_AFTER:
            raise Refusal("nobody may make it slower in the first two hours", todo="write more often, or wait")
        commander = incident.seats.get(Seat.COMMANDER)
        person = session.workspace.team.people.get(session.actor.id)
        if session.actor.id != commander and (person is None or "incident_commander" not in person.roles):
            raise Refusal("slower is the commander's to decide", todo=f"ask {commander or 'an incident commander'}")
    data: dict[str, Json] = {"audience": audience.value, "every": every, "why": why.strip()}
    session.record(session.draft(incident.id, Kind.CADENCE, data))


def _now_every(table: Table, audience: Audience) -> float:
    """What somebody set, else what the last message promised, else what the next one would promise by itself."""
    if before := table.talk.cadences.get(audience):
        return before.every
    heard = table.talk.sent_to(audience)
    last = heard[-1] if heard else None
    if last and last.sent and last.message and (due := last.message.next_update_at):
        return (due - instants.read(last.sent.at)).total_seconds()
    return usual(Phase.PROGRESS if heard else Phase.HOLDING, table.incident.severity)
