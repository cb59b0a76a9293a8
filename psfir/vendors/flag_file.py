"""A flag file on a local or mounted path: read whole, replaced whole, and never more than that.

A file system knows no compare-and-swap. So all that psfir writes goes through a lock on the folder, and right before
the new file takes the old one's name the old one is read once more. A mount that hangs cannot be interrupted: the calls
run in a thread that is left behind, and what was left behind does not replace anything any more.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from threading import Event, Lock, Thread
from typing import TypeVar

from psfir.domain.durations import show
from psfir.domain.values import frozen
from psfir.errors import Busy, Declined, Denied, Drift, LeverError, NoAnswer, NoSuchTarget, Refusal, Unreachable

T = TypeVar("T")

LARGEST = 8 * 1024 * 1024
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_ACL = "system.posix_acl_access"
_LINK = "name the file that it leads to; one that a Kubernetes ConfigMap brings is changed in the ConfigMap"
_ILL = (Unreachable, "{path} {why}; nothing was changed", "see whether its disk is well")
_GONE = (NoSuchTarget, "{path} is not there", "check file: of the connection")
_FULL = (LeverError, "{path} {why}; it is as it was", "make room on the disk")
_ALONE = (Refusal, "{path} {why}: it is mounted by itself", "mount its folder instead of the single file")
_RIGHT = (
    Denied,
    "{path} {why}",
    "let {me}, which psfir runs as, read the file, write into its folder, and keep the file's owner",
)
_MEANING: Mapping[int, tuple[type[LeverError | Refusal], str, str]] = {
    errno.ENOENT: _GONE,
    errno.ENOTDIR: _GONE,
    errno.ELOOP: (Refusal, "{path} is a symbolic link", _LINK),
    errno.EACCES: _RIGHT,
    errno.EPERM: _RIGHT,
    errno.EROFS: (Declined, "{path} {why}", "mount it writable, or change the flags where they come from"),
    errno.EBUSY: _ALONE,
    errno.EXDEV: _ALONE,
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EAGAIN: (Busy, "{path} {why}", "another program keeps it to itself; try again"),
}
_UNCLEAR = frozenset({errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EREMOTEIO})
"""After these nobody knows whether a server behind the mount has done it."""


@frozen
class Kept:
    """The file as it was read. `version` is of its content and its last change."""

    content: bytes
    about: os.stat_result

    @property
    def version(self) -> str:
        return f"{sha256(self.content).hexdigest()[:16]} {self.about.st_mtime_ns}"


class Disk:
    """The calls themselves, each of which may fail or take for ever. Tests put a worse disk in its place."""

    def read(self, path: Path) -> Kept:
        handle = os.open(path, _READ)
        try:
            about = os.fstat(handle)
            if not stat.S_ISREG(about.st_mode):
                raise Refusal(f"{path} is no file", todo="name the flag file itself")
            if about.st_size > LARGEST:
                raise Refusal(f"{path} is larger than {LARGEST} bytes", todo="give the flag a file of its own")
            with os.fdopen(os.dup(handle), "rb") as file:
                return Kept(file.read(LARGEST + 1), about)
        finally:
            os.close(handle)

    def write(self, path: Path, content: bytes, like: Path) -> None:
        """A new file, on the disk when this returns, for the same people as `like`."""
        about = like.lstat()
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if (about.st_uid, about.st_gid) != _owner(handle):
                os.fchown(handle, about.st_uid, about.st_gid)
            os.fchmod(handle, stat.S_IMODE(about.st_mode))
            if hasattr(os, "listxattr") and _ACL in os.listxattr(like, follow_symlinks=False):
                os.setxattr(handle, _ACL, os.getxattr(like, _ACL, follow_symlinks=False))
            file.flush()
            os.fsync(handle)

    def replace(self, new: Path, path: Path) -> None:
        new.replace(path)

    def settle(self, folder: Path) -> None:
        """The new name is on the disk when this returns."""
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class FlagFile:
    """One flag file. Any thread and any process may use it."""

    def __init__(self, path: Path, *, where: str, disk: Disk | None = None) -> None:
        self.path = path
        self._where = where
        self._disk = disk or Disk()

    def read(self, *, within: float) -> Kept:
        return self._patiently(lambda _: self._read(), within)

    def swap(self, kept: Kept, content: bytes, *, within: float) -> None:
        """Replace it, if it is still the very file that was read; Drift if it is not."""
        if kept.about.st_nlink > 1:
            todo = "name the others away: they would keep the old flags"
            raise Refusal(f"{self.path} has {kept.about.st_nlink} names", where=self._where, todo=todo)
        self._patiently(lambda gate: self._swap(kept, content, gate), within)

    def _read(self) -> Kept:
        if "..data" in self.path.parts:
            raise Refusal(f"{self.path} belongs to a Kubernetes ConfigMap", where=self._where, todo=_LINK)
        try:
            return self._disk.read(self.path)
        except OSError as error:
            raise self._told(error, "be read") from error

    def _swap(self, kept: Kept, content: bytes, gate: _Gate) -> None:
        folder = self.path.parent
        new = folder / f".{self.path.name}.psfir-{token_hex(4)}"
        with self._alone(folder):
            try:
                self._disk.write(new, content, self.path)
                self._still(kept)
                if gate.enter():
                    self._replace(new)
            except OSError as error:
                raise self._told(error, "be replaced") from error
            finally:
                with suppress(OSError):  # it is gone once it has its name; one that stays does no harm
                    new.unlink()
        if gate.entered:
            self._settle(folder)

    def _replace(self, new: Path) -> None:
        try:
            self._disk.replace(new, self.path)
        except OSError as error:
            if error.errno in _UNCLEAR:
                why = error.strerror or type(error).__name__
                raise NoAnswer(
                    f"{self.path}: whether it was replaced is not known: {why}", where=self._where
                ) from error
            raise

    def _settle(self, folder: Path) -> None:
        try:
            self._disk.settle(folder)
        except OSError as error:
            what = f"{self.path} was replaced, and the disk does not say that it keeps it: {error.strerror}"
            raise NoAnswer(what, where=self._where) from error

    def _still(self, kept: Kept) -> None:
        now = self._read()
        if now.version != kept.version or now.about.st_ino != kept.about.st_ino:
            what = f"{self.path} was changed by somebody else at the same moment"
            raise Drift(what, expected=kept.version, found=now.version, where=self._where, todo="plan it again")

    @contextmanager
    def _alone(self, folder: Path) -> Iterator[None]:
        """Only one psfir at a time writes in this folder."""
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise self._told(error, "be replaced") from error
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
            except OSError as error:
                # Some network file systems lock no folders; the last look before the replacing stands all the same.
                if error.errno not in {errno.EBADF, errno.ENOLCK, errno.ENOTSUP}:
                    raise self._told(error, "be locked") from error
            yield
        finally:
            os.close(lock)

    def _patiently(self, work: Callable[[_Gate], T], within: float) -> T:
        gate, done = _Gate(), Event()
        ends: list[T | BaseException] = []

        def run() -> None:
            try:
                ends.append(work(gate))
            except BaseException as error:  # noqa: BLE001 - raised again below, in the thread that waits
                ends.append(error)
            done.set()

        Thread(target=run, name=f"psfir {self.path.name}", daemon=True).start()
        if not done.wait(max(0.0, within)) and not ends:
            late = f"{self.path}: the disk did not answer in {show(within)}"
            if gate.shut():
                raise Unreachable(f"{late}; nothing was changed", where=self._where, todo="see whether its mount hangs")
            raise NoAnswer(f"{late}; it may have been replaced", where=self._where)
        done.wait()
        (end,) = ends
        if isinstance(end, BaseException):
            raise end
        return end

    def _told(self, error: OSError, deed: str) -> LeverError | Refusal:
        why = error.strerror or type(error).__name__
        kind, what, todo = _MEANING.get(error.errno or 0, _ILL)
        says = what.format(path=self.path, why=f"cannot {deed}: {why}")
        return kind(says, where=self._where, todo=todo.format(me=f"user {os.geteuid()}"))


class _Gate:
    """Between giving up and replacing: whoever comes first keeps the other out."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._shut = False
        self.entered = False

    def enter(self) -> bool:
        with self._lock:
            self.entered = not self._shut
            return self.entered

    def shut(self) -> bool:
        """True if nobody had entered: then nobody will."""
        with self._lock:
            self._shut = not self.entered
            return self._shut


def _owner(handle: int) -> tuple[int, int]:
    about = os.fstat(handle)
    return about.st_uid, about.st_gid
