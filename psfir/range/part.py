"""One part of the range as its clients reach it: a server of whatever kind, behind wires that can be made bad."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from psfir.range.faulty import Faulty
from psfir.range.proxy import Proxy
from psfir.range.server import LOOPBACK


class Part:
    """`url` is what clients are told; `wires` spoils what goes over it, `faults` the answers of the server behind."""

    def __init__(self, name: str, upstream: str, faults: Faulty) -> None:
        self.name = name
        self.faults = faults
        self.upstream = upstream
        self.wires = Proxy(LOOPBACK, urlsplit(upstream).port or 80)

    @property
    def url(self) -> str:
        return self.wires.url

    def heal(self) -> None:
        self.faults.heal()
        self.wires.heal()

    def __enter__(self) -> Self:
        self.wires.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.wires.__exit__()
