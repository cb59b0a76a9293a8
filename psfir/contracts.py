"""The sockets: what the engine asks of levers, probes, captures, the journal and the clock, as Protocols.

Every call that touches the world takes `within` seconds and either answers in that time or raises an error of
`psfir.errors`. Nothing here knows a vendor, a file format or a database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from threading import Event
from typing import Protocol, runtime_checkable

from psfir.domain.about import CaptureAbout, LeverAbout, MessengerAbout, ProbeAbout
from psfir.domain.canon import Json
from psfir.domain.change import Change, Look, NothingToDo, Outcome, Reading
from psfir.domain.channels import Channel
from psfir.domain.entries import Draft, Entry
from psfir.domain.filing import Filed, Filing
from psfir.domain.message import Cleared, Delivery, Destination
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding
from psfir.domain.values import frozen
from psfir.domain.verdict import Sight

Target = Mapping[str, Json]


class BoundConnection(Protocol):
    """A connection of psfir.yaml with its secrets within reach. A lever's constructor takes one and nothing else."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def settings(self) -> Mapping[str, Json]: ...
    @property
    def refs(self) -> Mapping[str, str]:
        """Where each secret is, such as `env:GW_TOKEN`: what an error may name. Never a value."""

    def secret(self, name: str) -> str | None:
        """The secret's value, None if the connection names none by that word; never keep or print it."""


class Reader(Protocol):
    """The half of a lever that cannot write. Planning is handed only these."""

    @property
    def about(self) -> LeverAbout: ...

    def read(self, target: Target, *, within: float) -> Reading: ...

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        """Pure: the same arguments give the same answer, and nothing is looked at."""


class Lever(Reader, Protocol):
    """`apply` refuses unless the world is still `change.before`, `restore` unless it is still `change.after`."""

    def apply(self, change: Change, *, within: float) -> Outcome: ...

    def verify(self, change: Change, *, within: float) -> Look:
        """Whether the vendor's own state is `change.after` now."""

    def restore(self, change: Change, *, within: float) -> Outcome: ...


@runtime_checkable
class Preflight(Protocol):
    """A lever may say beforehand what would be in its way. One that cannot is only asked to read its target."""

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        """It only looks. Whatever it could not find out is a finding too: could_not_tell."""


class Probe(Protocol):
    """Looks at one effect from the consumer's side, at every replica it can name."""

    @property
    def about(self) -> ProbeAbout: ...

    def look(self, target: Target, expect: Mapping[str, Json], *, within: float) -> Sequence[Sight]:
        """One look at each replica. A replica that could not be looked at is a sight of its own: could_not_tell."""


@frozen
class Captured:
    """One piece of evidence as it was taken."""

    name: str
    media_type: str
    content: bytes


class Capture(Protocol):
    """Keeps something as evidence. It only looks."""

    @property
    def about(self) -> CaptureAbout: ...

    def take(self, target: Target, *, within: float) -> Captured: ...


class Messenger(Protocol):
    """Tells somebody outside. It takes a cleared message only, and decides nothing: not whether, when or how often."""

    @property
    def about(self) -> MessengerAbout: ...

    def send(self, cleared: Cleared, to: Destination, *, within: float) -> Delivery:
        """One copy, once. What was sent and not answered is `unknown`; only what was surely not taken is `failed`.

        What goes wrong is a delivery too. Only a Refusal may be raised: any other error counts as `unknown`.
        """

    def find(self, cleared: Cleared, to: Destination, *, within: float) -> Delivery | None:
        """Looks whether this copy is there: its delivery, or None if it surely is not; NoAnswer if it cannot tell."""


class Post(Protocol):
    """By which messages leave a session. A rehearsal's holds no messenger that could tell anybody outside."""

    @property
    def exercise(self) -> bool:
        """Whether all that leaves by it is an exercise's, and marked as one."""

    def messenger(self, channel: Channel) -> Messenger:
        """The same one for all channels of one connection."""


class Evidence(Protocol):
    """Where captured evidence is kept, by its digest."""

    def keep(self, incident: str, captured: Captured) -> str:
        """Durable when this returns. The answer is the digest."""


@frozen
class Hold:
    """A lease as its holder knows it. Tokens only rise: whoever takes a lease over has a higher one."""

    name: str
    token: int


class Journal(Protocol):
    """An append-only, hash-chained record, one chain a store."""

    def append(self, drafts: Sequence[Draft], *, under: Sequence[Hold] = ()) -> list[Entry]:
        """All of them or none, durable when this returns; RecordError otherwise.

        Superseded, and nothing is written, if a lease in `under` was taken over or given back: looked up in the same
        transaction, so that a process that was asleep for long writes nothing in a run that has another owner.
        """

    def read(self, incident: str | None = None, *, after: int = 0) -> Iterator[Entry]:
        """Entries in order, of one incident or of all, behind seq `after`."""

    def follow(self, after: int, *, stop: Event, incident: str | None = None) -> Iterator[Entry]:
        """Like `read`, and then each further entry as it comes, until `stop` is set."""

    def heads(self) -> tuple[int, str]:
        """The last seq and its hash: kept outside, they show a cut-off tail."""


class Leases(Protocol):
    """Who is at work on what. A lease not renewed for `ttl` is free.

    Its age is told by a clock that all who share the store share: the one machine's boot-time clock, or the database
    server's own.
    """

    def acquire(self, name: str, owner: str, *, ttl: float) -> int | None:
        """The token if `owner` now holds it, or held it already."""

    def acquire_all(self, names: Sequence[str], owner: str, *, ttl: float) -> Mapping[str, int]:
        """Which of them `owner` now holds, each with its token."""

    def renew(self, name: str, owner: str) -> bool:
        """False if somebody else has taken it meanwhile."""

    def renew_all(self, names: Sequence[str], owner: str) -> frozenset[str]:
        """Which of them `owner` still holds."""

    def release(self, name: str, owner: str) -> None: ...

    def release_all(self, names: Sequence[str], owner: str) -> None: ...

    def holder(self, name: str, *, ttl: float) -> str | None:
        """Who holds it, None if nobody alive does."""


class Clock(Protocol):
    """Wall time for the record, run time for every share: no jump of the one moves the other."""

    def now(self) -> datetime:
        """The wall's time, in UTC."""

    def elapsed(self) -> float:
        """Seconds since this boot, sleep included; only differences mean anything."""

    def boot_id(self) -> str:
        """Which boot `elapsed` counts from."""

    def wait(self, event: Event, seconds: float) -> bool:
        """Wait until `event` is set, at most so long; whether it is set."""


class Tracker(Protocol):
    """Where other people follow work. psfir tells it, and believes nothing that it says but where an issue is."""

    def check(self, *, within: float) -> None:
        """Refuse, or say what is missing, before anything is made that could not be found again."""

    def find(self, filing: Filing, *, within: float) -> Filed | None:
        """By its mark, whatever its title is now."""

    def create(self, filing: Filing, *, within: float) -> Filed:
        """Made open. NoAnswer if it may have been."""

    def update(self, ref: str, filing: Filing, *, within: float) -> Filed:
        """Told all of it again, closed or open; twice is the same as once."""
