"""One part of the range as its clients reach it: a server of whatever kind, behind wires that can be made bad."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Self
from urllib.parse import urlsplit

from psfir.domain.values import frozen
from psfir.range.faulty import Faulty
from psfir.range.proxy import Proxy
from psfir.range.server import LOOPBACK
from psfir.range.wires import CLEAR, Flow, together


@frozen
class _Wrong:
    """One thing that is wrong with the wires."""

    up: Flow = CLEAR
    down: Flow = CLEAR
    refused: bool = False


class Part:
    """`url` is what clients are told; `wires` spoils what goes over it, `faults` the answers of the server behind."""

    def __init__(self, name: str, upstream: str, faults: Faulty) -> None:
        self.name = name
        self.faults = faults
        self.upstream = upstream
        self.wires = Proxy(LOOPBACK, urlsplit(upstream).port or 80)
        self._lock = Lock()
        self._wrong: list[_Wrong] = []

    @property
    def url(self) -> str:
        return self.wires.url

    def spoil(self, *, up: Flow = CLEAR, down: Flow = CLEAR) -> Callable[[], None]:
        """From now on bytes flow like this, besides whatever else is wrong; the call that ends it."""
        return self._add(_Wrong(up, down))

    def refuse(self) -> Callable[[], None]:
        """New connections are refused; those that are open stay. The call that ends it."""
        return self._add(_Wrong(refused=True))

    def heal(self) -> None:
        with self._lock:
            self._wrong.clear()
            self.wires.heal()
        self.faults.heal()

    def _add(self, wrong: _Wrong) -> Callable[[], None]:
        def end() -> None:
            with self._lock:
                self._wrong = [one for one in self._wrong if one is not wrong]
                self._show()

        with self._lock:
            self._wrong.append(wrong)
            self._show()
        return end

    def _show(self) -> None:
        self.wires.spoil(up=together(one.up for one in self._wrong), down=together(one.down for one in self._wrong))
        if any(one.refused for one in self._wrong):
            self.wires.refuse()
        else:
            self.wires.accept()

    def __enter__(self) -> Self:
        self.wires.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.wires.__exit__()
