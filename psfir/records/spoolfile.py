"""One process's spool: JSON lines that are on the disk when `write` returns, locked against merging while it lives."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from psfir.records.files import sync


class SpoolFile:
    """Made with its first line. After an OSError it takes no more: behind a gap, nothing could be understood."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path: Path | None = None
        self._fd = -1
        self._end = 0
        self._broken = False

    def write(self, lines: Sequence[str], at: datetime) -> Path:
        """All these lines, or none and an OSError. The answer is the file."""
        if self._broken:
            raise OSError("this spool could not be written before")
        try:
            if self._path is None:
                self._path = self._make(at)
            content = "".join(line + "\n" for line in lines).encode()
            written = 0
            while written < len(content):
                written += os.write(self._fd, content[written:])
            os.fsync(self._fd)
            self._end += len(content)
        except OSError:
            self._broken = True
            self._cut()
            raise
        return self._path

    def close(self) -> None:
        """Lets go of the lock: the file may be merged."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd, self._broken = -1, True

    def _make(self, at: datetime) -> Path:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        path = self.folder / f"{stamp}-{os.getpid()}-{os.urandom(4).hex()}.jsonl"
        unlocked = path.with_suffix(".new")
        self._fd = os.open(unlocked, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        # Under its final name it is locked from the first moment, so nobody merges it half-written.
        fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unlocked.rename(path)
        sync(self.folder)
        return path

    def _cut(self) -> None:
        """Back to the last whole line; if that fails too, the reader leaves out a torn one."""
        if self._fd >= 0:
            with suppress(OSError):
                os.ftruncate(self._fd, self._end)
