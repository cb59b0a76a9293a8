"""The facilitator's own socket: players' processes ask, and are sent what their role may know and nothing else.

Lines of JSON. All that is ever sent to a player is made here, of a player's view, or is the answer to their own line.
Nothing is decided here: what is heard goes into one queue, and whoever leads the drill answers.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Self

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.errors import UsageError
from psfir.rehearsal.state import DrillState
from psfir.rehearsal.views import PlayerView, player_view

_LONGEST = 100
"""An address of a socket that is longer than this fits nowhere."""
_LINE = 65536
_PATIENCE = struct.pack("ll", 1, 0)
"""Seconds for which a player is waited for who does not read."""


class Player:
    """One process at the socket. `role` is "" until it has said which; `leads` is a second facilitator."""

    def __init__(self, link: socket.socket) -> None:
        self.role = ""
        self.name = ""
        self.leads = False
        self._link = link
        self._shown: dict[str, Json] = {}
        self._lock = Lock()

    def show(self, state: DrillState, *, now: int) -> None:
        """Its view, if anything but the time has changed in it."""
        if not self.role:
            return
        view = player_view(state, self.role, now=now)
        said = {name: value for name, value in view.to_json().items() if name != "at"}
        if said != self._shown:
            self._shown = said
            self._send({"view": _plain(view)})

    def answer(self, text: str, *, refused: bool = False, todo: str = "") -> None:
        """To a line of its own."""
        self._send({"refused": text, "todo": todo} if refused else {"said": text})

    def tell(self, text: str) -> None:
        """What only somebody who leads may read; to anybody else nothing is sent."""
        if self.leads:
            self._send({"told": text})

    def lines(self) -> Iterator[Mapping[str, Any]]:
        """What it says, until it is gone. What is no line of JSON is passed over."""
        with suppress(OSError), self._link.makefile("rb") as stream:
            while raw := stream.readline(_LINE):
                with suppress(ValueError):
                    said = json.loads(raw)
                    if isinstance(said, dict):
                        yield said

    def close(self) -> None:
        with suppress(OSError):
            self._link.shutdown(socket.SHUT_RDWR)
        self._link.close()

    def _send(self, said: Mapping[str, Json]) -> None:
        try:
            with self._lock:
                self._link.sendall(json.dumps(said, ensure_ascii=False).encode() + b"\n")
        except OSError:
            self.close()  # gone, or asleep: half a line cannot be taken back, and whoever wakes up joins again


def _plain(view: PlayerView) -> dict[str, Json]:
    return view.to_json()


@frozen
class Heard:
    """Something for whoever leads: a line of a player, or of the facilitator's own; `gone` is the end of it."""

    player: Player | None
    said: Mapping[str, Any]
    gone: bool = False


class Players:
    """Everybody at the socket, while it is open."""

    def __init__(self, path: Path, heard: SimpleQueue[Heard]) -> None:
        self._path = path
        self._heard = heard
        self._link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.all: list[Player] = []

    def __enter__(self) -> Self:
        self._path.unlink(missing_ok=True)  # a dead one's: who is here holds the lead
        with reachable(self._path) as address:
            self._link.bind(address)
        self._path.chmod(0o600)
        self._link.listen()
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._path.unlink(missing_ok=True)
        with suppress(OSError):
            self._link.shutdown(socket.SHUT_RDWR)
        self._link.close()
        for player in [*self.all]:
            player.close()

    def _accept(self) -> None:
        while True:
            try:
                link, _ = self._link.accept()
            except OSError:
                return
            link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _PATIENCE)  # a player asleep must not hold up all
            player = Player(link)
            self.all.append(player)
            Thread(target=self._listen, args=(player,), daemon=True).start()

    def _listen(self, player: Player) -> None:
        for said in player.lines():
            self._heard.put(Heard(player, said))
        self.all.remove(player)
        player.close()
        self._heard.put(Heard(player, {}, gone=True))


def connect(path: Path) -> socket.socket:
    """OSError if nobody leads the drill now."""
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with reachable(path) as address:
            link.connect(address)
    except OSError:
        link.close()
        raise
    return link


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """An address that is short enough, by way of the open folder where the path itself is not."""
    if len(os.fsencode(path)) <= _LONGEST:
        yield str(path)
        return
    if sys.platform != "linux":
        raise UsageError("the path of this workspace is too long for a socket", where=str(path))
    folder = os.open(path.parent, os.O_PATH)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
