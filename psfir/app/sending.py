"""Send a message: cleared, once, over its channel, with the intention on the record before and the outcome after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Event

from psfir.app.carry import claim, new_owner
from psfir.app.messages import Table
from psfir.app.messengers import bound
from psfir.app.session import record_path
from psfir.comms.delivery import Pace, Round, hand_over, look, send_all
from psfir.comms.facts import unsupported
from psfir.comms.recipients import Recipients, reckon, rows
from psfir.comms.record import Told
from psfir.contracts import Messenger
from psfir.domain import canon
from psfir.domain.canon import Json
from psfir.domain.channels import Channel
from psfir.domain.entries import Kind
from psfir.domain.message import Cleared, Delivery, Destination, Result
from psfir.domain.near import near
from psfir.domain.people import Deed
from psfir.domain.values import frozen, remade
from psfir.errors import Refusal, UsageError
from psfir.records.outbox import Copy, Outbox

OUTBOX = "outbox"


@frozen
class Ready:
    """All that was looked at before anything goes out, and is shown to whoever sends."""

    told: Told
    channel: Channel
    cleared: Cleared
    attempt: int
    recipients: Recipients | None


@frozen
class Sent:
    """What sending came to; `counts` are those of a list."""

    delivery: Delivery
    counts: Mapping[str, int]


def ready(table: Table, told: Told, *, channel: str = "") -> Ready:
    """Refuse before anything is touched: no right, no clearance, a record that says otherwise now."""
    session = table.session
    session.need(Deed.SEND)
    message = told.message
    if message is None or told.withdrawn:
        raise Refusal(f"{told.id} was withdrawn or erased")
    way = _channel(table, channel or message.channel, told)
    clearance = table.cleared(told)
    if not clearance.enough:
        raise Refusal(
            f"{told.id} still needs a yes as {' and as '.join(clearance.missing)}",
            todo=f"psfir comms approve {told.id}",
        )
    why = unsupported(table.incident, message.phase.value)
    if why:
        raise Refusal(f"the record has changed since {told.id} was drafted: {why}", todo="draft another")
    before = told.over(way.name)
    if before and before.out and not _left(told, way):
        raise Refusal(f"{told.id} went out over {way.name} at {before.at}")
    listed = reckon(_recipients(table, way)) if way.list else None
    attempt = sum(one.channel == way.name for one in told.sendings) + 1
    return Ready(told, way, Cleared(message, clearance.counted), attempt, listed)


def send(table: Table, prepared: Ready, *, pace: Pace, stop: Event, tell: Callable[[Copy, Delivery], None]) -> Sent:
    """Under a lease, so that two who press at once send one message."""
    session, lease = table.session, f"send:{prepared.told.id}:{prepared.channel.name}"
    owner = new_owner()
    if not claim(session, lease, owner):
        raise Refusal(f"somebody else is sending {prepared.told.id} over {prepared.channel.name}")
    with session.heart.until_over([lease]):
        messenger = bound(session, prepared.channel)
        if prepared.recipients is not None:
            return _to_list(table, prepared, Way(messenger, pace, stop, tell))
        return _once(table, prepared, messenger, pace)


@frozen
class Way:
    """How a list is sent."""

    messenger: Messenger
    pace: Pace
    stop: Event
    tell: Callable[[Copy, Delivery], None]


def _once(table: Table, prepared: Ready, messenger: Messenger, pace: Pace) -> Sent:
    """A try of which nobody knows what became is looked for first; only what is surely not there is sent again."""
    to = Destination(prepared.channel.settings, prepared.cleared.message.digest[7:39], thread=_thread(table, prepared))
    before = prepared.told.over(prepared.channel.name)
    delivery = None
    if before and before.unknown:
        delivery = look(messenger, prepared.cleared, to, within=pace.within)
        if delivery is not None and not delivery.out:
            raise Refusal(
                f"it is not known whether {prepared.told.id} went out: {delivery.says}",
                todo=f"look, then: psfir comms settle {prepared.told.id} --sent, or --not-sent",
            )
    _begun(table, prepared, 1, "")
    if delivery is None:
        delivery = hand_over(messenger, prepared.cleared, to, within=pace.within)
    _ended(table, prepared, delivery, {})
    return Sent(delivery, {})


def _to_list(table: Table, prepared: Ready, how: Way) -> Sent:
    listed = prepared.recipients
    assert listed is not None  # noqa: S101 - only called with a list
    outbox = Outbox(outbox_path(table, prepared.told, prepared.channel))
    try:
        outbox.lay(_recipients(table, prepared.channel), message=prepared.told.digest, listed=listed.digest)
        _begun(table, prepared, listed.count, listed.digest)
        session = table.session
        round_ = Round(
            how.messenger, prepared.cleared, prepared.channel.settings, session.clock, how.pace, how.stop, how.tell
        )
        send_all(round_, outbox)
        counts = outbox.counts()
        delivery = summed(counts)
        _ended(table, prepared, delivery, counts)
        return Sent(delivery, counts)
    finally:
        outbox.close()


def summed(counts: Mapping[str, int]) -> Delivery:
    """What a list came to as one word: unknown if any copy is, sent only if nothing is left to do."""
    words = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in sorted(counts.items()))
    if counts.get(Result.UNKNOWN.value):
        return Delivery(Result.UNKNOWN, words)
    if counts.get("pending") or counts.get("later"):
        return Delivery(Result.FAILED, words, again=True)
    if counts.get(Result.SENT.value):
        return Delivery(Result.SENT, words)
    return Delivery(Result.FAILED, words or "the list is empty")


def outbox_path(table: Table, told: Told, channel: Channel) -> Path:
    """Beside the record, for its owner only: it holds addresses."""
    session = table.session
    folder = record_path(session.root, session.workspace).parent / OUTBOX
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{told.id}.{canon.digest(channel.name)[7:15]}.sqlite3"


def to_me(table: Table, told: Told, *, channel: str = "") -> Delivery:
    """A test copy to whoever asks, marked as one; the record does not know of it."""
    session = table.session
    session.need(Deed.DRAFT)
    if told.message is None:
        raise Refusal(f"the words of {told.id} were erased")
    way = _channel(table, channel or told.message.channel, told)
    person = session.workspace.team.people[session.actor.id]
    kind = session.workspace.connections[way.connection].kind
    address = person.slack if kind == "slack" else person.email
    if not address:
        word = "slack" if kind == "slack" else "email"
        raise Refusal(f"psfir.yaml does not say your {word}", todo=f"people.{person.id}.{word}")
    copy = remade(told.message, subject=f"[test copy] {told.message.subject}")
    key = canon.digest([copy.digest, address, session.clock.now().isoformat()])[7:39]
    fills = {name: f"[{name}]" for name in copy.slots}
    to = Destination({**way.settings, "address": address}, key, fills=fills)
    return hand_over(bound(session, way), Cleared(copy, only_to=address), to)


def settle(table: Table, told: Told, *, channel: str, sent: bool, why: str) -> None:
    """A person has looked whether an unknown one went out; what they found is recorded as theirs."""
    table.session.need(Deed.SEND)
    way = _channel(table, channel or (told.message.channel if told.message else ""), told)
    before = told.over(way.name)
    if before is None or not before.unknown:
        raise Refusal(f"nothing about {told.id} over {way.name} is unknown")
    if not why.strip():
        raise UsageError("say where you looked", todo="--reason TEXT")
    result = Result.SENT if sent else Result.FAILED
    data: dict[str, Json] = {
        "message": told.id,
        "digest": told.digest,
        "channel": way.name,
        "attempt": before.attempt,
        "result": result.value,
        "says": f"looked by {table.session.actor.id}: {why.strip()}",
    }
    table.session.record(table.session.draft(table.incident.id, Kind.SENT, data))


def _channel(table: Table, name: str, told: Told) -> Channel:
    channels = table.session.workspace.comms.channels
    if not name:
        raise Refusal(
            f"no channel of psfir.yaml leads to {told.message.audience.value if told.message else 'them'}",
            todo=f"paste it: psfir comms text {told.id}",
        )
    if name not in channels:
        raise UsageError(f"psfir.yaml has no channel {name!r}", todo=near(name, channels))
    return channels[name]


def _recipients(table: Table, channel: Channel) -> Iterator[tuple[str, Mapping[str, str]]]:
    listed = table.session.workspace.comms.lists[channel.list]
    for address, _ in rows(listed, table.session.root):
        yield address, {}


def _left(told: Told, channel: Channel) -> bool:
    """Whether a list that was sent to still has copies to go."""
    last = told.over(channel.name)
    return bool(last and any(last.counts.get(state) for state in ("pending", "later")))


def _thread(table: Table, prepared: Ready) -> str:
    """What the last message to the same audience over this channel left behind to go on with."""
    audience = prepared.cleared.message.audience
    for told in reversed(table.talk.sent_to(audience)):
        sending = told.over(prepared.channel.name)
        if sending and sending.out and sending.thread:
            return sending.thread
    return ""


def _begun(table: Table, prepared: Ready, recipients: int, listed: str) -> None:
    told = prepared.told
    data: dict[str, Json] = {
        "message": told.id,
        "digest": told.digest,
        "channel": prepared.channel.name,
        "attempt": prepared.attempt,
        "recipients": recipients,
        "list": listed,
    }
    table.session.record(table.session.draft(table.incident.id, Kind.SENDING, data))


def _ended(table: Table, prepared: Ready, delivery: Delivery, counts: Mapping[str, int]) -> None:
    told = prepared.told
    data: dict[str, Json] = {
        "message": told.id,
        "digest": told.digest,
        "channel": prepared.channel.name,
        "attempt": prepared.attempt,
        "result": delivery.result.value,
        "says": delivery.says,
        "receipt": delivery.receipt,
        "thread": delivery.thread,
        "url": delivery.url,
        "counts": dict(counts),
    }
    table.session.record(table.session.draft(table.incident.id, Kind.SENT, data))
