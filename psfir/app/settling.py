"""Settle what nobody knows of a sending: a person has looked, and what they found is recorded as theirs."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from psfir.app.carry import alive, new_owner, take
from psfir.app.messages import Table
from psfir.app.messages import table as table_of
from psfir.app.outbox import counts, opened, outbox_path, summed, unknown_lines
from psfir.app.sending import clearance, lease_of
from psfir.comms.record import Sending, Told
from psfir.domain.canon import Json
from psfir.domain.kinds import Kind
from psfir.domain.message import Result
from psfir.domain.people import Deed
from psfir.domain.values import frozen
from psfir.errors import Refusal, UsageError

BY_HAND = "by hand"
"""The channel of what people sent themselves."""


@frozen
class Unknown:
    """A sending of which nobody knows what became; of a list, which lines. `under_way` while somebody is at it."""

    channel: str
    lines: tuple[int, ...]
    under_way: bool


@frozen
class Found:
    """What a person says that they found. Of a list, of these lines, or of all that are unknown."""

    sent: bool
    why: str
    channel: str = ""
    lines: Collection[int] = ()


def unknown_of(table: Table, told: Told) -> tuple[Unknown, ...]:
    """By channel, in the order in which they were begun."""
    last = {one.channel: one for one in told.sendings}
    return tuple(
        Unknown(name, unknown_lines(table, told, name), alive(table.session, lease_of(told, name)))
        for name, one in last.items()
        if one.unknown
    )


def settle(table: Table, told: Told, found: Found) -> Sending:
    """What became of it, as recorded now. A message that people sent themselves is recorded the same way."""
    session = table.session
    session.need(Deed.SEND)
    if not found.why.strip():
        raise UsageError("say where you looked", todo="--reason TEXT")
    name = _channel(told, found)
    lease, owner = lease_of(told, name), new_owner()
    if not take(session, lease, owner):
        raise Refusal(f"somebody is sending {told.id} over {name} right now", todo="wait until that has ended")
    with session.heart.until_over([lease]):
        now = table_of(session, table.incident.id)
        told = now.message(told.id)
        before = told.over(name)
        if name == BY_HAND:
            _by_hand(now, told, found)
        elif before is None or not before.unknown:
            raise Refusal(f"nothing about {told.id} over {name} is unknown")
        else:
            _record(now, told, before, _looked(now, told, found, before))
        after = table_of(session, table.incident.id).message(told.id).over(name)
        assert after is not None  # noqa: S101 - it was written just now
        return after


def _channel(told: Told, found: Found) -> str:
    if found.channel:
        return found.channel
    unknown = list({one.channel: one for one in told.sendings if told.over(one.channel) is one and one.unknown})
    if len(unknown) > 1:
        raise UsageError(f"over {len(unknown)} channels it is unknown", todo=f"--channel, one of {', '.join(unknown)}")
    if unknown:
        return unknown[0]
    if told.draft_only or not (told.message and told.message.channel):
        return BY_HAND
    return told.message.channel


def _by_hand(table: Table, told: Told, found: Found) -> None:
    """People may send only what was approved, too."""
    if told.over(BY_HAND):
        raise Refusal(f"{told.id} was sent by hand already")
    if not found.sent:
        raise Refusal(f"nothing about {told.id} is unknown: nobody has sent it")
    clearance(table, told)
    begun = Sending(BY_HAND, 1, "", "")
    where = _where(told, begun)
    more: dict[str, Json] = {"result": Result.SENT.value, "says": _says(table, found)}
    session, incident = table.session, table.incident.id
    session.record(
        session.draft(incident, Kind.SENDING, {**where, "recipients": 1, "list": ""}),
        session.draft(incident, Kind.SENT, {**where, **more}),
    )


def _looked(table: Table, told: Told, found: Found, before: Sending) -> dict[str, Json]:
    path = outbox_path(table, told, before.channel)
    if not path.exists():
        if found.lines:
            raise UsageError(f"{told.id} went to no list over {before.channel}", todo="leave out --line")
        result = Result.SENT if found.sent else Result.FAILED
        return {"result": result.value, "says": _says(table, found)}
    unknown = set(unknown_lines(table, told, before.channel))
    if wrong := sorted(set(found.lines) - unknown):
        raise UsageError(f"nothing is unknown of line {', '.join(map(str, wrong))}", todo="psfir comms status")
    with opened(table, path) as outbox:
        lines = outbox.decide(sent=found.sent, says=_says(table, found), lines=found.lines)
    came = counts(table, told, before.channel)
    word = "went out" if found.sent else "did not go out"
    of = f"line {lines[0]}" if len(lines) == 1 else f"{len(lines)} lines"
    whole = summed(came)
    return {"result": whole.result.value, "says": f"{_says(table, found)}; {of} {word}", "counts": dict(came)}


def _says(table: Table, found: Found) -> str:
    return f"looked by {table.session.actor.id}: {found.why.strip()}"


def _record(table: Table, told: Told, before: Sending, more: Mapping[str, Json]) -> None:
    data = {**_where(told, before), **more}
    table.session.record(table.session.draft(table.incident.id, Kind.SENT, data))


def _where(told: Told, sending: Sending) -> dict[str, Json]:
    return {"message": told.id, "digest": told.digest, "channel": sending.channel, "attempt": sending.attempt}
