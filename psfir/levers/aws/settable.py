"""What levers on AWS share whose state is read by one kind of call and set by another.

AWS compares nothing for these: the state is read right before each write, and whoever writes in between is not seen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import LeverAbout
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.domain.values import frozen
from psfir.errors import Drift, PsfirError
from psfir.levers.aws.ahead import Ahead, Need, pulling
from psfir.levers.settle import Way, same
from psfir.vendors.aws import AwsClient, Deadline
from psfir.vendors.shared import shared


@frozen
class Seen:
    """A thing as it is. `moving` says in words that it is not there yet, `more` what else a look should tell.

    `kept` is what a write right after it goes by.
    """

    state: Mapping[str, Json]
    arn: str
    notes: tuple[str, ...] = ()
    moving: str = ""
    more: str = ""
    version: str | None = None
    kept: Mapping[str, str] = field(default_factory=dict)


class Stated(ABC):
    """A lever says how its thing is seen, and what it shall become."""

    about: ClassVar[LeverAbout]

    def __init__(self, connection: BoundConnection) -> None:
        self._aws = shared(connection, AwsClient)

    @abstractmethod
    def _seen(self, target: Target, deadline: Deadline) -> Seen: ...

    @abstractmethod
    def _wanted(self, target: Target, state: Mapping[str, Json], settings: Mapping[str, Json]) -> dict[str, Json]:
        """What it shall become; UsageError or Refusal if it cannot."""

    @abstractmethod
    def _name(self, target: Target) -> str: ...

    @abstractmethod
    def _word(self, state: Mapping[str, Json]) -> str: ...

    def _findings(self, _target: Target, seen: Seen, _deadline: Deadline) -> list[Finding]:
        """What else is to be known beforehand."""
        return [Finding(Matter.TARGET, Ready.BEWARE, note) for note in seen.notes]

    def read(self, target: Target, *, within: float) -> Reading:
        seen = self._seen(target, Deadline(within))
        return Reading(dict(seen.state), seen.version, seen.notes)

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        before = _mapping(reading.state)
        after = self._wanted(target, before, settings)
        name = self._name(target)
        if same(before, after):
            return NothingToDo(f"{name} is already {self._word(after)}", after)
        why = f"{name} goes from {self._word(before)} to {self._word(after)} to {mode.value} it"
        return Change(self.about.name, dict(target), before, after, why, reading.version)

    def verify(self, change: Change, *, within: float) -> Look:
        seen = self._seen(change.target, Deadline(within))
        so = same(dict(seen.state), change.after)
        held = Held.HELD if so and not seen.moving else Held.NOT_HELD
        more = "; ".join(one for one in (seen.moving, seen.more) if one)
        says = f"{self._name(change.target)} is {self._word(seen.state)}"
        return Look(held, f"{says}; {more}" if more else says)

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        ahead, deadline = Ahead(self._aws, within=within), Deadline(within)
        name = self._name(target)
        credential = ahead.credential()
        there, seen = ahead.target(lambda left: self._seen(target, Deadline(left)), f"{name} is there")
        if seen is None:
            return [credential, there]
        needs = self._needs(ahead, target, seen, settings)
        plan = self._planned(target, seen, settings)
        return [credential, there, *plan, *ahead.permissions(needs), *self._findings(target, seen, deadline)]

    def _needs(self, _ahead: Ahead, target: Target, seen: Seen, settings: Mapping[str, Json]) -> list[Need]:
        """Its rights, all on the one thing."""
        vital = [one for one in pulling(self.about.permissions, target) if one.when(settings)]
        return [Need(one.action, "*" if one.resource == "*" else seen.arn, one.phases) for one in vital]

    def _planned(self, target: Target, seen: Seen, settings: Mapping[str, Json]) -> list[Finding]:
        try:
            after = self._wanted(target, seen.state, settings)
        except PsfirError as error:
            return [Finding(Matter.TARGET, Ready.WOULD_FAIL, error.what, error.todo)]
        if not same(dict(seen.state), after):
            return []
        return [Finding(Matter.TARGET, Ready.BEWARE, f"it is already {self._word(after)}")]

    def _settled(self, target: Target, seen: Seen, way: Way) -> Outcome | None:
        """Already there, or Drift; None if it is as expected and may be written."""
        name, found, wanted = self._name(target), dict(seen.state), _mapping(way.wanted)
        if same(found, wanted):
            more = f"; {seen.moving}" if seen.moving else ""
            return Outcome(Result.ALREADY_SO, f"{name} is already {self._word(wanted)}{more}", found)
        if not same(found, way.expected):
            what = f"{name} is {self._word(found)}, not {self._word(_mapping(way.expected))}"
            raise Drift(
                f"{what}: somebody else has changed it", expected=way.expected, found=found, where=self._aws.where
            )
        return None


class Settable(Stated):
    """And how that is written."""

    @abstractmethod
    def _write(self, target: Target, seen: Seen, wanted: Mapping[str, Json], deadline: Deadline) -> str:
        """Make it so. What is to be known about how it went, or nothing."""

    def apply(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, Way(change.before, change.after), Deadline(within))

    def restore(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, Way(change.after, change.before), Deadline(within))

    def _move(self, target: Target, way: Way, deadline: Deadline) -> Outcome:
        seen, wanted = self._seen(target, deadline), _mapping(way.wanted)
        if so := self._settled(target, seen, way):
            return so
        more = self._write(target, seen, wanted, deadline)
        says = f"{self._name(target)} is now {self._word(wanted)}"
        return Outcome(Result.CHANGED, f"{says}; {more}" if more else says, wanted)


def _mapping(state: Json) -> dict[str, Json]:
    return dict(state) if isinstance(state, Mapping) else {}
