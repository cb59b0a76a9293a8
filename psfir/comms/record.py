"""What the record tells of messages: a fold over an incident's entries, beside the incident's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import Any

from psfir.domain.channels import MessageClass
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.message import Audience, Message, Result
from psfir.domain.values import frozen, remade

LEFT = ("pending", "later", Result.FAILED.value)
"""Copies of a list in one of these states are there to be sent; all others went out, may have, or were refused."""

_OUT = {Result.SENT.value, Result.ALREADY_THERE.value}


@frozen
class Sending:
    """One try over one channel. Without a `result` it was begun, and nobody knows what became of it."""

    channel: str
    attempt: int
    at: str
    by: str
    recipients: int = 1
    result: str = ""
    says: str = ""
    receipt: str = ""
    thread: str = ""
    url: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    ended: str = ""

    @property
    def out(self) -> bool:
        """Whether anybody has it: of a list, whether any copy went out."""
        return self.result in _OUT or bool(self.counts.get(Result.SENT.value))

    @property
    def left(self) -> int:
        """Copies of a list that were surely not taken, and may go yet."""
        return sum(self.counts.get(state, 0) for state in LEFT)

    @property
    def unknown(self) -> bool:
        return self.result in {"", Result.UNKNOWN.value} or bool(self.counts.get(Result.UNKNOWN.value))


@frozen
class Told:
    """One message from its draft on. `message` is None once its words were erased; its digest stays."""

    id: str
    digest: str
    message: Message | None
    kind: MessageClass
    fields: Mapping[str, Mapping[str, Any]]
    at: str
    by: str
    sendings: tuple[Sending, ...] = ()
    withdrawn: str = ""
    draft_only: bool = False
    inventory: Mapping[str, Any] = field(default_factory=dict)
    discarded: tuple[str, ...] = ()
    """Channels whose list of copies is gone on purpose."""

    @property
    def sent(self) -> Sending | None:
        """The first try by which it went out."""
        return next((one for one in self.sendings if one.out), None)

    @property
    def unknown(self) -> bool:
        """Whether it may have gone out and nobody knows; the last try over a channel has seen those before it."""
        return any(one.unknown for one in {one.channel: one for one in self.sendings}.values())

    @property
    def left(self) -> int:
        """Copies that may go yet, over any channel."""
        return sum(one.left for one in {one.channel: one for one in self.sendings}.values())

    def over(self, channel: str) -> Sending | None:
        """The last try over one channel."""
        return next((one for one in reversed(self.sendings) if one.channel == channel), None)


@frozen
class Cadence:
    """How often an audience hears, as somebody decided."""

    every: float
    why: str
    by: str
    at: str


@frozen
class Talk:
    """All messages of one incident, by id in the order of their drafts, and the cadences that were set."""

    messages: Mapping[str, Told] = field(default_factory=dict)
    cadences: Mapping[Audience, Cadence] = field(default_factory=dict)

    def sent_to(self, audience: Audience) -> tuple[Told, ...]:
        """What an audience heard, in the order in which it went out."""
        heard = [one for one in self.messages.values() if one.sent and one.message and one.message.audience is audience]
        return tuple(sorted(heard, key=lambda one: one.sent.at if one.sent else ""))

    def superseded(self) -> set[str]:
        """Ids of messages that a later one, which went out, corrects."""
        return {one.message.supersedes for one in self.messages.values() if one.message and one.sent} - {""}


def talk(entries: Iterable[Entry]) -> Talk:
    """From any entries of one incident; those that are not about messages are passed over."""
    found = Talk()
    for entry in entries:
        step = _STEPS.get(entry.kind)
        if step:
            found = step(found, entry, entry.data or {})
    return found


def _drafted(found: Talk, entry: Entry, data: Mapping[str, Any]) -> Talk:
    if not data:  # erased: what was sent of it is still told by the entries that name it
        return found
    message = Message.from_json(data["message"])
    told = Told(
        id=message.id,
        digest=data["digest"],
        message=message,
        kind=MessageClass(data["class"]),
        fields=data["fields"],
        at=entry.at,
        by=entry.actor,
        draft_only=data.get("draft_only", False),
        inventory=data.get("inventory", {}),
    )
    return remade(found, messages={**found.messages, told.id: told})


def _known(found: Talk, entry: Entry, data: Mapping[str, Any]) -> Told:
    empty = Told(data["message"], data.get("digest", ""), None, MessageClass.ORDINARY, {}, entry.at, entry.actor)
    return found.messages.get(data["message"], empty)


def _with(found: Talk, told: Told) -> Talk:
    return remade(found, messages={**found.messages, told.id: told})


def _withdrawn(found: Talk, entry: Entry, data: Mapping[str, Any]) -> Talk:
    return _with(found, remade(_known(found, entry, data), withdrawn=data["why"]))


def _sending(found: Talk, entry: Entry, data: Mapping[str, Any]) -> Talk:
    told = _known(found, entry, data)
    begun = Sending(data["channel"], data["attempt"], entry.at, entry.actor, data.get("recipients", 1))
    return _with(found, remade(told, sendings=(*told.sendings, begun)))


def _sent(found: Talk, entry: Entry, data: Mapping[str, Any]) -> Talk:
    told = _known(found, entry, data)
    sendings = list(told.sendings)
    for at, one in enumerate(sendings):
        if (one.channel, one.attempt) == (data["channel"], data["attempt"]):
            words = {name: data.get(name, "") for name in ("result", "says", "receipt", "thread", "url")}
            sendings[at] = remade(one, **words, counts=data.get("counts", {}), ended=entry.at)
    return _with(found, remade(told, sendings=tuple(sendings)))


def _discarded(found: Talk, entry: Entry, data: Mapping[str, Any]) -> Talk:
    if "message" not in data:
        return found
    told = _known(found, entry, data)
    return _with(found, remade(told, discarded=(*told.discarded, data["channel"])))


def _cadence(found: Talk, entry: Entry, data: Mapping[str, Any]) -> Talk:
    new = Cadence(data["every"], data["why"], entry.actor, entry.at)
    return remade(found, cadences={**found.cadences, Audience(data["audience"]): new})


_STEPS: dict[str, Callable[[Talk, Entry, Mapping[str, Any]], Talk]] = {
    Kind.DRAFTED: _drafted,
    Kind.WITHDRAWN: _withdrawn,
    Kind.SENDING: _sending,
    Kind.SENT: _sent,
    Kind.CADENCE: _cadence,
    Kind.DISCARDED: _discarded,
}
