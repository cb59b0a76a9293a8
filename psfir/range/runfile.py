"""How other commands find the range that is up: a small file that only its owner may read, and a lock that proves it.

The lock ends with the process that holds it, however that ended: so a file that was left behind is seen to be one.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import field
from pathlib import Path
from typing import Self

from psfir.domain.values import frozen
from psfir.errors import Refusal, UsageError

NAME, LOCK = "range.json", "range.lock"


@frozen
class Run:
    """A range that is up: where its control server is, the token that opens it, and since when by the wall clock."""

    url: str
    token: str = field(repr=False)
    pid: int
    started: float


def read(folder: Path) -> Run | None:
    """None if no range has left its address there."""
    try:
        said = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return Run(str(said["url"]), str(said["token"]), int(said["pid"]), float(said["started"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"cannot be read: {type(error).__name__}"
        raise UsageError(what, where=str(folder / NAME), todo="remove it, and end its range by its process") from None


def write(folder: Path, run: Run) -> None:
    """Whole or not at all, and readable by nobody else from its first byte on."""
    new = folder / f"{NAME}.{os.getpid()}"
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump({"url": run.url, "token": run.token, "pid": run.pid, "started": run.started}, stream)
    new.replace(folder / NAME)


def forget(folder: Path) -> None:
    (folder / NAME).unlink(missing_ok=True)


def held(folder: Path) -> bool:
    """Whether some process is a range, or is about to be one, with its file there."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
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
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            raise self._taken() from None
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def _taken(self) -> Refusal:
        run = read(self._folder)
        which = f"process {run.pid}, at {run.url}" if run else "it is just coming up"
        todo = 'psfir range status shows it; eval "$(psfir range env)" reaches it; psfir range down ends it'
        return Refusal(f"a range is up here already ({which})", where=str(self._folder), todo=todo)
