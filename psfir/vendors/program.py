"""Runs somebody's program: no shell, an environment of named variables, one object in, one object out, a hard end.

It runs in a process group of its own, which is killed when its time is up, and also when the program itself has ended
and left somebody behind. What others could have written is never run.
"""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from typing import IO, Any

from psfir.contracts import BoundConnection
from psfir.domain.canon import Json, canonical
from psfir.domain.scrub import Scrubber
from psfir.domain.values import frozen
from psfir.errors import Denied, NoSuchTarget, Refusal, Unreachable
from psfir.vendors.deadline import Deadline

LARGEST = 1024 * 1024
"""So much of what it says is read. Whoever says more is ended."""

_PIECE = 65536
_LOOK = 0.05
_WAIT = 0.002
_OTHERS = stat.S_IWGRP | stat.S_IWOTH


@frozen
class Ended:
    """How a run ended. `code` is None if it was ended by us, and `why` says for what; below 0 it is a signal."""

    code: int | None
    out: bytes
    err: bytes
    why: str = ""

    def said(self) -> Mapping[str, Any]:
        """Its one object. ValueError says why there is none."""
        if not self.out.strip():
            return {}
        found = json.loads(self.out, parse_constant=_no_number, object_pairs_hook=_once)
        if not isinstance(found, dict):
            raise ValueError("it is no mapping")  # noqa: TRY004 - of JSON that is not what it should be, as the rest
        canonical(found)
        return found


@frozen
class Program:
    """`argv` is what stands in psfir.yaml, an absolute path first. `env` is all the environment it gets."""

    argv: tuple[str, ...]
    where: str
    env: Mapping[str, str] = field(repr=False)

    def check(self) -> None:
        """Refusal if somebody else could have written it, or could put something else in its place."""
        named = Path(self.argv[0])
        try:
            real = named.resolve(strict=True)
            for path in dict.fromkeys((real, *real.parents, *named.parents)):
                self._ours(path, path in {real.parent, named.parent})
            mode = real.stat().st_mode
        except FileNotFoundError:
            todo = "check command: of the connection"
            raise NoSuchTarget(f"there is no program {named}", where=self.where, todo=todo) from None
        except (OSError, RuntimeError) as error:
            what = f"the program {named} cannot be looked at: {error}"
            raise Denied(what, where=self.where, todo="let psfir's user read its folder") from None
        if not stat.S_ISREG(mode) or not os.access(real, os.X_OK):
            raise Denied(f"{named} cannot be run", where=self.where, todo=f"chmod a+x {real}")

    def run(self, verb: str, said: Mapping[str, Json], *, within: float) -> Ended:
        """Unreachable if it could not be started: then nothing has run."""
        self.check()
        deadline = Deadline(within)
        pipe = subprocess.PIPE
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell, and only what psfir.yaml allows
                [*self.argv, verb],
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                env=dict(self.env),
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            what = f"{self.argv[0]} could not be started: {error.strerror}; nothing has run"
            raise Unreachable(what, where=self.where, todo="run it by hand to see why") from error
        with process:
            try:
                return _watched(process, canonical(said), deadline)
            finally:
                _end(process)

    def _ours(self, path: Path, beside: bool) -> None:  # noqa: FBT001 - whether it is the program's own folder
        """In a folder that is sticky, such as /tmp, nobody can rename what is another's."""
        about = path.stat()
        sticky = stat.S_ISDIR(about.st_mode) and about.st_mode & stat.S_ISVTX and not beside
        if about.st_uid not in {0, os.geteuid()}:
            todo = f"let it be root's, or that of user {os.geteuid()}, which psfir runs as"
            raise Refusal(f"{path} is user {about.st_uid}'s: it is not run", where=self.where, todo=todo)
        if about.st_mode & _OTHERS and not sticky:
            what = f"others may write {path}: what is in it is not run"
            raise Refusal(what, where=self.where, todo=f"chmod go-w {path}")


def allowed(connection: BoundConnection, scrubber: Scrubber) -> Program:
    """The program of a connection. Refusal unless psfir.yaml allows it; its secrets are looked up anew, and learnt."""
    where, settings = f"connection {connection.name}", connection.settings
    argv = tuple(texts(settings["argv"]))
    if argv[0] not in texts(settings.get("allowed", [])):
        todo = f"add it to allow: under commands: in psfir.yaml, if {argv[0]} may be run"
        raise Refusal("psfir.yaml does not allow this program", where=where, todo=todo)
    env = {name: os.environ[name] for name in texts(settings.get("env", [])) if name in os.environ}
    for name in texts(settings.get("secrets", [])):
        if (value := connection.secret(f"secrets.{name}")) is None:
            continue
        try:
            scrubber.learn(value, name)
        except ValueError as error:
            raise Denied(str(error), where=where, todo="use another one") from None
        env[name] = value
    return Program(argv, where, env)


def texts(value: Json) -> list[str]:
    """A list of texts, empty if it is none."""
    return [str(item) for item in value] if isinstance(value, Sequence) and not isinstance(value, str) else []


def _watched(process: subprocess.Popen[bytes], given: bytes, deadline: Deadline) -> Ended:
    """Give and take until it has closed both of its ends, or its time is up; then wait until it has ended."""
    out, err, left = bytearray(), bytearray(), memoryview(given)
    assert process.stdin  # noqa: S101 - all three are pipes
    assert process.stdout  # noqa: S101 - the same
    assert process.stderr  # noqa: S101 - the same
    talking = {process.stdout: out, process.stderr: err}
    with DefaultSelector() as selector:
        for pipe in (*talking, process.stdin):
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, EVENT_WRITE if pipe is process.stdin else EVENT_READ)
        while talking and deadline.left > 0:
            for key, _ in selector.select(min(_LOOK, deadline.left)):
                if key.fileobj is process.stdin:
                    left = _given(process.stdin, left, selector)
                elif not (piece := os.read(key.fd, _PIECE)):
                    selector.unregister(key.fileobj)
                    talking.pop(key.fileobj)  # type: ignore[call-overload]  # it is one of the two
                else:
                    talking[key.fileobj].extend(piece)  # type: ignore[index]  # the same
            if max(len(out), len(err)) > LARGEST:
                return Ended(None, bytes(out), bytes(err), f"it said more than {LARGEST} bytes")
            if _over(process):
                _end_group(process)  # whoever it left behind holds its ends open
    while not _over(process):
        if deadline.left <= 0:
            return Ended(None, bytes(out), bytes(err), "its time was up")
        deadline.pause(_WAIT)
    _end_group(process)
    return Ended(process.wait(), bytes(out), bytes(err))


def _given(pipe: IO[bytes], left: memoryview, selector: DefaultSelector) -> memoryview:
    try:
        left = left[os.write(pipe.fileno(), left[:_PIECE]) :]
    except BlockingIOError:
        return left
    except OSError:
        left = left[len(left) :]  # it does not want to hear; what it does then is up to it
    if not left:
        selector.unregister(pipe)
        pipe.close()
    return left


def _over(process: subprocess.Popen[bytes]) -> bool:
    """Whether it has ended; where that can be, it is not yet taken away, so that its number is nobody else's."""
    if not hasattr(os, "waitid"):  # macOS, before Python 3.13
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Unless it has been waited for: then its number may be another's."""
    if process.returncode is None:
        _end_group(process)
        process.wait()


def _end_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # all of it has ended


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands in it twice")
    return found


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
