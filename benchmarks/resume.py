"""`psfir status` and `psfir resume` on an incident of 10,000 entries, beside a bare script that parses the same rows.

A script that does less than psfir is the honest limit here: whoever wants to know where a run stood when its process
died has to read all that it left, and sqlite3 and json are the shortest way to it that this language has.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from benchmarks import long
from benchmarks.frame import Figure, Pair, command, compare, psfir, serving
from psfir.records.sqlite import SqliteJournal

HERE = Path(__file__).parent
ENTRIES = 10_000
STATUS_AIM, RESUME_AIM = 5.0, 4.0


def figures() -> list[Figure]:
    with serving("-m", "benchmarks.server", "flag") as url, TemporaryDirectory() as folder:
        root = Path(folder)
        real = long.kill(root, url)
        incident = next(one.incident for one in real if one.incident)
        record = root / ".psfir" / "record.sqlite3"
        kept = root / "long.sqlite3"
        with SqliteJournal(kept) as journal:
            journal.append(list(long.drafts(real, ENTRIES)))

        def anew() -> None:
            """The record as the dead process left it."""
            for path in (record.with_name(f"{record.name}-wal"), record.with_name(f"{record.name}-shm")):
                path.unlink(missing_ok=True)
            shutil.copy(kept, record)

        def ours(word: str) -> list[str]:
            return [psfir(), word, incident, "-w", str(root)]

        def peer(rows: int, requests: Sequence[str] = ()) -> list[str]:
            notes = str(root / "notes.sqlite3")
            return [sys.executable, str(HERE / "peer_rows.py"), str(kept), incident, notes, str(rows), url, *requests]

        anew()
        before = len(_ask(url, "/requests").split())
        command(ours("resume"), cwd=root, env=long.env(root))()
        requests, rows = _ask(url, "/requests").split()[before:], _rows(record) - _rows(kept)
        cases = (
            ("status", peer(0), "a script that parses its rows", STATUS_AIM),
            ("resume", peer(rows, requests), "the same, with the requests and rows of the rest", RESUME_AIM),
        )
        env = long.env(root)
        return [
            compare(
                Pair(
                    f"{word}: an incident of {ENTRIES:,} entries",
                    command(ours(word), cwd=root, env=env),
                    name,
                    command(words, cwd=root, env=env),
                    aim,
                    before=anew,
                ),
                runs=7,
            )
            for word, words, name, aim in cases
        ]


def _rows(record: Path) -> int:
    with closing(sqlite3.connect(record)) as db:
        return int(db.execute("SELECT count(*) FROM entries").fetchone()[0])


def _ask(url: str, path: str) -> str:
    with urlopen(url + path) as answer:
        text: str = answer.read().decode()
        return text
