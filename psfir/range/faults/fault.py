"""What a fault is: its name, what a responder sees of it, its settings, and how it begins, which gives its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import field
from typing import Protocol, TypeAlias

from psfir.domain.about import FieldType
from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.range.aws.cloud import Cloud
from psfir.range.clock import RangeClock
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.launchdarkly.server import LaunchDarkly
from psfir.range.metrics.counters import Scraper
from psfir.range.part import Part

PARTS = ("launchdarkly", "kubernetes", "aws", "metrics", "slack", "assistant")


class Feature(Protocol):
    """An assistant; `scenario` is the way in which it goes wrong, "" while it behaves."""

    scenario: str

    @property
    def system(self) -> str: ...
    @property
    def replicas(self) -> int:
        """How many of its pods answer customers now."""

    def stale(self, place: int) -> None:
        """Let one replica hear nothing new of its flags: the one at that place by name, counted from 1; with 0 none."""


class Ground(Protocol):
    """What faults happen to: the range, as far as they know it."""

    @property
    def lock(self) -> AbstractContextManager[bool]:
        """Held by one thread at a time, as often as it likes: no fault begins or ends while all is made anew."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is wrong with it although no fault says so, each as a sentence."""

    @property
    def clock(self) -> RangeClock: ...
    @property
    def launchdarkly(self) -> LaunchDarkly: ...
    def clusters(self, on: str) -> Sequence[Kubernetes]:
        """The one that this connection of the workspace leads to, or all; UsageError if there is no such one."""

    @property
    def cloud(self) -> Cloud: ...
    @property
    def scrapers(self) -> Sequence[Scraper]:
        """All that look at numbers, those made for a workspace too."""

    @property
    def assistants(self) -> Sequence[Feature]: ...
    def reach(self, name: str) -> Sequence[Part]:
        """All parts of that name; UsageError if there is none."""

    def wires(self, name: str) -> Sequence[Part]:
        """Those of that name, and of the workspace's connection of that name; UsageError if there is neither."""

    @property
    def looked_at(self) -> Sequence[Part]:
        """What probes look at over HTTP: all edges, and the stand-ins for the workspace's own connections."""

    @property
    def supplied(self) -> Sequence[str]:
        """The systems that the workspace has, and that are not the range's own."""


@frozen
class Setting:
    """One setting; a span is kept in seconds, and its default is written as people write it.

    With `several` a text names one or more of its `choices`, with commas between.
    """

    name: str
    kind: FieldType
    default: Json
    line: str
    choices: tuple[str, ...] = ()
    least: float = 0.0
    most: float = 1_000_000.0
    several: bool = False

    def to_json(self) -> dict[str, Json]:
        told: dict[str, Json] = {"name": self.name, "type": self.kind.value, "default": self.default}
        return {**told, "line": self.line, **({"choices": list(self.choices)} if self.choices else {})}


@frozen
class Settings:
    """Those of one fault, checked and complete."""

    values: Mapping[str, Json]

    def text(self, name: str) -> str:
        return str(self.values[name])

    def number(self, name: str) -> float:
        found = self.values[name]
        assert isinstance(found, int | float)  # noqa: S101 - only what was checked is kept
        return found

    def whole(self, name: str) -> int:
        return int(self.number(name))

    def flag(self, name: str) -> bool:
        return self.values[name] is True


Undo: TypeAlias = Callable[[], None]


def every(undos: Iterable[Undo]) -> Undo:
    """All of them as one. They have all begun when this returns."""
    begun = list(undos)

    def undo() -> None:
        for one in begun:
            one()

    return undo


Begin: TypeAlias = Callable[[Ground, Settings], Undo]
Check: TypeAlias = Callable[[Ground, Settings], object]


def _always(_ground: Ground, _settings: Settings) -> None:
    """Nothing is in its way."""


@frozen
class FaultAbout:
    """`sees` is what a responder notices; `check` refuses what this range cannot do.

    Of one name, or `group`, one is on at a time for each value of `apart`.
    """

    name: str
    line: str
    sees: str
    begin: Begin = field(repr=False)
    settings: tuple[Setting, ...] = ()
    apart: str = ""
    group: str = ""
    check: Check = field(default=_always, repr=False)

    def to_json(self) -> dict[str, Json]:
        settings: list[Json] = [one.to_json() for one in self.settings]
        return {"name": self.name, "line": self.line, "sees": self.sees, "settings": settings}
