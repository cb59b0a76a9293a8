"""A record in PostgreSQL: appending beside INSERT and COMMIT of the same rows, and a kill beside one with a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from benchmarks.frame import Absent, Figure, Pair, command, compare, psfir
from psfir.app.clock import RealClock
from psfir.domain.canon import Json
from psfir.domain.entries import Draft
from psfir.domain.kinds import Kind
from psfir.records import rows
from psfir.records.address import address_of
from psfir.records.postgres import PostgresJournal
from psfir.records.postgres_layout import migrate
from psfir.records.server import Server
from tests.app.workspaces import lay_out
from tests.postgres import Cluster, programs

AIM = 1.3
ROWS = 200
THREADS = 8
INSERT = f"INSERT INTO plain ({rows.COLUMNS}) VALUES ({', '.join(['%s'] * 12)})"  # noqa: S608 - our own columns


def figures() -> list[Figure | Absent]:
    if not programs():
        return [Absent("record in PostgreSQL", "INSERT and COMMIT", "PostgreSQL is not installed: make real-unleash")]
    cluster = Cluster()
    try:
        return [_appending(cluster, 1), _appending(cluster, THREADS), _killing(cluster)]
    finally:
        cluster.remove()


def _laid(cluster: Cluster) -> str:
    place = cluster.url(cluster.database())
    server = Server(address_of(place, {}), RealClock())
    migrate(server)
    server.close()
    return place


def _appending(cluster: Cluster, threads: int) -> Figure:
    """Each row is a durable commit of its own for its caller; our callers of one process may share one."""
    data: dict[str, Json] = {"run": "run-1", "step": "stop", "rung": 0, "result": "changed", "says": "it is off"}
    draft = Draft(datetime(2026, 1, 1, tzinfo=UTC), "INC-1", "asserted:dana", "cli", Kind.ENDED, data)
    place = _laid(cluster)
    cons = [psycopg.connect(place) for _ in range(threads)]
    cons[0].execute("CREATE TABLE plain (LIKE psfir.entries, id bigserial PRIMARY KEY)")
    cons[0].commit()
    links = rows.links([draft] * ROWS, (0, ""), os.urandom)
    journal = PostgresJournal(Server(address_of(place, {}), RealClock()))

    def append(_: int) -> None:
        for _turn in range(ROWS // threads):
            journal.append([draft])

    def insert(thread: int) -> None:
        for turn in range(ROWS // threads):
            cons[thread].execute(INSERT, links[turn][1])
            cons[thread].commit()

    with ThreadPoolExecutor(threads) as pool:
        name = f"record in PostgreSQL: {ROWS} rows of {threads} {'thread' if threads == 1 else 'threads'}, each durable"
        pair = Pair(
            name, _all(pool, append, range(threads)), "INSERT and COMMIT", _all(pool, insert, range(threads)), AIM
        )
        figure = compare(pair, runs=7)
    journal.close()
    for con in cons:
        con.close()
    return figure


def _all(pool: ThreadPoolExecutor, work: Callable[[int], None], threads: Sequence[int]) -> Callable[[], None]:
    def run() -> None:
        for _ in pool.map(work, threads):
            pass

    return run


def _killing(cluster: Cluster) -> Figure:
    with TemporaryDirectory() as folder:
        shared, own = Path(folder, "shared"), Path(folder, "own")
        kills = []
        for root, more in ((shared, f"store: {_laid(cluster)}\n"), (own, "")):
            lay_out(root, soak="0s")
            words = root / "psfir.yaml"
            words.write_text(words.read_text(encoding="utf-8") + more, encoding="utf-8")
            env = {"PATH": os.environ["PATH"], "HOME": str(root), "PSFIR_ME": "dana"}
            kills.append(command([psfir(), "kill", "assistant", "--yes", "-w", str(root)], cwd=root, env=env))
        return compare(Pair("kill: record in PostgreSQL, cold", kills[0], "in a file", kills[1], AIM), runs=7)
