"""The moto server as a process of its own: AWS for the range and the tests, IAM enforced where that is asked for.

Apart, because moto alters botocore wherever it is imported. It ends when its standard input does, so that nobody who
dies leaves one behind.
"""

from __future__ import annotations

import subprocess
import sys
from http.client import HTTPConnection
from importlib.util import find_spec
from typing import Self
from urllib.parse import quote, urlsplit

from psfir.errors import UsageError
from psfir.range.aws.moto_program import PROGRAM

REGION = "eu-west-1"
ACCOUNT = "123456789012"
_NEVER = b"1000000000"
_INSTALL = "pip install 'psfir[range]'"


class Moto:
    """`url` serves every service. It begins empty, and lets everybody do everything until `enforce`."""

    def __init__(self) -> None:
        self.url = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        """UsageError if it is not installed, or does not start; with why."""
        if find_spec("moto") is None:
            raise UsageError("moto, which stands in for AWS, is not installed", todo=_INSTALL)
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", PROGRAM]
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)  # noqa: S603 - our own words
        self._process = process
        assert process.stdout is not None  # noqa: S101 - it was asked for
        assert process.stderr is not None  # noqa: S101 - the same
        port = process.stdout.readline().strip()
        if not port:
            said = process.stderr.read().strip().splitlines()
            self.stop()
            what = f"moto, which stands in for AWS, did not start: {said[-1] if said else 'it did not say why'}"
            raise UsageError(what, todo=_INSTALL)
        process.stderr.close()  # from here on it says nothing there
        process.stderr = None
        self.url = f"http://127.0.0.1:{port}"
        return self

    def stop(self) -> None:
        if self._process is not None:
            self._process.communicate(timeout=10)
            self._process = None

    @property
    def gone(self) -> bool:
        """Whether its process ended although nobody stopped it."""
        return self._process is not None and self._process.poll() is not None

    def reset(self) -> None:
        """Empty every account."""
        self._post("reset", b"")

    def seed(self, number: int) -> None:
        """From now on its keys and identifiers come in the order that belongs to this number."""
        self._post(f"seed?a={number}", b"")

    def name(self, name: str) -> None:
        """The id of the next thing that is made of the kind that bears such ones."""
        self._post(f"seed?name={quote(name, safe='')}", b"")

    def enforce(self, *, on: bool = True) -> None:
        """Whether policies count from now on."""
        self._post("reset-auth", b"0" if on else _NEVER)

    def _post(self, what: str, body: bytes) -> None:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        try:
            connection.request("POST", f"/moto-api/{what}", body, {"Content-Type": "text/plain"})
            connection.getresponse().read()
        finally:
            connection.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
