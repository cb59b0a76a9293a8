"""What suppliers share whose stand-in is a file in the range's folder: the folder, and what their rungs name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from psfir.domain.canon import Json
from psfir.domain.runbook import Rung
from psfir.domain.system import Connection
from psfir.range.supply.exports import Exports, kept
from psfir.range.supply.files import Folder, Home
from psfir.range.supply.ground import Ground
from psfir.range.supply.uses import Use


class OnDisk(ABC):
    """A supplier for the connections that one lever works on. `place` is the folder's name."""

    levers: ClassVar[frozenset[str]]
    place: ClassVar[str]

    def __init__(self, connections: Sequence[Connection], uses: Sequence[Use], folder: Path, home: Home) -> None:
        self._connections = connections
        self._uses = [use for use in uses if use.name in self.levers]
        self._folder = Folder(folder / self.place)
        self._home = home
        self._entered = False

    def has(self, ground: Ground, rung: Rung) -> bool:
        return False

    def parts(self) -> Mapping[str, Sequence[str]]:
        return {}

    def lay_out(self, ground: Ground) -> Iterator[str]:
        if self._connections and not self._entered:
            ground.enter(self._folder)
            self._entered = True
        for one in self._connections:
            yield from self.make(one, [use for use in self._uses if use.connection == one.name])

    def connections(self, ground: Ground, exports: Exports) -> Iterator[tuple[str, dict[str, Json]]]:
        for one in self._connections:
            yield one.name, {**kept(one), **self.instead(one)}

    @abstractmethod
    def make(self, one: Connection, uses: Sequence[Use]) -> Iterator[str]:
        """The file for this connection, with what its rungs name; what has to be told about it."""

    @abstractmethod
    def instead(self, one: Connection) -> dict[str, Json]:
        """The settings that lead the connection to it."""
