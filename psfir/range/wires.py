"""What the proxy does to the bytes of one connection: how they flow, and what comes behind the last that may pass."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from enum import StrEnum
from socket import IPPROTO_TCP, SHUT_WR, SO_LINGER, SOL_SOCKET, TCP_NODELAY, socket
from struct import pack
from typing import Any

from psfir.domain.values import frozen

_CHUNK = 65536
_TICK = 0.05


class Then(StrEnum):
    """What becomes of a connection once `limit` bytes have passed one way."""

    SILENT = "stays open, and nothing more passes this way"
    RESET = "is reset on both sides"
    END = "ends cleanly for whom the bytes were for, and is closed to the other side"
    HALF_CLOSED = "ends this way only; the other way goes on"


@frozen
class Flow:
    """One way through every connection: each piece so many seconds late, `rate` bytes a second, `limit` bytes at most.

    The bytes are counted from the beginning of each connection; one that is past `limit` meets `then` at once.
    """

    latency: float = 0.0
    rate: float | None = None
    limit: int | None = None
    then: Then = Then.SILENT


CLEAR = Flow()
BLACK_HOLE = Flow(limit=0)


def together(flows: Iterable[Flow]) -> Flow:
    """What one way is like when all of these are so: late by all of them, as slow as the slowest, cut at the first."""
    found = list(flows)
    rates = [flow.rate for flow in found if flow.rate is not None]
    cuts = [(flow.limit, flow.then) for flow in found if flow.limit is not None]
    limit, then = min(cuts, key=lambda cut: cut[0]) if cuts else (None, Then.SILENT)
    return Flow(sum(flow.latency for flow in found), min(rates) if rates else None, limit, then)


class Flows:
    """How bytes flow now, both ways; `changed` wakes whoever waits. Touched in the proxy's own thread only."""

    def __init__(self) -> None:
        self.ways = {"up": CLEAR, "down": CLEAR}
        self.changed = asyncio.Event()

    def change(self, up: Flow, down: Flow) -> None:
        self.ways = {"up": up, "down": down}
        self.changed.set()
        self.changed = asyncio.Event()


class Link:
    """One connection: the client's socket, the one to upstream, and a way in each direction."""

    def __init__(self, client: socket, *, address: tuple[str, int], flows: Flows, links: set[Link]) -> None:
        self.ends = client, socket()
        self._address = address
        self._flows = flows
        self._links = links
        self._task: asyncio.Task[None] | None = None
        for end in self.ends:
            end.setblocking(False)  # noqa: FBT003 - as the standard library has it
            end.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)

    def begin(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task:
            await over(self._task)

    async def _run(self) -> None:
        client, upstream = self.ends
        try:
            await self._carry(client, upstream)
        except _Ended as ended:
            other = upstream if ended.sink is client else client
            other.close()
            with suppress(OSError):
                await _drain(ended.sink)
        except OSError:
            # One side is gone, rudely: the other is told so in the same way.
            for end in self.ends:
                _make_rude(end)
        finally:
            client.close()
            upstream.close()
            self._links.discard(self)

    async def _carry(self, client: socket, upstream: socket) -> None:
        await asyncio.get_running_loop().sock_connect(upstream, self._address)
        try:
            async with asyncio.TaskGroup() as ways:
                ways.create_task(_Way(self._flows, "up", client, upstream).run())
                ways.create_task(_Way(self._flows, "down", upstream, client).run())
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors


class _Ended(Exception):
    """A clean end was to come, and did."""

    def __init__(self, sink: socket) -> None:
        super().__init__()
        self.sink = sink


class _Way:
    """Passes what comes from `source` on to `sink`, as the flow of this moment lets it."""

    def __init__(self, flows: Flows, name: str, source: socket, sink: socket) -> None:
        self._flows = flows
        self._name = name
        self._source = source
        self._sink = sink
        self._passed = 0
        self._held = b""

    @property
    def _flow(self) -> Flow:
        return self._flows.ways[self._name]

    @property
    def _room(self) -> int:
        limit = self._flow.limit
        return _CHUNK if limit is None else max(0, limit - self._passed)

    async def run(self) -> None:
        while True:
            if self._room == 0:
                if await self._at_limit():
                    return
            elif self._held:
                await self._pass()
            elif not await self._fetch():
                _end(self._sink)
                return

    async def _fetch(self) -> bool:
        """Wait for bytes, or for the flow to change; False at the end of the source."""
        coming = asyncio.create_task(_readable(self._source))
        change = asyncio.create_task(self._flows.changed.wait())
        try:
            await asyncio.wait({coming, change}, return_when=asyncio.FIRST_COMPLETED)
            if change.done():
                return True
            self._held = self._source.recv(_CHUNK)
            return bool(self._held)
        finally:
            await over(coming, change)

    async def _pass(self) -> None:
        """Pass on what is held, until the flow changes."""
        flow = self._flow
        await self._pause(flow.latency)
        while self._held and self._flow == flow and self._room:
            size = min(self._room, len(self._held), _CHUNK if flow.rate is None else max(1, int(flow.rate * _TICK)))
            await asyncio.get_running_loop().sock_sendall(self._sink, self._held[:size])
            self._held = self._held[size:]
            self._passed += size
            await self._pause(size / flow.rate if flow.rate else 0)

    async def _at_limit(self) -> bool:
        """Do what is to happen behind the limit; True when this way is through."""
        then = self._flow.then
        if then is Then.SILENT:
            await self._flows.changed.wait()
            return False
        if then is Then.RESET:
            raise ConnectionResetError
        _end(self._sink)
        if then is Then.END:
            raise _Ended(self._sink)
        await _drain(self._source)
        return True

    async def _pause(self, seconds: float) -> None:
        """Shorter if the flow changes: healing does not have to wait for a slow wire."""
        if seconds > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._flows.changed.wait()


async def _readable(end: socket) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(end, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(end)


async def _drain(end: socket) -> None:
    """Throw away what still comes: closing over unread bytes would be a reset."""
    while await asyncio.get_running_loop().sock_recv(end, _CHUNK):
        pass


async def over(*tasks: asyncio.Task[Any]) -> None:
    """Cancel them, and wait until that is so.

    Not by awaiting one itself: whoever is cancelled while it does so could not tell that from the task's own end, and
    would go on for ever.
    """
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()):
            raise error


def _end(sink: socket) -> None:
    with suppress(OSError):  # it may be gone already
        sink.shutdown(SHUT_WR)


def _make_rude(end: socket) -> None:
    """Closing with nothing to linger for sends a reset."""
    with suppress(OSError):
        end.setsockopt(SOL_SOCKET, SO_LINGER, pack("ii", 1, 0))
