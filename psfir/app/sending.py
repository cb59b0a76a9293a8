"""Send a message: cleared, once, over its channel, with the intention on the record before and the outcome after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from psfir.app import corrections
from psfir.app.carry import new_owner, take
from psfir.app.messages import Table
from psfir.app.messages import table as table_of
from psfir.app.messengers import bound, channel_named, destination
from psfir.app.outbox import counted, counts, earlier, opened, outbox_path, summed
from psfir.app.recipients import recipients
from psfir.app.templates import today
from psfir.comms.delivery import Pace, Round, Watch, look, send_one
from psfir.comms.facts import unsupported
from psfir.comms.mailing import send_all
from psfir.comms.recipients import Recipient, Recipients, held_to, reckon
from psfir.comms.record import LEFT, Told
from psfir.domain import instants
from psfir.domain.canon import Json
from psfir.domain.channels import Channel, MessageClass
from psfir.domain.durations import show
from psfir.domain.kinds import Kind
from psfir.domain.message import Cleared, Delivery, Message, Result
from psfir.domain.people import Deed
from psfir.domain.values import frozen, remade
from psfir.errors import Refusal

LANDS = timedelta(minutes=1)
"""So long what was sent may still be on its way: that it is not there yet says nothing."""


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
    """What sending came to; `counts` are those of a list, `refused` its lines that nobody would take."""

    delivery: Delivery
    counts: Mapping[str, int]
    refused: tuple[int, ...] = ()


@frozen
class Work:
    """One sending under its lease."""

    table: Table
    ready: Ready
    round: Round
    lease: str
    owner: str


def ready(table: Table, told: Told, *, channel: str = "") -> Ready:
    """Refuse before anything is touched: no right, no clearance, a record that says otherwise now."""
    session = table.session
    session.need(Deed.SEND)
    message = readable(told)
    if told.draft_only:
        raise Refusal(f"{told.id} is only drafted: people send it", todo=f"psfir comms text {told.id}, then settle")
    way = channel_of(table, told, channel)
    if message.audience not in way.audiences:
        todo = f"its audiences: {', '.join(one.value for one in way.audiences)}"
        raise Refusal(f"{way.name} does not lead to {message.audience.value}", todo=todo)
    _true(table, message)
    cleared = clearance(table, told)
    if not way.list and not message.inventory:
        _not_out(told, way)
        return Ready(told, way, cleared, _attempt(told, way), None)
    if not bound(session, way).about.each:
        raise Refusal(f"{way.name} posts once, and writes to no list", todo="psfir lint")
    if message.slots and not message.inventory:
        raise Refusal(f"nothing fills {', '.join(message.slots)} of {told.id} for each recipient")
    _left(told, way, counts(table, told, way.name))
    listed = reckon(_whom(table, told, way))
    if message.inventory:
        corrections.unchanged(told, listed)
    return Ready(told, way, cleared, _attempt(told, way), listed)


def clearance(table: Table, told: Told) -> Cleared:
    """The message with the yeses that count now; Refusal while one lacks."""
    found = table.cleared(told)
    if not found.enough:
        todo = f"psfir comms approve {told.id}"
        raise Refusal(f"{told.id} still needs a yes as {' and as '.join(found.missing)}", todo=todo)
    if not any(one.break_glass for one in found.counted):
        _agreed(table, told)
    return Cleared(readable(told), found.counted)


def _agreed(table: Table, told: Told) -> None:
    """The commander's yes is enough only since others said theirs to the template: they may have taken it back.

    What some have got already goes on to the others.
    """
    if told.kind is not MessageClass.ORDINARY or told.sent:
        return
    key, _, digest = readable(told).template.partition(" ")
    template = next((one for one in table.shelf.templates if one.key == key), None)
    if template is None:
        raise Refusal(f"the template {key}, of which {told.id} was drafted, is gone", todo="draft another")
    day = today(table.session.workspace, table.session.clock.now())
    yes = table.shelf.standing(remade(template, digest=digest), day)  # a later edit alters nothing of what was drafted
    if not yes.state.good:
        todo = "have it approved again, or draft another message"
        raise Refusal(f"the yes to the template {key} stands no more: {yes.says}", todo=todo)


def readable(told: Told) -> Message:
    if told.withdrawn:
        raise Refusal(f"{told.id} was withdrawn: {told.withdrawn}")
    if told.message is None:
        raise Refusal(f"the words of {told.id} were erased")
    return told.message


def channel_of(table: Table, told: Told, name: str = "") -> Channel:
    """The one that is named, else the one it was drafted for."""
    message = readable(told)
    if not (name or message.channel):
        paste = f"paste it: psfir comms text {told.id}; then psfir comms settle {told.id} --sent"
        others = " or ".join(one.name for one in table.session.workspace.comms.of(message.audience))
        if others:
            what = f"no channel of the kind that its template is for leads to {message.audience.value}"
            raise Refusal(what, todo=f"--channel {others}; or {paste}")
        raise Refusal(f"no channel of psfir.yaml leads to {message.audience.value}", todo=paste)
    return channel_named(table.session, name or message.channel)


def lease_of(told: Told, channel: str) -> str:
    """Held by whoever sends it there, or settles what became of it."""
    return f"send:{told.id}:{channel}"


def send(table: Table, prepared: Ready, *, pace: Pace, watch: Watch) -> Sent:
    """Under a lease, and all is looked at once more there: of two who press at once, one sends."""
    session, told, way = table.session, prepared.told, prepared.channel
    lease, owner = lease_of(told, way.name), new_owner()
    if not take(session, lease, owner):
        raise Refusal(f"somebody else is sending {told.id} over {way.name}", todo="psfir comms status")
    with session.heart.until_over([lease]):
        now = table_of(session, table.incident.id)
        again = ready(now, now.message(told.id), channel=way.name)
        if again.recipients != prepared.recipients:
            raise Refusal(f"the list {way.list} changed meanwhile: nothing was sent", todo="look at it, and send again")
        round_ = Round(bound(session, way), again.cleared, way.settings, session.clock, pace, watch)
        work = Work(now, again, round_, lease, owner)
        return _once(work) if again.recipients is None else _to_list(work, again.recipients)


def _once(work: Work) -> Sent:
    """A try of which nobody knows what became is looked for first; only what is surely not there is sent again."""
    told, way = work.ready.told, work.ready.channel
    to = destination(way, work.ready.cleared.message.digest[7:39], thread=_thread(work))
    before, delivery = told.over(way.name), None
    if before and before.unknown:
        delivery = look(work.round.messenger, work.ready.cleared, to, within=work.round.pace.within)
        age = work.table.session.clock.now() - instants.read(before.ended or before.at)
        if delivery is None and age < LANDS:
            left = show(round((LANDS - age).total_seconds()))
            raise Refusal(f"{told.id} is not there, and may still be on its way", todo=f"send again in {left}")
        if delivery is not None and not delivery.out:
            todo = f"look, then: psfir comms settle {told.id} --sent, or --not-sent"
            raise Refusal(f"it is not known whether {told.id} went out: {delivery.says}", todo=todo)
    _begun(work, 1, "")
    if delivery is None and not _ours(work):
        delivery = Delivery(Result.FAILED, "its lease was lost before it was handed over", again=True)
    delivery = delivery or send_one(work.round, to)
    _ended(work, delivery, {})
    return Sent(delivery, {})


def _to_list(work: Work, listed: Recipients) -> Sent:
    told, way = work.ready.told, work.ready.channel
    with (
        opened(work.table, outbox_path(work.table, told, way.name)) as outbox,
        earlier(work.table, told, way.name) as thread,
    ):
        fills = bool(work.ready.cleared.message.inventory)
        found = held_to(_whom(work.table, told, way), listed)
        laid = ((one.line, one.address, one.row if fills else {}) for one in found)
        count = outbox.lay(laid, message=told.digest, listed=listed.digest)
        outbox.again()
        _begun(work, count, listed.digest)
        send_all(remade(work.round, thread=thread), outbox)
        came, refused = outbox.counts(), tuple(copy.line for copy in outbox.refused())
    delivery = summed(came)
    _ended(work, delivery, came)
    return Sent(delivery, came, refused)


def _whom(table: Table, told: Told, way: Channel) -> Iterator[Recipient]:
    """The rows of the inventory that it was drafted from, else those of the channel's list."""
    if told.message and told.message.inventory:
        return corrections.recipients(table.session, told)
    return recipients(table.session, way)


def _true(table: Table, message: Message) -> None:
    """What was true when it was drafted may not be any more."""
    session, todo = table.session, "draft another"
    if message.exercise and not session.post.exercise:
        raise Refusal(f"{message.id} is the text of an exercise, and this is no rehearsal")
    if session.post.exercise and not message.exercise:
        raise Refusal(f"{message.id} is in earnest, and this is a rehearsal")
    why = unsupported(table.incident, message.phase)
    if why:
        raise Refusal(f"the record has changed since {message.id} was drafted: {why}", todo=todo)
    due = message.next_update_at
    if due and due <= session.clock.now():
        raise Refusal(f"{message.id} promises the next update at {due:%H:%M}Z, which has passed", todo=todo)


def _not_out(told: Told, way: Channel) -> None:
    before = told.over(way.name)
    if before and before.out:
        raise Refusal(f"{told.id} went out over {way.name} at {before.at}")


def _left(told: Told, way: Channel, found: Mapping[str, int]) -> None:
    """Whether there is anything to send to that list, or an end of which the record was never told."""
    before = told.over(way.name)
    if any(found.get(state) for state in LEFT) or before is None or not before.ended:
        return
    words = f"of {told.id} over {way.name} nothing is left to send: {counted(found)}"
    unknown = found.get(Result.UNKNOWN.value)
    raise Refusal(words, todo=f"psfir comms settle {told.id}" if unknown else "")


def _attempt(told: Told, way: Channel) -> int:
    return sum(one.channel == way.name for one in told.sendings) + 1


def _ours(work: Work) -> bool:
    """Whether nobody has taken over while this process slept."""
    leases = work.table.session.leases
    return leases is not None and leases.renew(work.lease, work.owner)


def _thread(work: Work) -> str:
    """What the last message to the same audience over this channel left behind to go on with."""
    audience = work.ready.cleared.message.audience
    for told in reversed(work.table.talk.sent_to(audience)):
        sending = told.over(work.ready.channel.name)
        if sending and sending.out and sending.thread:
            return sending.thread
    return ""


def _begun(work: Work, count: int, listed: str) -> None:
    _record(work, Kind.SENDING, {"recipients": count, "list": listed})


def _ended(work: Work, delivery: Delivery, came: Mapping[str, int]) -> None:
    what: dict[str, Json] = {
        "result": delivery.result.value,
        "says": delivery.says,
        "receipt": delivery.receipt,
        "thread": delivery.thread,
        "url": delivery.url,
        "counts": dict(came),
    }
    _record(work, Kind.SENT, what)


def _record(work: Work, kind: Kind, more: Mapping[str, Json]) -> None:
    session, told = work.table.session, work.ready.told
    where: dict[str, Json] = {
        "message": told.id,
        "digest": told.digest,
        "channel": work.ready.channel.name,
        "attempt": work.ready.attempt,
    }
    session.record(session.draft(work.table.incident.id, kind, {**where, **more}))
