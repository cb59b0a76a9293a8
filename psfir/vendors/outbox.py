"""A folder that people take texts out of: each file is whole or not there, and none is ever written over.

A mount that hangs cannot be interrupted, so the calls run in a thread that is left behind.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from threading import Event, Thread
from typing import TypeVar

from psfir.contracts import BoundConnection
from psfir.domain.durations import show
from psfir.errors import LeverError, NoAnswer

T = TypeVar("T")


class Outbox:
    """One folder. Any thread and any process may use it."""

    def __init__(self, connection: BoundConnection) -> None:
        self.where = f"connection {connection.name}"
        self._folder = Path(str(connection.settings["path"]))

    def path(self, name: str) -> Path:
        return self._folder / name

    def lay(self, name: str, content: bytes, *, within: float) -> bool:
        """False if there is a file of that name, which stays as it is. On the disk when this returns."""
        return self._patiently(lambda: self._lay(self.path(name), content), within)

    def has(self, name: str, *, within: float) -> bool:
        return self._patiently(lambda: self._has(self.path(name)), within)

    def _has(self, path: Path) -> bool:
        return os.path.lexists(path)

    def _lay(self, path: Path, content: bytes) -> bool:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.{token_hex(4)}")
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(handle)
            try:
                path.hardlink_to(new)  # unlike a rename it takes nobody's place
            except FileExistsError:
                return False
        finally:
            with suppress(OSError):  # a name too many does no harm
                new.unlink()
        self._settle(path)
        return True

    def _settle(self, path: Path) -> None:
        """The new name is on the disk when this returns."""
        try:
            folder = os.open(self._folder, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            what = f"{path} was laid, and the disk does not say that it keeps it: {error.strerror}"
            raise NoAnswer(what, where=self.where) from error

    def _patiently(self, work: Callable[[], T], within: float) -> T:
        done, ends = Event(), list[T | BaseException]()

        def run() -> None:
            try:
                ends.append(work())
            except BaseException as error:  # noqa: BLE001 - raised again below, in the thread that waits
                ends.append(error)
            done.set()

        Thread(target=run, name="psfir outbox", daemon=True).start()
        if not done.wait(max(0.0, within)):
            todo = "see whether its mount hangs"
            raise NoAnswer(f"{self._folder} did not answer in {show(within)}", where=self.where, todo=todo)
        (end,) = ends
        if isinstance(end, OSError):
            why = end.strerror or type(end).__name__
            todo = "let psfir write there, on a disk with room that knows hard links"
            raise LeverError(f"{self._folder} cannot be written to: {why}", where=self.where, todo=todo) from end
        if isinstance(end, BaseException):
            raise end
        return end
