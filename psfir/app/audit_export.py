"""The record as lines that can leave the house and be proven without it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

from psfir.app.audit import Audit, Head, Walk, first_flaw
from psfir.contracts import Journal
from psfir.domain import canon
from psfir.domain.entries import Entry, Flaw, alone, check
from psfir.domain.kinds import Kind
from psfir.errors import RecordError, UsageError
from psfir.records.rows import DamagedEntry

EXPORT = "psfir.out.audit.export/1"
_LONGEST = 64 * 1024 * 1024
_NUMBERS, _MAYBE = ("v", "seq"), ("data", "salt")


def export(journal: Journal, *, incident: str | None = None) -> Iterator[str]:
    """The whole chain, or one incident's entries. The first line has the head, which is worth keeping elsewhere."""
    seq, tip = journal.heads()
    yield _line({"schema": EXPORT, "incident": incident, "head": {"seq": seq, "hash": tip}})
    count = 0
    for entry in journal.read(incident):
        if entry.seq > seq:
            break
        count += 1
        yield _line({"event": "entry", "entry": entry.to_json()})
    yield _line({"event": "result", "entries": count})


def write_export(lines: Iterable[str], path: Path) -> int:
    """Into a new file for its owner only; how many entries. What could not be finished is taken away again."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror or error}", where=str(path)) from error
    count = -2
    try:
        with os.fdopen(fd, "w", encoding="utf-8", newline="\n") as file:
            for line in lines:
                file.write(line + "\n")
                count += 1
            file.flush()
            os.fsync(fd)
    except BaseException as error:  # raised again: nothing half-written is left behind
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise RecordError(f"cannot be written: {error.strerror or error}", where=str(path)) from error
        raise
    return count


def verify_export(path: Path, *, heads: Sequence[Head] = ()) -> Audit:
    """Look at every line of an exported file; the head it names itself is looked for too."""
    try:
        with path.open("rb") as file:
            return _verify(file, str(path), heads)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror or error}", where=str(path)) from error


def _verify(file: BinaryIO, where: str, heads: Sequence[Head]) -> Audit:
    opening = _opening(file, where)
    whole = opening["incident"] is None
    own = (int(opening["head"]["seq"]), str(opening["head"]["hash"]))
    # One incident's entries seldom include the head of the whole chain, so only heads of its own entries are looked at.
    walk = Walk([*heads, own], cut=whole)
    lines = _Lines(file, where)
    checked = check if whole else _apart
    flaw = first_flaw(walk, lambda: checked(walk.over(lines)) or walk.outside())
    if flaw is None and lines.said != walk.count:
        says = "has no end" if lines.said is None else f"says it has {lines.said} entries and has {walk.count}"
        flaw = Flaw(walk.last[0] + 1, f"is missing: the file {says}")
    return Audit(walk.count, walk.last, flaw, whole=whole)


def _opening(file: BinaryIO, where: str) -> dict[str, Any]:
    try:
        opening = json.loads(file.readline(_LONGEST))
        fits = opening["schema"] == EXPORT and {"incident", "head"} <= set(opening)
        fits = fits and type(opening["head"]["seq"]) is int and isinstance(opening["head"]["hash"], str)
    except (ValueError, KeyError, TypeError, RecursionError):
        fits = False
    if not fits:
        raise UsageError("is not an export of psfir", where=where, todo="psfir audit export writes one")
    return dict(opening)


class _Lines:
    """The entries of an export. `said` is how many its last line says there are, None if it has no last line."""

    def __init__(self, file: BinaryIO, where: str) -> None:
        self._file = file
        self._where = where
        self._number = 1
        self._seq = 0
        self.said: object = None

    def __iter__(self) -> Iterator[Entry]:
        while line := self._file.readline(_LONGEST):
            self._number += 1
            value = self._value(line)
            if self.said is not None:
                raise self._damaged("stands behind the end")
            if value.get("event") == "result":
                self.said = value.get("entries")
            elif value.get("event") == "entry" and _is_entry(value.get("entry")):
                entry = Entry.from_json(value["entry"])
                self._seq = entry.seq
                yield entry
            else:
                raise self._damaged("is no entry")

    def _value(self, line: bytes) -> Mapping[str, Any]:
        try:
            value = json.loads(line)
            same = line == canon.canonical(value) + b"\n"
        except (ValueError, TypeError, RecursionError) as error:
            raise self._damaged("cannot be read") from error
        if not same or not isinstance(value, dict):
            raise self._damaged("was written anew: its bytes are not those of an export")
        return value

    def _damaged(self, what: str) -> DamagedEntry:
        return DamagedEntry(f"line {self._number} of the file {what}", seq=self._seq + 1, where=self._where)


def _is_entry(value: object) -> bool:
    if not isinstance(value, dict) or set(value) != {one.name for one in fields(Entry)}:
        return False
    numbers = all(type(value[name]) is int for name in _NUMBERS)
    texts = all(isinstance(text, str) for name, text in value.items() if name not in {*_NUMBERS, *_MAYBE})
    return numbers and texts and isinstance(value["data"], dict | None) and isinstance(value["salt"], str | None)


def _apart(entries: Iterable[Entry]) -> Flaw | None:
    """The first entry that is bad by itself or out of order; what stood between two of them is not known."""
    before, missing = 0, set[int]()
    for entry in entries:
        if entry.seq <= before:
            return Flaw(entry.seq, f"stands behind entry {before}: the order is wrong")
        if says := alone(entry):
            return Flaw(entry.seq, says)
        if entry.data is None:
            missing.add(entry.seq)
        elif entry.kind == Kind.ERASED:
            missing.discard(entry.data.get("seq", 0))
        before = entry.seq
    return Flaw(min(missing), "its data is gone and no later entry says that it was erased") if missing else None


def _line(value: canon.Json) -> str:
    return canon.canonical(value).decode()
