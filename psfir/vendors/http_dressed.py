"""A connection as the HTTP client needs it: with a vendor's own url, header and prefix beside what psfir.yaml says."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.contracts import BoundConnection
from psfir.domain.canon import Json


class Dressed:
    """`under` holds where the connection says nothing, `over` whatever it says."""

    def __init__(self, connection: BoundConnection, *, under: Mapping[str, Json], over: Mapping[str, Json]) -> None:
        self.name, self.kind = connection.name, connection.kind
        self.settings: Mapping[str, Json] = {**under, **connection.settings, **over}
        self.refs = connection.refs
        self._connection = connection

    def secret(self, name: str) -> str | None:
        return self._connection.secret(name)
