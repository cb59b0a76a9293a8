"""How other commands find the range that is up: a small file that only its owner may read, and a lock that proves it.

The lock ends with the process that holds it, however that ended: so a file that was left behind is seen to be one.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import field
from pathlib import Path
from time import sleep  # noqa: TID251 - the range lives in real time
from typing import Self

from psfir.domain.values import frozen
from psfir.errors import Refusal, UsageError
from psfir.range.private import write_private

NAME, LOCK = "range.json", "range.lock"
_LOOKS, _GLANCE = 200, 0.005


@frozen
class Run:
    """A range that is up: where its control server is, the token that opens it, and since when by the wall clock."""

    url: str
    token: str = field(repr=False)
    pid: int
    started: float


class Unreadable(UsageError):
    """The file is there, and says nothing that could be understood."""


def read(folder: Path) -> Run | None:
    """None if no range has left its address there; Unreadable if what is there is none."""
    try:
        said = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return Run(str(said["url"]), str(said["token"]), int(said["pid"]), float(said["started"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"cannot be read: {type(error).__name__}"
        todo = "psfir range down ends its range, and takes the file away"
        raise Unreadable(what, where=str(folder / NAME), todo=todo) from None


def write(folder: Path, run: Run) -> None:
    said = {"url": run.url, "token": run.token, "pid": run.pid, "started": run.started}
    write_private(folder / NAME, json.dumps(said))


def forget(folder: Path) -> None:
    (folder / NAME).unlink(missing_ok=True)


def held(folder: Path) -> bool:
    """Whether some process is a range, or is about to be one, with its file there."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _got(descriptor, fcntl.LOCK_SH)  # shared, so that two who look do not see each other
    finally:
        os.close(descriptor)


def holder(folder: Path) -> int | None:
    """The process that is a range there, as it has put it down itself; None if there is none, or it says nothing."""
    if not held(folder):
        return None
    said = (folder / LOCK).read_text(encoding="utf-8", errors="replace").strip()
    return int(said) if said.isdecimal() else None


def _got(descriptor: int, lock: int) -> bool:
    try:
        fcntl.flock(descriptor, lock | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alone(descriptor: int) -> bool:
    """Whether the lock is ours now. Who only looks shares it, and is out of the way in a moment."""
    for _ in range(_LOOKS):
        if _got(descriptor, fcntl.LOCK_EX):
            return True
        if not _got(descriptor, fcntl.LOCK_SH):
            return False
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        sleep(_GLANCE)
    return False


class Claim:
    """The right to be the one range of this folder, for as long as it is open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor = -1

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._descriptor = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            what = f"the range cannot keep its address there: {error.strerror}"
            raise UsageError(what, where=str(self._folder), todo="name a workspace that is yours") from None
        if not _alone(self._descriptor):
            os.close(self._descriptor)
            raise self._taken()
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, f"{os.getpid()}\n".encode())
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def _taken(self) -> Refusal:
        try:
            run = read(self._folder)
            which = f"process {run.pid}, at {run.url}" if run else "it is just coming up, or a demo's"
        except Unreadable as error:
            which = f"process {holder(self._folder)}, and {error.where} {error.what}"
        todo = 'psfir range status shows it; eval "$(psfir range env)" reaches it; psfir range down ends it'
        return Refusal(f"a range is up here already ({which})", where=str(self._folder), todo=todo)
