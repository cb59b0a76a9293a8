"""Unleash's admin, client and frontend APIs: tokens as they are, and the one table from its answers to psfir's errors.

A change request, a missing permission and a token of the wrong type are all 403: only the words tell them apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any
from urllib.parse import quote, urlencode

from psfir.contracts import BoundConnection
from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.errors import Busy, Declined, Denied, LeverError, NoAnswer, NoSuchTarget
from psfir.vendors.allowance import Allowance
from psfir.vendors.http import Answer, HttpClient, Request
from psfir.vendors.http_answers import Teller
from psfir.vendors.http_connection import Lent
from psfir.vendors.patience import patiently
from psfir.vendors.shared import on_shelf

SKIP = "SKIP_CHANGE_REQUEST"
ADMIN, CLIENT, FRONTEND = "token", "client_token", "frontend_token"
_IS = {
    ADMIN: "a personal, service account or admin token",
    CLIENT: "a client (backend) token",
    FRONTEND: "a frontend token",
}
_ERRORS = frozenset(range(400, 600))
_NAMED = re.compile(r'the "([A-Z_]+)" permission')


class ApprovalNeeded(Declined):
    """403 of a kind of its own: in this environment only a change request may change anything."""


class Conflict(Declined):
    """409: another change was in progress, and this one was not made."""


_NO: Mapping[int, tuple[type[LeverError], str, str]] = {
    404: (NoSuchTarget, "", "check the project, the environment and the flag"),
    409: (Conflict, ": it clashed with another change", "try again"),
}


@frozen
class Ask:
    """One call. `needs` names the permission that a refusal is probably about."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    needs: str = ""

    def request(self) -> Request:
        query = f"?{urlencode(self.query)}" if self.query else ""
        if self.method == "GET":
            return Request(self.method, self.path + query)
        body = json.dumps({} if self.body is None else self.body, ensure_ascii=False, separators=(",", ":")).encode()
        return Request(self.method, self.path + query, {"Content-Type": "application/json"}, body, writes=True)


class Unleash:
    """The APIs that one kind of token is for, over one connection. Any thread may use it."""

    def __init__(self, connection: BoundConnection, token: str = ADMIN) -> None:
        self._client = HttpClient(Lent(connection, {"auth_prefix": ""}, token=token, is_=_IS[token]))
        self.where = self._client.where
        self.clean = self._client.clean
        self.holds_secret = self._client.holds_secret
        ref = connection.refs.get(token)
        self._allowance = on_shelf(connection, ("unleash", connection.settings["url"], ref), Allowance)
        self._kind = token
        self._token = f"the {token} ({ref})" if ref else f"the {token}"

    def ask(self, ask: Ask, *, within: float) -> Any:  # noqa: ANN401 - JSON as it came; None for a body without text
        """Sent once; a read again where it was said to be too early, if the wait fits into `within`."""
        return patiently(lambda left: self._once(ask, left), within=within, looks=ask.method == "GET")

    def _once(self, ask: Ask, within: float) -> Any:  # noqa: ANN401 - as above
        request = ask.request()
        with self._allowance.one("", where=self.where):
            answer = self._client.send(request, within=within, also=_ERRORS)
        seconds = _reset(answer) if answer.status == 429 else None  # noqa: PLR2004 - HTTP's own number
        if seconds is not None:
            self._allowance.shut(seconds)
        if answer.status in _ERRORS:
            raise self._error(ask, request, answer)
        # Most writes are answered with an empty body.
        return None if request.writes and not answer.body else self._client.json(request, answer)

    def _error(self, ask: Ask, request: Request, answer: Answer) -> LeverError:
        status, said, here = answer.status, self._words(request, answer), self.where
        if status == 401:  # noqa: PLR2004 - HTTP's own numbers, here and below
            return Denied(said, where=here, todo=f"{self._token} is no good: it has to be {_IS[self._kind]}")
        if status == 403:  # noqa: PLR2004
            return self._forbidden(ask, said, answer.text)
        if status == 429:  # noqa: PLR2004
            return Busy(said, after=_reset(answer), where=here, todo="try again later, or pull another rung")
        if status < 500 and status != 408:  # noqa: PLR2004
            kind, more, todo = _NO.get(status, (Declined, "", "mend what it objects to, in the rung or in Unleash"))
            return kind(said + more, where=here, todo=todo)
        if request.writes:
            return NoAnswer(f"{said}; it may have been carried out", where=here)
        return Busy(said, where=here, todo="Unleash is in trouble itself: try again")

    def _forbidden(self, ask: Ask, said: str, text: str) -> LeverError:
        if SKIP in text:
            todo = f"make a change request in Unleash, or give the role of {self._token} {SKIP}"
            return ApprovalNeeded(f"{said}: this environment wants a change request", where=self.where, todo=todo)
        if "token type" in text:
            return Denied(said, where=self.where, todo=f"{self._token} has to be {_IS[self._kind]}")
        named = _NAMED.search(text.replace('\\"', '"'))
        lacks = named[1] if named else ask.needs or "a permission"
        return Denied(said, where=self.where, todo=f"the role of {self._token} lacks {lacks}")

    def _words(self, request: Request, answer: Answer) -> str:
        teller = Teller(self.where, "", self.clean)
        try:
            body = answer.json()
        except LeverError:
            return teller.said(request, answer)
        if not isinstance(body, Mapping) or "message" not in body:
            return teller.said(request, answer)
        return f"{teller.clean(str(request))}: answered {answer.status}: {teller.line(str(body['message']))}"


def admin(*steps: str) -> str:
    """A path of the admin API, each step as one step whatever it holds."""
    return "/api/admin/" + "/".join(quote(step, safe="") for step in steps)


def lets_everyone_in(strategy: Mapping[str, Any]) -> bool:
    """Whether nobody is left out by it; as the admin API and the client API word it."""
    if strategy.get("constraints") or strategy.get("segments"):
        return False
    rollout = str((strategy.get("parameters") or {}).get("rollout"))
    return strategy.get("name") == "default" or (strategy.get("name") == "flexibleRollout" and rollout == "100")


def _reset(answer: Answer) -> float | None:
    """Seconds until it may be asked again: a proxy says Retry-After, Unleash itself RateLimit-Reset."""
    if answer.retry_after is not None:
        return answer.retry_after
    text = answer.headers.get("ratelimit-reset", "")
    return float(text[:9]) if text.isascii() and text.isdigit() else None
