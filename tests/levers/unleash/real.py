"""The real Unleash on a real PostgreSQL, started once for each process of the tests that asks for it.

`make real-unleash` installs both into .real/. Where they are missing these tests are left out, but in CI they fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from atexit import register
from functools import cache
from pathlib import Path
from pwd import getpwnam
from signal import SIGINT
from socket import socket
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.postgres import PLACE, environment, programs, somebody

ADMIN, CLIENT, FRONTEND = (
    "*:*.psfir-real-admin",
    "default:production.psfir-real-client",
    "default:production.psfir-front",
)
STARTS = 100.0
"""What a start may take on a busy machine; alone it is 5 s, most of it for the tables."""


def real() -> Real:
    """Started at the first call. Skips, or fails in CI, where it is not installed."""
    started = _started()
    started.wait()
    return started


@cache
def _started() -> Real:
    lacks = [name for name, found in (("unleash-server", _node()), ("PostgreSQL", programs())) if not found]
    if lacks:
        why = f"{' and '.join(lacks)} not installed: make real-unleash"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return Real()


class Real:
    """`url` is where it listens. Its database is thrown away when the process ends."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="psfir-unleash-"))
        register(self.stop)
        self._user = somebody()
        if self._user:
            os.chown(self._folder, getpwnam(self._user).pw_uid, -1)
        self._postgres = self._database()
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._unleash = self._server(port)
        self._answers = False

    def sql(self, statement: str) -> None:
        """For what the open-source edition has tables for and no API."""
        self._as_somebody("psql", "-h", str(self._folder), "-U", "psfir", "-q", "-c", statement, "unleash")

    def stop(self) -> None:
        for process in (getattr(self, "_unleash", None), getattr(self, "_postgres", None)):
            if process:
                # What SIGTERM means to PostgreSQL is to wait for whoever is still connected.
                process.send_signal(SIGINT)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _database(self) -> subprocess.Popen[bytes]:
        """Reached by a socket in its own folder alone; what it holds may be lost, so it waits for no disk."""
        data = str(self._folder / "data")
        self._as_somebody("initdb", "-D", data, "-U", "psfir", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "jit": "off",
        }
        command = [self._program("postgres"), "-D", data, *(f"--{name}={value}" for name, value in options.items())]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(
            command, cwd="/", env=environment(), user=self._user, stdin=quiet, stdout=quiet, stderr=quiet
        )
        end = monotonic() + STARTS
        while self._run("createdb", "-h", str(self._folder), "-U", "psfir", "unleash").returncode:
            assert process.poll() is None, "PostgreSQL has ended"
            assert monotonic() < end, "PostgreSQL does not answer"
            sleep(0.1)
        return process

    def _server(self, port: int) -> subprocess.Popen[bytes]:
        settings = {
            "DATABASE_HOST": str(self._folder),
            "DATABASE_USERNAME": "psfir",
            "DATABASE_PASSWORD": "none",
            "DATABASE_NAME": "unleash",
            "DATABASE_SSL": "false",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": str(port),
            "NODE_ENV": "production",
            "CHECK_VERSION": "false",
            "SEND_TELEMETRY": "false",
            "UNLEASH_SECRET": "for tests",
            "INIT_ADMIN_API_TOKENS": ADMIN,
            "INIT_BACKEND_API_TOKENS": CLIENT,
            "INIT_FRONTEND_API_TOKENS": FRONTEND,
        }
        main = PLACE / "unleash" / "node_modules" / "unleash-server" / "dist" / "server.js"
        with (self._folder / "unleash.log").open("wb") as log:
            return subprocess.Popen(
                [_node(), str(main)],
                cwd=self._folder,
                env={"PATH": os.environ["PATH"], "HOME": str(self._folder), **settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> None:
        """Until it answers. A test whose time is over before leaves the next one less to wait for."""
        end = monotonic() + STARTS
        while not self._answers:
            try:
                with urlopen(f"{self.url}/health", timeout=5):
                    self._answers = True
            except (URLError, OSError):
                log = self._folder / "unleash.log"
                said = log.read_text(errors="replace")[-2000:]
                assert self._unleash.poll() is None, f"Unleash has ended: {said}"
                assert monotonic() < end, f"Unleash does not answer: {said}"
                sleep(0.1)

    def _as_somebody(self, program: str, *arguments: str) -> None:
        done = self._run(program, *arguments)
        assert done.returncode == 0, f"{program}: {done.stderr.decode(errors='replace')}"

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [self._program(program), *arguments]
        return subprocess.run(
            command, cwd="/", env=environment(), user=self._user, capture_output=True, check=False, timeout=STARTS
        )

    def _program(self, name: str) -> str:
        return str(Path(programs()) / name)


def _node() -> str:
    """Where the Node is that the installed Unleash runs on."""
    stamps = sorted(PLACE.glob("unleash-*"))
    return stamps[-1].read_text(encoding="utf-8").strip() if stamps else ""
