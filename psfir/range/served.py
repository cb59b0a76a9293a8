"""A stand-in as one server of its own: started and stopped, with faults before what it answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

from psfir.range.faulty import Faulty
from psfir.range.server import Asked, Reply, Server, Wire


class Served(ABC):
    """`url` is what clients are told, `faults` what goes wrong with what they ask."""

    def __init__(self, *, port: int = 0) -> None:
        self.faults = Faulty(self._handle)
        self._server = Server(self.faults, port=port, stopped=self.faults.stopped)

    @abstractmethod
    def _handle(self, asked: Asked) -> Reply | Wire: ...

    @property
    def url(self) -> str:
        return self._server.url

    def start(self) -> Self:
        self._server.start()
        return self

    def stop(self) -> None:
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
