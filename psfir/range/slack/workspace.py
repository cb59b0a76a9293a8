"""A Slack workspace in memory: its people, its channels and what was posted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import field
from threading import RLock
from typing import Any, TypeAlias

from psfir.domain.values import frozen

Plain: TypeAlias = dict[str, Any]

TEAM, TEAM_NAME = "T0RANGE", "range"
KEPT = 1000
"""Messages of a channel; older ones are forgotten."""


class Refused(Exception):
    """An error of Slack's, by its name."""


@frozen
class Person:
    id: str
    name: str
    email: str = ""
    bot: bool = False


BOT = Person("U0PSFIR", "psfir", bot=True)
PEOPLE = (
    BOT,
    Person("U0ADA", "ada", "ada@example.com"),
    Person("U0BEN", "ben", "ben@example.com"),
)
CHANNELS = ("general", "incidents")


@frozen
class Channel:
    id: str
    name: str
    created: int
    messages: deque[Plain] = field(default_factory=lambda: deque(maxlen=KEPT), repr=False)
    pinned: set[str] = field(default_factory=set)


class Workspace:
    """Whoever changes it or goes through it holds `lock`."""

    def __init__(self, now: Callable[[], float], people: Sequence[Person], channels: Sequence[str]) -> None:
        self.lock = RLock()
        self.people = {one.id: one for one in people}
        self._now, self._first = now, tuple(channels)
        self.channels: dict[str, Channel] = {}
        self._serial = 0
        self.reset()

    def reset(self) -> None:
        """Nothing posted, and only the first channels."""
        with self.lock:
            self.channels = {}
            self._serial = 0
            for name in self._first:
                self.create(name)

    def create(self, name: str) -> Channel:
        with self.lock:
            channel = Channel(f"C0RANGE{len(self.channels) + 1:03d}", name, int(self._now()))
            self.channels[channel.id] = channel
            return channel

    def room(self, person: Person) -> Channel:
        """Where the bot writes to this person alone: the same each time."""
        with self.lock:
            name = f"D0{person.id}"
            return self.channels.setdefault(name, Channel(name, f"@{person.name}", int(self._now())))

    def channel(self, said: str) -> Channel:
        """By its id, or by its name with or without the #."""
        name = said.removeprefix("#")
        found = self.channels.get(said) or next((one for one in self.channels.values() if one.name == name), None)
        if found is None:
            raise Refused("channel_not_found")
        return found

    def person(self, said: str) -> Person:
        if said not in self.people:
            raise Refused("user_not_found")
        return self.people[said]

    def post(self, channel: Channel, message: Plain) -> Plain:
        """With the time that also names it: no two are the same, and later ones are larger."""
        with self.lock:
            self._serial += 1
            kept = {"type": "message", "ts": f"{int(self._now())}.{self._serial:06d}", **message}
            channel.messages.append(kept)
            return kept

    def message(self, channel: Channel, stamp: str) -> Plain:
        for one in channel.messages:
            if one["ts"] == stamp and "only_to" not in one:
                return one
        raise Refused("message_not_found")
