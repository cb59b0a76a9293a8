"""A real PostgreSQL for tests: its programs where they can be found, and one cluster a process, thrown away after."""

import os
import pwd
import shutil
import subprocess
import tempfile
from atexit import register
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from signal import SIGCONT, SIGINT, SIGQUIT, SIGSTOP
from socket import socket
from time import monotonic, sleep
from uuid import uuid4

import pytest

PLACE = Path(__file__).parent.parent / ".real"
STARTS = 60.0


def programs() -> str:
    """The folder of its programs: our own, Debian's, or whatever is on PATH."""
    folders = [PLACE / "postgresql" / "usr" / "lib" / "postgresql", Path("/usr/lib/postgresql")]
    found = [path.parent for folder in folders for path in sorted(folder.glob("*/bin/initdb"), reverse=True)]
    named = shutil.which("initdb")
    return str(found[0]) if found else str(Path(named).parent) if named else ""


def somebody() -> str | None:
    """Who PostgreSQL runs as: it refuses to be root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def environment() -> dict[str, str]:
    libraries = ":".join(map(str, PLACE.glob("postgresql/usr/lib/*-linux-gnu")))
    more = {"LD_LIBRARY_PATH": libraries} if libraries else {}
    return {"PATH": os.environ["PATH"], "LC_ALL": "C", **more}


class Cluster:
    """One server with fsync on, as durability is under test. `url` names a database of it."""

    def __init__(self, *, under: Path | None = None, **options: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="psfir-postgres-", dir=under))
        register(self.remove)
        self._user = somebody()
        if self._user:
            os.chown(self._folder, pwd.getpwnam(self._user).pw_uid, -1)
        self._options = options
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._done("initdb", "-D", self._data, "-U", "psfir", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.process = self._started()

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def database(self, *options: str) -> str:
        """A new empty one; its name."""
        name = f"t_{uuid4().hex[:12]}"
        self._done("createdb", "-h", str(self._folder), "-p", str(self.port), "-U", "psfir", *options, name)
        return name

    def url(self, name: str, *, user: str = "psfir") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{name}"

    def sql(self, statement: str, name: str, *, user: str = "psfir") -> subprocess.CompletedProcess[str]:
        """By psql, so that what the server itself says is seen."""
        at = ("-h", str(self._folder), "-p", str(self.port), "-U", user)
        return self._run("psql", *at, "-qAt", "-v", "ON_ERROR_STOP=1", "-c", statement, name)

    def stop(self, *, crash: bool = False) -> None:
        self.process.send_signal(SIGQUIT if crash else SIGINT)
        self.process.wait(20)

    def start(self) -> None:
        self.process = self._started()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Nobody is answered and nobody is hung up on: all of its processes stand still."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        pids = [self.process.pid, *map(int, children.split())]
        for pid in pids:
            os.kill(pid, SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                with suppress(ProcessLookupError):  # one that ended at its own end of a line
                    os.kill(pid, SIGCONT)

    @contextmanager
    def cut_off(self, name: str) -> Iterator[None]:
        """Every line to that database breaks, and no new one can be had."""
        self._allow(name, "false")
        end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608 - ours
        gone = self.sql(end, "postgres")
        assert gone.returncode == 0, gone.stderr
        try:
            yield
        finally:
            self._allow(name, "true")

    def _allow(self, name: str, word: str) -> None:
        done = self.sql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {word}', "postgres")
        assert done.returncode == 0, done.stderr

    def remove(self) -> None:
        if self.process.poll() is None:
            self.stop(crash=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _started(self) -> "subprocess.Popen[bytes]":
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self._folder),
        }
        options |= {"jit": "off", "max_connections": "60", **self._options}
        flags = [f"--{name}={value}" for name, value in options.items()]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(
            [str(Path(programs()) / "postgres"), "-D", self._data, *flags],
            cwd="/",
            env=environment(),
            user=self._user,
            stdin=quiet,
            stdout=quiet,
            stderr=quiet,
        )
        end = monotonic() + STARTS
        while self.sql("SELECT 1", "postgres").returncode:
            assert process.poll() is None, "PostgreSQL has ended"
            assert monotonic() < end, "PostgreSQL does not answer"
            sleep(0.05)
        return process

    def _done(self, program: str, *arguments: str) -> None:
        done = self._run(program, *arguments)
        assert done.returncode == 0, f"{program}: {done.stderr}"

    def _run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [str(Path(programs()) / program), *arguments]
        return subprocess.run(
            command,
            cwd="/",
            env=environment(),
            user=self._user,
            capture_output=True,
            check=False,
            text=True,
            timeout=STARTS,
        )


@cache
def _one() -> Cluster:
    return Cluster()


def cluster() -> Cluster:
    """The one of this process. Where it cannot be had, CI fails and anybody else's run leaves the test out."""
    if not programs():
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL not installed: make real-unleash")
        pytest.skip("PostgreSQL not installed: make real-unleash")
    return _one()
