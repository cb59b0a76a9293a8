"""What the Slack app remembers, beside the record: what it has heard, what it still has to say, what it has posted.

A file that all processes on one record share. Whatever is heard is marked once, whatever is to be said is kept until
Slack has it, and a message once posted is known by its key, so that it is edited from then on and never posted again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from psfir.domain.values import frozen
from psfir.records.database import Database, explained

WAITING, SENDING = "waiting", "sending"
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS heard (key TEXT PRIMARY KEY, at REAL NOT NULL) STRICT",
    """CREATE TABLE IF NOT EXISTS outgoing (
        number INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL, key TEXT NOT NULL, deed TEXT NOT NULL,
        words TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL) STRICT""",
    "CREATE INDEX IF NOT EXISTS lanes ON outgoing (lane, number)",
    """CREATE TABLE IF NOT EXISTS posted (
        key TEXT PRIMARY KEY, channel TEXT NOT NULL, ts TEXT NOT NULL, digest TEXT NOT NULL) STRICT""",
    "CREATE TABLE IF NOT EXISTS rooms (lane TEXT PRIMARY KEY, channel TEXT NOT NULL, thread TEXT NOT NULL) STRICT",
    """CREATE TABLE IF NOT EXISTS asked (
        id TEXT PRIMARY KEY, about TEXT NOT NULL, state TEXT NOT NULL, who TEXT NOT NULL, at REAL NOT NULL) STRICT""",
)
KEEP_HEARD = 86400.0
"""Slack delivers again for an hour at most."""


@frozen
class Said:
    """One thing to do in Slack. `deed` says how: say (post, or edit what `key` was posted as), topic, pin, open."""

    number: int
    lane: str
    key: str
    deed: str
    words: Mapping[str, Any]
    state: str
    tries: int

    @property
    def mark(self) -> str:
        """By which a message is found again that may have been posted."""
        return f"{self.number}:{self.key}"


@frozen
class Posted:
    channel: str
    ts: str
    digest: str


@frozen
class Asked:
    """A question with buttons: `open` until the first press that settles it."""

    id: str
    about: Mapping[str, Any]
    state: str
    who: str


class ChatMemory:
    """Any thread may use it."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path)
        self._lock = Lock()
        with explained(path):
            self._database.prepare(durable=True)
            with self._database.transaction() as con:
                for statement in _SCHEMA:
                    con.execute(statement)

    def first(self, key: str, now: float) -> bool:
        """Whether this delivery was never heard before; from now on it was."""
        with self._writing() as con:
            con.execute("DELETE FROM heard WHERE at < ?", (now - KEEP_HEARD,))
            done = con.execute("INSERT INTO heard VALUES (?, ?) ON CONFLICT DO NOTHING", (key, now))
            return done.rowcount == 1

    def put(self, lane: str, key: str, deed: str, words: Mapping[str, Any]) -> bool:
        """Keep something to be done; what waits under the same key is overtaken. False if there was nothing to do."""
        text = json.dumps(words, sort_keys=True)
        with self._writing() as con:
            waiting = con.execute(
                "SELECT number, words FROM outgoing WHERE lane = ? AND key = ? AND deed = ? AND state = ?",
                (lane, key, deed, WAITING),
            ).fetchone()
            if waiting:
                con.execute("UPDATE outgoing SET words = ? WHERE number = ?", (text, waiting[0]))
                return bool(waiting[1] != text)
            said = con.execute("SELECT digest FROM posted WHERE key = ?", (f"{deed}:{key}",)).fetchone()
            sending = con.execute("SELECT 1 FROM outgoing WHERE lane = ? AND key = ?", (lane, key)).fetchone()
            if said and said[0] == text and not sending:
                return False
            con.execute(
                "INSERT INTO outgoing (lane, key, deed, words, state, tries) VALUES (?, ?, ?, ?, ?, 0)",
                (lane, key, deed, text, WAITING),
            )
            return True

    def lanes(self) -> list[str]:
        """Those in which something waits, the longest waiting first."""
        with self._database.reader() as con:
            return [str(row[0]) for row in con.execute("SELECT lane FROM outgoing GROUP BY lane ORDER BY min(number)")]

    def next(self, lane: str) -> Said | None:
        """The oldest of a lane, as it stands."""
        with self._database.reader() as con:
            row = con.execute(
                "SELECT number, lane, key, deed, words, state, tries FROM outgoing WHERE lane = ? ORDER BY number",
                (lane,),
            ).fetchone()
        return Said(row[0], row[1], row[2], row[3], json.loads(row[4]), row[5], row[6]) if row else None

    def sending(self, said: Said) -> Said:
        """It is about to be sent: durable when this returns, and what is sent is what is given back."""
        with self._writing() as con:
            con.execute("UPDATE outgoing SET state = ?, tries = tries + 1 WHERE number = ?", (SENDING, said.number))
        return self.next(said.lane) or said

    def wait(self, said: Said) -> None:
        """It was surely not taken, and waits for another time."""
        with self._writing() as con:
            con.execute("UPDATE outgoing SET state = ? WHERE number = ?", (WAITING, said.number))

    def done(self, said: Said, channel: str = "", ts: str = "") -> None:
        """It is there, or never will be; what was posted is known by its key from now on."""
        with self._writing() as con:
            con.execute("DELETE FROM outgoing WHERE number = ?", (said.number,))
            if channel:
                row = (f"{said.deed}:{said.key}", channel, ts, json.dumps(said.words, sort_keys=True))
                con.execute("INSERT OR REPLACE INTO posted VALUES (?, ?, ?, ?)", row)

    def posted(self, key: str, deed: str = "say") -> Posted | None:
        with self._database.reader() as con:
            row = con.execute("SELECT channel, ts, digest FROM posted WHERE key = ?", (f"{deed}:{key}",)).fetchone()
        return Posted(*row) if row else None

    def spoken(self, before: str) -> set[str]:
        """Keys that begin so, of what was posted or waits to be."""
        said = f"say:{before}"
        with self._database.reader() as con:
            posted = con.execute("SELECT key FROM posted WHERE key >= ? AND key < ?", (said, f"{said}\U0010ffff"))
            keys = {str(row[0]).removeprefix("say:") for row in posted}
            waits = con.execute(
                "SELECT key FROM outgoing WHERE deed = 'say' AND substr(key, 1, ?) = ?", (len(before), before)
            )
            return keys | {str(row[0]) for row in waits}

    def forget(self, key: str, deed: str = "say") -> None:
        """Somebody has deleted it: it is posted anew."""
        with self._writing() as con:
            con.execute("DELETE FROM posted WHERE key = ?", (f"{deed}:{key}",))

    def room(self, lane: str) -> tuple[str, str] | None:
        """The channel of a lane, and the thread in it."""
        with self._database.reader() as con:
            row = con.execute("SELECT channel, thread FROM rooms WHERE lane = ?", (lane,)).fetchone()
        return (str(row[0]), str(row[1])) if row else None

    def lane_of(self, channel: str, thread: str = "") -> str:
        """Which incident is worked on there; '' for any other place."""
        with self._database.reader() as con:
            row = con.execute(
                "SELECT lane FROM rooms WHERE channel = ? AND thread IN ('', ?) ORDER BY thread DESC", (channel, thread)
            ).fetchone()
        return str(row[0]) if row else ""

    def take_room(self, lane: str, channel: str, thread: str = "") -> None:
        with self._writing() as con:
            con.execute("INSERT OR REPLACE INTO rooms VALUES (?, ?, ?)", (lane, channel, thread))

    def ask(self, id: str, about: Mapping[str, Any], now: float) -> None:  # noqa: A002 - the word of the table
        """Keep a question; one that was asked before stays as it is."""
        with self._writing() as con:
            row = (id, json.dumps(about), now)
            con.execute("INSERT INTO asked VALUES (?, ?, 'open', '', ?) ON CONFLICT DO NOTHING", row)

    def settle(self, id: str, state: str, who: str) -> Asked | None:  # noqa: A002 - as above
        """What was asked as it was before; only whoever finds it `open` has settled it. None if nobody ever asked."""
        with self._writing() as con:
            row = con.execute("SELECT id, about, state, who FROM asked WHERE id = ?", (id,)).fetchone()
            if row and row[2] == "open":
                con.execute("UPDATE asked SET state = ?, who = ? WHERE id = ?", (state, who, id))
        return Asked(row[0], json.loads(row[1]), row[2], row[3]) if row else None

    def reopen(self, id: str) -> None:  # noqa: A002 - as above
        """Nothing came of the press that settled it."""
        with self._writing() as con:
            con.execute("UPDATE asked SET state = 'open', who = '' WHERE id = ?", (id,))

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._database.transaction() as con:
            yield con
