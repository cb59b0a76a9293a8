"""A proxy for bare TCP whose wires can be made bad and good again while connections live: late, slow, cut, silent.

It knows nothing of what goes through it, so TLS, streams and any protocol at all can be put behind it. One thread
serves all connections.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from socket import SO_REUSEADDR, SOL_SOCKET, socket
from threading import Thread
from typing import Any, Self

from psfir.range.server import LOOPBACK
from psfir.range.wires import BLACK_HOLE, CLEAR, Flow, Flows, Link, Then, over

__all__ = ["BLACK_HOLE", "CLEAR", "Flow", "Proxy", "Then"]


class Proxy:
    """Stands on a free port of 127.0.0.1 before `upstream_host:upstream_port`. Faults come and go on live connections.

    What a silent way held back passes on when it is healed; what was cut stays cut.
    """

    def __init__(self, upstream_host: str, upstream_port: int) -> None:
        self.upstream = upstream_host, upstream_port
        self.port = 0
        self.links: set[Link] = set()
        self._loop = asyncio.new_event_loop()
        self._flows = Flows()
        self._door = socket()
        self._open: asyncio.Task[None] | None = None
        self._thread = Thread(target=self._loop.run_forever, name="psfir proxy", daemon=True)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def spoil(self, *, up: Flow = CLEAR, down: Flow = CLEAR) -> None:
        """From now on bytes towards upstream flow as `up` says, those back as `down` says."""
        self._do(self._set(up, down))

    def refuse(self) -> None:
        """New connections are refused; those that are open stay."""
        self._do(self._shut())

    def accept(self) -> None:
        """New connections are accepted again."""
        self._do(self._listen())

    def heal(self) -> None:
        """All flows freely, and new connections are accepted."""
        self.spoil()
        self.accept()

    async def _set(self, up: Flow, down: Flow) -> None:
        self._flows.change(up, down)

    async def _listen(self) -> None:
        if self._open is None:
            self._door.listen(128)
            self._open = asyncio.create_task(self._accept())

    async def _shut(self) -> None:
        if self._open is not None:
            await over(self._open)
            self._open = None
            self._door.close()
            # Bound and deaf: it refuses, and nobody else gets the port meanwhile.
            self._door = _bound(self.port)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(self._door)
            link = Link(client, address=self.upstream, flows=self._flows, links=self.links)
            self.links.add(link)
            link.begin()

    async def _stop(self) -> None:
        await self._shut()
        for link in list(self.links):
            await link.stop()
        self._door.close()

    def _do(self, deed: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(deed, self._loop).result()

    def __enter__(self) -> Self:
        self._door.close()
        self._door = _bound(0)
        self.port = self._door.getsockname()[1]
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def _bound(port: int) -> socket:
    door = socket()
    door.setblocking(False)  # noqa: FBT003 - as the standard library has it
    door.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    door.bind((LOOPBACK, port))
    return door
