"""Slack as the npm package local-slack: channels and buttons in a browser, Socket Mode, slash commands.

It listens on every address, so it runs in a network namespace of its own, and is reached from outside through a unix
socket: see inside.py. It takes any token for a good one, which is put right here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from socket import AF_UNIX, socket
from tempfile import TemporaryDirectory
from typing import Any, Self
from urllib.parse import quote

from psfir.range.faulty import Faulty
from psfir.range.front import carried
from psfir.range.server import Asked, Reply, Server, Wire
from psfir.range.slack import inside
from psfir.range.slack.calls import API, Call, refusal
from psfir.range.slack.console import TOKEN
from psfir.range.slack.methods import APP
from psfir.range.slack.splice import splice
from psfir.range.slack.workspace import BOT, CHANNELS, PEOPLE, TEAM, TEAM_NAME, Plain, Refused

APP_TOKEN = "xapp-range"  # noqa: S105 - good for nothing but the range
_APART = ("--net", "--pid", "--fork", "--kill-child")
"""With its processes too, so that none of them outlives the first."""
_PATH_ROOM = 100


class Unavailable(Exception):
    """It cannot run here; in its text, why."""


class SlackPackage:
    """A `WebClient(token, base_url=url + "/api/")` reaches it, and a browser at `url` sees it."""

    def __init__(self, binary: Path) -> None:
        self.token, self.app_token = TOKEN, APP_TOKEN
        self.note = f"Slack is local-slack, {binary}"
        self.faults = Faulty(self.handle)
        self._binary = binary
        self._server = Server(self.faults, stopped=self.faults.stopped)
        self._folder: TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return self._server.url

    def start(self) -> Self:
        """Unavailable if it may have no namespace here, or does not start."""
        why = "unshare, which makes a network namespace, is not there"
        self._folder = TemporaryDirectory(prefix="psfir-slack-")
        if len(self._socket) > _PATH_ROOM:
            why = f"the path {self._socket} is too long for a socket"
        else:
            (Path(self._folder.name) / "slack.json").write_text(json.dumps(_config()))
            for rights in ["--map-root-user"], *([[]] if os.geteuid() == 0 else []):
                why = self._begun(rights)
                if not why:
                    self._server.start()
                    return self
        self.stop()
        raise Unavailable(why)

    def stop(self) -> None:
        self._server.stop()
        self._end()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def reset(self) -> None:
        self.faults.heal()
        self._control("POST", "reset")

    def messages(self, channel: str) -> list[Plain]:
        """What was posted there, the oldest first, by the channel's name or id; none where there is no such channel."""
        known = self._control("GET", "state")["channels"]
        name = channel.removeprefix("#")
        for one in known:
            if channel == one["id"] or name == one.get("name"):
                found: list[Plain] = self._control("GET", f"messages/{quote(one['id'])}")["messages"]
                return found
        return []

    @property
    def _socket(self) -> str:
        return f"{self._folder.name}/slack" if self._folder else ""

    def _begun(self, rights: list[str]) -> str:
        """Why it did not begin; nothing if it did."""
        assert self._folder is not None  # noqa: S101 - made before
        folder, errors = Path(self._folder.name), Path(self._folder.name) / "errors"
        words = [str(self._binary), str(folder / "slack.json"), str(self._server.port), self._socket]
        command = ["unshare", *rights, *_APART, sys.executable, "-I", inside.__file__, *words]
        pipe = subprocess.PIPE
        try:
            with errors.open("w") as sink:
                # In a session of its own, so that Ctrl-C in the terminal leaves its end to us.
                self._process = subprocess.Popen(  # noqa: S603 - the command is our own
                    command, stdin=pipe, stdout=pipe, stderr=sink, text=True, start_new_session=True
                )
        except OSError as error:
            return f"unshare, which makes a network namespace, cannot be run: {error.strerror}"
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        if self._process.stdout.readline().strip() == "ready":
            return ""
        self._end()
        said = errors.read_text().strip().splitlines()
        return said[-1] if said else "it did not answer"

    def _end(self) -> None:
        if self._process is not None:
            try:
                self._process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()  # unshare ends, and takes all of them along
                self._process.communicate()
            self._process = None

    def handle(self, asked: Asked) -> Reply | Wire:
        """What it serves, for whoever stands before it."""
        if asked.path.startswith(API):
            try:
                Call.of(asked, tokens={self.token, self.app_token})
            except Refused as error:
                return refusal(error)
        if "upgrade" in asked.headers.get("connection", "").lower():
            return splice(asked, self._connected)
        return carried(asked, _Inside(self._socket))

    def _connected(self) -> socket:
        return _connected(self._socket)

    def _control(self, method: str, what: str) -> Any:  # noqa: ANN401 - whatever it answers
        answer = carried(Asked(method, f"/_control/{what}", {}, b""), _Inside(self._socket))
        return json.loads(answer.raw or b"null")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Inside(HTTPConnection):
    """HTTP over the unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = _connected(self._path)
        self.sock.settimeout(self.timeout)


def _connected(path: str) -> socket:
    connection = socket(AF_UNIX)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


def _config() -> Plain:
    app = {"appId": APP, "botUserId": BOT.id, "botName": BOT.name, "botToken": TOKEN, "appToken": APP_TOKEN}
    people = [
        {"id": one.id, "name": one.name, "real_name": one.name.title(), "email": one.email}
        for one in PEOPLE
        if not one.bot
    ]
    members = [one.id for one in PEOPLE]
    return {
        "workspace": {"name": TEAM_NAME, "domain": TEAM_NAME, "teamId": TEAM},
        "app": {**app, "signingSecret": "range", "mode": "socket"},
        "users": people,
        "channels": [
            {"id": f"C0RANGE{at:03d}", "name": name, "members": members} for at, name in enumerate(CHANNELS, 1)
        ],
    }
