"""A call of Slack's Web API as it comes in: its method, its token and its words, however they were sent."""

from __future__ import annotations

from collections.abc import Container, Mapping
from json import JSONDecodeError
from typing import Any
from urllib.parse import parse_qsl

from psfir.domain.values import frozen
from psfir.range.faulty import Fault
from psfir.range.server import Asked, Reply
from psfir.range.slack.workspace import Refused

API = "/api/"
_OPEN = frozenset({"api.test"})
"""Whoever asks this may have no token."""


@frozen
class Call:
    method: str
    words: Mapping[str, Any]

    @classmethod
    def of(cls, asked: Asked, *, tokens: Container[str]) -> Call:
        """Refused for a token that is missing or another one, and for a body that cannot be read."""
        method = asked.path.removeprefix(API)
        words = _words(asked)
        scheme, _, given = asked.headers.get("authorization", "").partition(" ")
        given = given.strip() if scheme.lower() == "bearer" else str(words.get("token", ""))
        if method not in _OPEN and given not in tokens:
            raise Refused("invalid_auth" if given else "not_authed")
        return cls(method, {name: value for name, value in words.items() if name != "token"})


def refusal(error: Refused) -> Reply:
    """Slack refuses with 200."""
    return Reply(200, {"ok": False, "error": str(error)})


def rate_limited(wait: int = 30) -> Fault:
    """Each call is one too many, and says after how many seconds to come again."""
    reply = Reply(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(wait)})
    return Fault("rate_limited", reply=reply)


def _words(asked: Asked) -> dict[str, Any]:
    kind = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
    words: dict[str, Any] = dict(asked.query)
    if kind == "application/json" and asked.body:
        try:
            body = asked.json()
        except (JSONDecodeError, UnicodeDecodeError):
            raise Refused("invalid_json") from None
        if not isinstance(body, dict):
            raise Refused("json_not_object")
        return words | body
    if kind == "application/x-www-form-urlencoded":
        words |= dict(parse_qsl(asked.body.decode(errors="replace"), keep_blank_values=True))
    return words
