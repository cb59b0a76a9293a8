"""What the catalog of levers, probes and captures can tell a reader of files, without any of them being at work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from psfir.domain.about import CaptureAbout, LeverAbout, ProbeAbout
from psfir.domain.connecting import ConnectionKind


class Kinds(Protocol):
    """The kinds of connections that others bring. An unknown or broken one raises CatalogError."""

    def connection(self, name: str) -> ConnectionKind: ...

    def names(self, group: str) -> Sequence[str]:
        """Of `connections`, sorted, from metadata alone."""


class Catalog(Kinds, Protocol):
    """Asking for an unknown or broken one raises CatalogError, with near misses in `todo`."""

    def lever(self, name: str) -> LeverAbout: ...
    def probe(self, name: str) -> ProbeAbout: ...
    def capture(self, name: str) -> CaptureAbout: ...

    def names(self, group: str) -> Sequence[str]:
        """Of `levers`, `probes`, `captures` or `connections`, sorted, from metadata alone."""
