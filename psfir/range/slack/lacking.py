"""What local-slack lacks, in front of it: topics, pins, invitations, metadata, triggers that run out. All else it does.

It hands everything on that it does not know. Faults (429, 500, a lost answer, a token that is refused) are set on it as
on every other stand-in.
"""

from __future__ import annotations

import json
from contextlib import suppress
from socket import SHUT_RDWR, socket
from threading import Lock
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from psfir.range.served import Served
from psfir.range.server import Asked, Handle, Reply, Wire
from psfir.range.slack.calls import API, Call, refusal
from psfir.range.slack.workspace import Plain, Refused


class Lacking(Served):
    """`topics`, `pins` and `invited` are what was done; `denied` methods are refused for want of a scope.

    `connected` counts the connections of Socket Mode, which `drop` breaks off.
    """

    def __init__(self, behind: Handle, *, tokens: tuple[str, ...]) -> None:
        super().__init__()
        self.topics: list[tuple[str, str]] = []
        self.pins: set[tuple[str, str]] = set()
        self.invited: list[tuple[str, str]] = []
        self.denied: set[str] = set()
        self.expired = False
        self.forms: list[Plain] = []
        self._behind, self._tokens = behind, tokens
        self._metadata: dict[tuple[str, str], Any] = {}
        self._lock = Lock()
        self._sockets: list[socket] = []
        self.connected = 0

    def _handle(self, asked: Asked) -> Reply | Wire:
        if not asked.path.startswith(API):
            answer = self._behind(asked)
            return answer if isinstance(answer, Reply) else self._kept(answer)
        try:
            call = Call.of(asked, tokens=self._tokens)
            with self._lock:
                done = self._own(call)
        except Refused as error:
            return refusal(error)
        return Reply(200, {"ok": True, **done}) if done is not None else self._passed(asked, call)

    def drop(self) -> None:
        """Every connection of Socket Mode breaks off, without a word."""
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for one in sockets:
            with suppress(OSError):  # it was over already
                one.shutdown(SHUT_RDWR)

    def _kept(self, wire: Wire) -> Wire:
        def kept(client: socket) -> None:
            with self._lock:
                self._sockets.append(client)
                self.connected += 1
            wire(client)

        return kept

    def _own(self, call: Call) -> Plain | None:
        """What is answered here; None for what is handed on."""
        words = {name: str(value) for name, value in call.words.items()}
        if call.method in self.denied:
            raise Refused("missing_scope")
        if call.method == "conversations.setTopic":
            self.topics.append((words["channel"], words["topic"]))
            return {"channel": {"id": words["channel"]}}
        if call.method == "pins.add":
            pin = (words["channel"], words["timestamp"])
            if pin in self.pins:
                raise Refused("already_pinned")
            self.pins.add(pin)
            return {}
        if call.method == "conversations.invite":
            self.invited.append((words["channel"], words["users"]))
            return {"channel": {"id": words["channel"]}}
        if call.method == "views.open":
            if self.expired:
                raise Refused("expired_trigger_id")
            self.forms.append(dict(call.words))
        return None

    def _passed(self, asked: Asked, call: Call) -> Reply | Wire:
        answer = self._behind(asked)
        if not isinstance(answer, Reply):
            return answer
        if call.method == "apps.connections.open":
            said = json.loads(answer.raw)
            parts = urlsplit(said.get("url", ""))
            here = parts._replace(netloc=urlsplit(self.url).netloc)
            return Reply(answer.status, {**said, "url": urlunsplit(here)})
        if call.method == "chat.postMessage" and call.words.get("metadata"):
            said = json.loads(answer.raw)
            with self._lock:
                self._metadata[said.get("channel", ""), said.get("ts", "")] = call.words["metadata"]
        if call.method in {"conversations.history", "conversations.replies"}:
            said = json.loads(answer.raw)
            for one in said.get("messages", ()):
                if found := self._metadata.get((str(call.words["channel"]), one["ts"])):
                    one["metadata"] = found
            return Reply(answer.status, said)
        return answer
