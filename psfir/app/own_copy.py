"""A test copy of a message to whoever asks for it, marked as one. The record does not know of it."""

from __future__ import annotations

from psfir.app.messages import Table
from psfir.app.messengers import bound, channel_named, destination
from psfir.app.sending import readable
from psfir.comms.delivery import hand_over
from psfir.comms.record import Told
from psfir.domain import canon
from psfir.domain.channels import Channel
from psfir.domain.message import Cleared, Delivery
from psfir.domain.people import Deed
from psfir.domain.values import remade
from psfir.errors import Refusal


def to_me(table: Table, told: Told, *, channel: str = "") -> Delivery:
    """By the message's own channel if that can write to one person alone, else by the first that can."""
    session = table.session
    session.need(Deed.DRAFT)
    message = readable(told)
    way = channel_named(session, channel) if channel else _personal(table, message.channel)
    person = session.workspace.team.people[session.actor.id]
    word = "slack" if session.workspace.connections[way.connection].kind == "slack" else "email"
    address = person.slack if word == "slack" else person.email
    if not address:
        raise Refusal(f"psfir.yaml does not say your {word}", todo=f"people.{person.id}.{word}")
    copy = remade(message, subject=f"[test copy] {message.subject}")
    key = canon.digest([copy.digest, address, session.clock.now().isoformat()])[7:39]
    to = destination(way, key, address=address, fills={name: f"[{name}]" for name in copy.slots})
    return hand_over(bound(session, way), Cleared(copy, only_to=address), to)


def _personal(table: Table, own: str) -> Channel:
    channels = table.session.workspace.comms.channels
    ordered = sorted(channels.values(), key=lambda one: one.name != own)
    for way in ordered:
        if any(field.name == "address" for field in bound(table.session, way).about.target):
            return way
    raise Refusal("no channel of psfir.yaml can write to you alone", todo="one by e-mail or Slack can")
