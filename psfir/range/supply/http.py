"""The HTTP connections of a workspace: a stand-in for each, that keeps values, answers probes and has metrics.

One that leads to the range's own assistant or metrics, and is used by runbooks of the range's own system alone, is left
as it is: there the effect of each rung is real.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from threading import Event, Thread
from typing import ClassVar, Self

from psfir.domain.canon import Json
from psfir.domain.runbook import Rung
from psfir.domain.system import Connection
from psfir.errors import PsfirError
from psfir.range.assistant.edge import STATE
from psfir.range.faulty import Faulty
from psfir.range.metrics.counters import Counters, Scraper
from psfir.range.metrics.server import Metrics
from psfir.range.served import Served
from psfir.range.server import Asked, Reply, Wire
from psfir.range.supply import http_pages
from psfir.range.supply.exports import Exports, kept
from psfir.range.supply.ground import Ground
from psfir.range.supply.http_pages import REQUEST, Pages
from psfir.range.supply.series import PROMETHEUS, AllSeries
from psfir.range.supply.uses import Use, of_rung

_QUERY = "/api/v1/query"
_KEPT = ("auth_header", "auth_prefix")


class _StandIn(Served):
    """One connection's server."""

    def __init__(self, pages: Pages, metrics: Faulty) -> None:
        super().__init__()
        self.pages = pages
        self._metrics = metrics

    def _handle(self, asked: Asked) -> Reply | Wire:
        return self._metrics(asked) if asked.path == _QUERY else self.pages.answer(asked)


class HttpSupplier:
    """`contained` tells which runbooks are pulled. `own`, once it is known, are those of the range's own system."""

    levers: ClassVar[frozenset[str]] = frozenset({REQUEST})

    def __init__(
        self, connections: Sequence[Connection], uses: Sequence[Use], contained: Callable[[], list[str]]
    ) -> None:
        self._connections = connections
        self._uses = uses
        self._contained = contained
        self._servers: dict[str, _StandIn] = {}
        self._series: AllSeries | None = None
        self._counters = Counters()
        self._metrics: Metrics | None = None
        self.own: Collection[str] = ()

    def has(self, ground: Ground, rung: Rung) -> bool:
        return False

    def lay_out(self, ground: Ground) -> Iterator[str]:
        if self._metrics is None:
            self._start(ground)
        for one in self._servers.values():
            one.pages.reset()
        if self._metrics is not None:
            self._metrics.reset()
        if self._series is not None:
            self._series.move((), 0.0)
            yield from self._series.told
        yield from self._elsewhere()

    def pulled(self, rung: Rung) -> bool:
        server = self._servers.get(rung.connection)
        return server is not None and http_pages.pulled(server.pages, of_rung(rung))

    def parts(self) -> Mapping[str, Sequence[str]]:
        """One that is left as it is leads to no part of its own."""
        return {
            one.name: [_part(one.name, number) for number in range(len(_replicas(one)) or 1)]
            for one in self._connections
            if one.name in self._servers
        }

    @property
    def scraper(self) -> Scraper | None:
        """Of the numbers that are made for it, once there are any."""
        return self._metrics.scraper if self._metrics else None

    def connections(self, ground: Ground, exports: Exports) -> Iterator[tuple[str, dict[str, Json]]]:
        for one in self._connections:
            if one.name in self._servers:
                told: dict[str, Json] = {**kept(one, *_KEPT), "url": ground.url(_part(one.name, 0))}
                if replicas := _replicas(one):
                    told["replicas"] = [ground.url(_part(one.name, number)) for number in range(len(replicas))]
                headers: dict[str, Json] = {}
                for secret in one.secrets:
                    ref = exports.ref(one, secret, f"range-{one.name}-{secret}")
                    word, _, header = secret.partition(".")
                    headers |= {header: ref} if header else {}
                    told |= {} if header else {word: ref}
                yield one.name, {**told, **({"headers": headers} if headers else {})}

    def _start(self, ground: Ground) -> None:
        apart = [one for one in self._connections if not self._is_own(ground, one.name)]
        named = {one.name for one in apart}
        self._metrics = ground.enter(Metrics(self._counters, ground.clock, every=ground.scrape))
        self._series = AllSeries([use for use in self._uses if use.connection in named], self._counters)
        for one in apart:
            pages = Pages([use for use in self._uses if use.connection == one.name], self._contained)
            self._servers[one.name] = ground.enter(_StandIn(pages, self._metrics.faults))
            for number in range(len(_replicas(one)) or 1):
                ground.part(_part(one.name, number), self._servers[one.name])
        if self._series:
            ground.enter(_Ticking(self._tick, ground.scrape))

    def _tick(self, seconds: float) -> None:
        if self._series is not None:
            self._series.move(self._contained(), seconds)

    def _is_own(self, ground: Ground, name: str) -> bool:
        mine = [use for use in self._uses if use.connection == name]
        ours = all(use.runbook in self.own for use in mine)
        paths = {use.text("path") for use in mine if use.name != PROMETHEUS}
        return name in ground.http and ours and paths <= {STATE} and not any(use.name == REQUEST for use in mine)

    def _elsewhere(self) -> Iterator[str]:
        for use in self._uses:
            if isinstance(use.target.get("replicas"), (list, tuple)):
                yield f"{use.where}: it names replicas by their addresses, and looks there and not at the range"
            if use.expect.get("unreachable") is True:
                yield f"{use.where}: the range goes on answering, so what it expects, that nobody does, does not come"


class _Ticking:
    """Does something every so many seconds, until it is left."""

    def __init__(self, tick: Callable[[float], None], every: float) -> None:
        self._tick = tick
        self._every = every
        self._over = Event()
        self._thread = Thread(target=self._run, name="series of a supply", daemon=True)

    def _run(self) -> None:
        while not self._over.wait(self._every):
            try:
                self._tick(self._every)
            except PsfirError:
                continue  # a part that cannot be asked now: nothing moves, as if nobody had counted

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def _replicas(connection: Connection) -> list[object]:
    found = connection.settings.get("replicas")
    return list(found) if isinstance(found, (list, tuple)) else []


def _part(connection: str, number: int) -> str:
    return f"own/{connection}" if number == 0 else f"own/{connection}/{number + 1}"
