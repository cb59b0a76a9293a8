"""What the catalog of installed parts can tell a reader of files, without any of them being at work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from psfir.domain.about import CaptureAbout, LeverAbout, MessengerAbout, ProbeAbout
from psfir.domain.connecting import ConnectionKind
from psfir.errors import CatalogError


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
    def messenger(self, name: str) -> MessengerAbout: ...

    def names(self, group: str) -> Sequence[str]:
        """Of `levers`, `probes`, `captures`, `messengers` or `connections`, sorted, from metadata alone."""


def messenger_on(catalog: Catalog, kind: str) -> MessengerAbout:
    """The one messenger that works on connections of this kind; CatalogError if there is none, or more than one.

    A broken one is passed over where another one fits: whoever needs it is told.
    """
    found: list[MessengerAbout] = []
    kinds: set[str] = set()
    broken: CatalogError | None = None
    for name in catalog.names("messengers"):
        try:
            about = catalog.messenger(name)
        except CatalogError as error:
            broken = error
            continue
        kinds |= set(about.connects)
        if kind in about.connects:
            found.append(about)
    if len(found) == 1:
        return found[0]
    if found:
        names = " and ".join(about.name for about in found)
        raise CatalogError(f"two messengers work on connections of kind {kind}: {names}", todo="uninstall one of them")
    if broken is not None:
        raise broken
    raise CatalogError(
        f"nothing tells people over a connection of kind {kind}", todo=f"messages leave by {', '.join(sorted(kinds))}"
    )
