"""The facilitator's socket by itself: who is at it, and that nobody there can hold up the others."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from psfir.app.drill_run_players import Heard, Players, connect, reachable
from psfir.rehearsal import deeds
from psfir.rehearsal.inject import PlayerInject
from tests.rehearsal.plays import play
from tests.rehearsal.runs import Drill


@pytest.fixture
def heard() -> SimpleQueue[Heard]:
    return SimpleQueue()


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    """A folder whose path is too long for an address of a socket."""
    folder = tmp_path / ("a" * 60) / ("b" * 60)
    folder.mkdir(parents=True)
    return folder / "desk.sock"


@pytest.fixture
def players(deep: Path, heard: SimpleQueue[Heard]) -> Iterator[Players]:
    with Players(deep, heard) as found:
        yield found


def test_a_long_path_is_reached_by_its_folder(players: Players, deep: Path, heard: SimpleQueue[Heard]) -> None:
    """Bound and joined; what is no line of JSON is passed over."""
    with reachable(deep) as address:
        assert len(address) < 100
    with connect(deep) as link:
        link.sendall(b'what?\n[1]\n{"line": "ack"}\n')
        assert heard.get(timeout=10).said == {"line": "ack"}
    assert heard.get(timeout=10).gone


def test_who_does_not_read_is_let_go(players: Players, deep: Path, heard: SimpleQueue[Heard], tmp_path: Path) -> None:
    """Asleep with a full socket, it holds nobody up for longer than a moment, and can join again."""
    drill = Drill(play(tmp_path))
    with connect(deep) as asleep:
        asleep.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        asleep.sendall(b'{"line": "here"}\n')
        player = heard.get(timeout=10).player
        assert player is not None
        player.role = "desk"
        drill.do(deeds.add(drill.state, PlayerInject("x" * 2_000_000, "", "", ()), by="fay"))
        player.show(drill.state, now=drill.real)
        assert heard.get(timeout=10).gone
    with connect(deep) as again:
        again.sendall(json.dumps({"line": "again"}).encode() + b"\n")
        assert heard.get(timeout=10).said == {"line": "again"}


def test_nobody_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"No such file|refused"):
        connect(tmp_path / "desk.sock")
