"""LiteLLM's admin API, replica by replica: each keeps keys and models in a memory of its own.

An answer of 200 means that one replica knows. So every call names the replica that it is for, and what a consumer gets
there is tried with a consumer's own key, where the connection has one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeVar

from psfir.contracts import BoundConnection
from psfir.domain.canon import Json
from psfir.domain.scrub import Scrubber
from psfir.errors import Busy, Declined, Denied, LeverError, NoSuchTarget, PsfirError, UsageError
from psfir.vendors.http import Answer, HttpClient, Request
from psfir.vendors.http_connection import Lent

T = TypeVar("T")

_REFUSED = frozenset({401, 403})
_BAD_REQUEST = 400
_MISSING = "not found"


class LiteLLM:
    """All replicas of one gateway. Places are counted from 0, in the order of psfir.yaml."""

    def __init__(self, connection: BoundConnection) -> None:
        said = connection.settings.get("replicas")
        listed = [str(one) for one in said] if isinstance(said, Sequence) and not isinstance(said, str) else []
        self.named = bool(listed)
        self.places = listed or [str(connection.settings["url"])]
        self.where = f"connection {connection.name}"
        self._connection = connection
        self._scrubber = Scrubber()
        self._admins = [HttpClient(_at(connection, url, "token")) for url in self.places]
        self._consumers = [HttpClient(_at(connection, url, "key")) for url in self.places]

    def get(self, place: int, path: str, *, within: float) -> Mapping[str, Any]:
        """What a replica says. NoSuchTarget also where it words that as a 400."""
        request = Request("GET", path)
        try:
            answer = self._cleaned(lambda: self._sent(place, request, within))
        except NoSuchTarget as error:
            todo = "look it up in the gateway, and check the url of the connection"
            raise NoSuchTarget(error.what, where=error.where, todo=todo) from error
        body = self._cleaned(lambda: self._admins[place].json(request, answer))
        if not isinstance(body, Mapping):
            raise LeverError(f"{request}: its answer is no mapping", where=self.where, todo="check the url")
        return body

    def post(self, place: int, path: str, body: Json, *, within: float) -> None:
        headers = {"Content-Type": "application/json", "litellm-changed-by": "psfir"}
        request = Request("POST", path, headers, json.dumps(body).encode(), writes=True)
        self._cleaned(lambda: self._sent(place, request, within))

    def lets_through(self, place: int, *, within: float) -> bool | None:
        """Whether a replica takes the consumer's key; None if it says neither."""
        answer = self._cleaned(lambda: self._consumers[place].look(Request("GET", "/v1/models"), within=within))
        if answer.status in _REFUSED:
            return False
        return True if answer.status < _BAD_REQUEST else None

    def holds(self, key_hash: str) -> bool:
        """Whether the consumer's key of the connection is the one with this hash."""
        key = self._connection.secret("key")
        return key is not None and sha256(key.encode()).hexdigest() == key_hash

    def clean(self, text: str) -> str:
        """Without either of the keys, whichever of them was sent."""
        for name in ("token", "key"):
            if (value := self._connection.secret(name)) is not None:
                try:
                    self._scrubber.learn(value, name)
                except ValueError as error:
                    raise Denied(str(error), where=self.where, todo="use another one") from None
        return self._scrubber.text(text)

    def _sent(self, place: int, request: Request, within: float) -> Answer:
        answer = self._admins[place].send(request, within=within, also=frozenset({_BAD_REQUEST}))
        if answer.status != _BAD_REQUEST:
            return answer
        said = f"{request}: answered 400: {answer.text[:200]}"
        if _MISSING in answer.text:
            raise NoSuchTarget(said, where=self.where, todo="look it up in the gateway")
        todo = "its answer says what it objects to; mend that, or pull another rung"
        raise Declined(said, where=self.where, todo=todo)

    def _cleaned(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except Busy as error:
            raise Busy(self.clean(error.what), after=error.after, where=error.where, todo=error.todo) from None
        except PsfirError as error:
            where = error.where or self.where
            raise type(error)(self.clean(error.what), where=where, todo=self.clean(error.todo)) from None


def _at(connection: BoundConnection, url: str, key: str) -> Lent:
    """The same connection to one replica, with one of its keys."""
    return Lent(connection, {"url": url, "replicas": [url]}, token=key)


def hashed(key: Json) -> str:
    """The hash by which LiteLLM knows a key. A key itself is refused, and not repeated."""
    text = str(key)
    if len(text) != sha256().digest_size * 2 or not set(text) <= set("0123456789abcdef"):
        todo = 'a runbook names its hash, which LiteLLM shows as the key\'s id: printf %s "$KEY" | sha256sum'
        raise UsageError("key: is no hash of a virtual key; the key itself stands in no runbook", todo=todo)
    return text
