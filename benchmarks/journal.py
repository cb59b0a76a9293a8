"""Appending to the record, hash chain and all, beside a plain INSERT and COMMIT of the same rows."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.frame import Figure, Pair, compare
from psfir.domain.canon import Json
from psfir.domain.entries import Draft
from psfir.domain.kinds import Kind
from psfir.records.sqlite import SqliteJournal

AIM = 2.0
ROWS = 200


def figures() -> list[Figure]:
    data: dict[str, Json] = {"run": "run-1", "step": "stop", "rung": 0, "result": "changed", "says": "it is off"}
    draft = Draft(datetime(2026, 1, 1, tzinfo=UTC), "INC-1", "asserted:dana", "cli", Kind.ENDED, data)
    with TemporaryDirectory() as folder:
        journal = SqliteJournal(Path(folder, "record.sqlite3"))
        plain = sqlite3.connect(Path(folder, "plain.sqlite3"), isolation_level=None)
        plain.execute("PRAGMA journal_mode=WAL")
        plain.execute("PRAGMA synchronous=FULL")
        plain.execute("CREATE TABLE rows (seq INTEGER PRIMARY KEY, data TEXT)")

        def ours() -> None:
            for _ in range(ROWS):
                journal.append([draft])

        def peer() -> None:
            for _ in range(ROWS):
                plain.execute("INSERT INTO rows (data) VALUES (?)", (json.dumps(data),))

        return [compare(Pair(f"record: {ROWS} rows, each durable", ours, "INSERT and COMMIT", peer, AIM), runs=7)]
