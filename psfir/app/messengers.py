"""Who is told by which channel: the messenger that works on the channel's connection, and where a copy of it goes."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.app.session import Session
from psfir.contracts import Messenger
from psfir.domain.channels import Channel
from psfir.domain.message import Destination
from psfir.domain.near import near
from psfir.errors import UsageError


def channel_named(session: Session, name: str) -> Channel:
    """UsageError, with the one that was probably meant, if psfir.yaml has no such channel."""
    channels = session.workspace.comms.channels
    if name not in channels:
        raise UsageError(f"psfir.yaml has no channel {name!r}", todo=near(name, sorted(channels)))
    return channels[name]


def bound(session: Session, channel: Channel) -> Messenger:
    """The messenger of a channel, at work on its connection, as the session's post has it."""
    return session.post.messenger(channel)


def destination(
    channel: Channel, key: str, *, address: str = "", thread: str = "", fills: Mapping[str, str] | None = None
) -> Destination:
    """Where one copy goes: what the channel's `set:` says, and the one person's address if it is for one alone."""
    target = {**channel.settings, **({"address": address} if address else {})}
    return Destination(target, key, thread, fills or {})
