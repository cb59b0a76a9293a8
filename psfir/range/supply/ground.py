"""What a workspace's own system is built on: the parts of a range, as far as a supply has to do with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Protocol

from psfir.domain.canon import Json
from psfir.domain.runbook import Rung
from psfir.domain.values import frozen
from psfir.range.aws.cloud import Cloud
from psfir.range.clock import RangeClock
from psfir.range.faulty import Faulty
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.launchdarkly.estate import Estate
from psfir.range.part import Part
from psfir.range.supply.exports import Exports


class Served(Protocol):
    faults: Faulty

    @property
    def url(self) -> str: ...


@frozen
class Ground:
    """`flags` is the account as it is being laid out. What is entered, and each part, ends with the range.

    `http` are the connections that lead to the range's own assistant and metrics.
    """

    flags: Estate
    cluster: Kubernetes
    cloud: Cloud
    clock: RangeClock
    scrape: float
    http: frozenset[str]
    parts: Mapping[str, Part]
    part: Callable[[str, Served], None]
    enter: Callable[[AbstractContextManager[Any]], Any]

    def url(self, part: str) -> str:
        return self.parts[part].url


class Supplier(Protocol):
    """Makes the targets on one kind of connection. `lay_out` yields, as sentences, what it could not make."""

    levers: ClassVar[frozenset[str]]
    """Whose rungs it can tell to be pulled."""

    def has(self, ground: Ground, rung: Rung) -> bool:
        """Whether the target of the rung is there already."""

    def lay_out(self, ground: Ground) -> Iterator[str]: ...

    def pulled(self, rung: Rung) -> bool:
        """Whether what the rung is about is now as its `set` says."""

    def connections(self, ground: Ground, exports: Exports) -> Iterator[tuple[str, dict[str, Json]]]:
        """Each of its connections as an overlay has it."""
