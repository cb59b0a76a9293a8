"""What the tests of the record share: drafts, processes of their own, and the bytes of a stored field."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

from psfir.domain.entries import Draft, Entry
from psfir.domain.kinds import Kind

AT = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
INCIDENT = "INC-2026-11-21-k3q7"
FIELDS = ("seq", "v", "at", "incident", "actor", "channel", "kind", "digest", "prev", "hash", "data", "salt")


def note(text: str, *, incident: str = INCIDENT, after: float = 0.0) -> Draft:
    """Something that somebody typed."""
    data = {"text": text, "about": "note"}
    return Draft(AT + timedelta(seconds=after), incident, "asserted:ana", "cli", Kind.NOTE, data)


def bad() -> Draft:
    """A draft that fits no record."""
    return Draft(AT, INCIDENT, "asserted:ana", "cli", Kind.SEVERITY, {"severity": float("nan")})


def texts(entries: Iterable[Entry]) -> list[str]:
    """The words of those entries that are notes."""
    return [entry.data["text"] for entry in entries if entry.data and "text" in entry.data]


def tear_rails(path: Path) -> sqlite3.Connection:
    """A connection as somebody has who wants to alter the record: the triggers are dropped."""
    con = sqlite3.connect(path, isolation_level=None)
    for (name,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        con.execute(f"DROP TRIGGER {name}")
    return con


def alter(path: Path, statement: str, *values: object) -> None:
    """Change the file behind psfir's back."""
    with closing(tear_rails(path)) as con:
        con.execute(statement, values)


def start(script: str, *arguments: object) -> "subprocess.Popen[str]":
    """A Python process of its own; it says things on its standard output and is told things on its standard input."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def finish(process: "subprocess.Popen[str]") -> str:
    """What it said, once it has ended well."""
    out, err = process.communicate(timeout=50)
    assert process.returncode == 0, err
    return out


class HandClock:
    """A Clock that stands still until it is moved."""

    def __init__(self, *, boot: str = "boot-1") -> None:
        self.seconds = 1000.0
        self.boot = boot

    def now(self) -> datetime:
        return AT

    def elapsed(self) -> float:
        return self.seconds

    def boot_id(self) -> str:
        return self.boot

    def wait(self, event: Event, seconds: float) -> bool:
        return event.is_set()
