"""Spools are merged into the chain once the record is back: each exactly once, whatever is killed meanwhile.

The names of merged spools stand in the record, written in the same transaction as their entries. A spool whose writer
is alive is left alone. Lines that were printed as a last resort merge too: saved as a `.jsonl` file in the same folder.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from psfir.domain.canon import digest_bytes
from psfir.domain.entries import Draft, Entry
from psfir.errors import RecordError

ABSORBED = ".absorbed"
PERHAPS = "perhaps"
"""Beside a draft: the seq and hash it has if a commit whose answer was lost came through after all."""

Head = tuple[int, str]


class Absorber(Protocol):
    """A journal that can merge a spool once and for all."""

    def append_once(
        self, name: str, digest: str, drafts: Sequence[Draft], perhaps: Sequence[Head | None] = ()
    ) -> list[Entry] | None: ...


def waiting(folder: Path) -> list[str]:
    """The spools that are not merged yet, also those still being written."""
    return sorted(path.name for path in folder.glob("*.jsonl"))


def absorb(folder: Path, journal: Absorber) -> list[tuple[str, int]]:
    """Merge each spool whose writer is gone; names and counts. A damaged one is an error, raised after all others."""
    merged: list[tuple[str, int]] = []
    damaged: list[RecordError] = []
    for name in waiting(folder):
        try:
            count = _absorb(folder / name, journal)
        except RecordError as error:
            damaged.append(error)
        else:
            if count:
                merged.append((name, count))
    if damaged:
        raise damaged[0]
    return merged


def _absorb(path: Path, journal: Absorber) -> int:
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0  # another process has just merged it
    except OSError as error:
        raise RecordError(f"a spool cannot be read: {error.strerror or error}", where=str(path)) from error
    with os.fdopen(fd, "rb") as file:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return 0  # its writer is alive, or another process is merging it
        content = file.read()
        drafts, perhaps = _drafts(content, path)
        entries = journal.append_once(path.name, digest_bytes(content), drafts, perhaps) if drafts else None
        with suppress(FileNotFoundError):
            path.rename(path.with_name(path.name + ABSORBED))
    return len(drafts) if entries is not None else 0


def _drafts(content: bytes, path: Path) -> tuple[list[Draft], list[Head | None]]:
    """All whole lines, and for each the place it may have in the record already.

    Only what stands behind the last line break can be torn.
    """
    drafts: list[Draft] = []
    perhaps: list[Head | None] = []
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            drafts.append(Draft.from_json(data))
            place = data.get(PERHAPS)
            perhaps.append((int(place["seq"]), str(place["hash"])) if place else None)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            todo = "mend that line, or move the file away; nothing of it was merged"
            raise RecordError(f"line {number} is no entry: {error}", where=str(path), todo=todo) from error
    return drafts, perhaps
