"""What psfir.yaml says of the Slack app: by which connection, where incidents are told of, and where a drill's are."""

from __future__ import annotations

from enum import StrEnum

from psfir.domain.values import frozen


class Place(StrEnum):
    """Where an incident is worked on: in a channel of its own, or in a thread of the home channel."""

    CHANNEL = "channel"
    THREAD = "thread"


@frozen
class Desk:
    """One app of Slack's: the connection that holds its tokens, and the channel in which it announces incidents."""

    connection: str
    home: str


@frozen
class ChatApp:
    """The `slack:` block. `exercise` is the app of drills, which never shares a token with the live one."""

    live: Desk
    exercise: Desk | None = None
    incidents: Place = Place.CHANNEL
    prefix: str = "inc"
    private: bool = False
