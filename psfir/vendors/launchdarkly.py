"""LaunchDarkly's REST API: headers, the one table from its answers to psfir's errors, and patience with its rate limit.

The limit is shared by all tokens of an account, so somebody else's work can use it up: where the reset lies inside what
is left of a call, it is waited for; otherwise the next rung is the better answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

from psfir.contracts import BoundConnection
from psfir.domain.about import Field, FieldType
from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.errors import Busy, Declined, Denied, LeverError, NoAnswer, NoSuchTarget
from psfir.vendors.allowance import Allowance, Told
from psfir.vendors.http import Answer, HttpClient, Request
from psfir.vendors.http_answers import Teller
from psfir.vendors.http_connection import Lent
from psfir.vendors.patience import patiently
from psfir.vendors.shared import on_shelf

API = "https://app.launchdarkly.com"
VERSION = "20240415"
SEMANTIC = "application/json; domain-model=launchdarkly.semanticpatch"
_ERRORS = frozenset(range(400, 600))
_IS = "an access token (an SDK key is none)"


WHERE = (
    Field("project", FieldType.TEXT, "the project's key"),
    Field("environment", FieldType.TEXT, "the environment's key"),
)
"""What every target says, beside what is named there."""

EXAMPLE: Mapping[str, Json] = {"project": "assistants", "environment": "production"}


class ApprovalNeeded(Declined):
    """405: the environment wants an approval first."""


class Conflict(Declined):
    """409: another change was in progress, and this one was not made."""


class NotValid(Declined):
    """400: not valid, or something that is pending would fail."""


@frozen
class Ask:
    """One REST call. `needs` names the role actions and the resource that a refusal is probably about."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    beta: bool = False
    needs: str = "the action viewProject"

    @property
    def route(self) -> str:
        """What a limit of its own is for: a kind of call, whatever it is about."""
        return f"{self.method} {'/'.join(self.path.split('/')[:4])}"

    def request(self) -> Request:
        headers = {"LD-API-Version": "beta" if self.beta else VERSION}
        body = None
        if self.method != "GET":
            headers["Content-Type"] = SEMANTIC
            body = json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()
        query = f"?{urlencode(self.query)}" if self.query else ""
        return Request(self.method, self.path + query, headers, body, writes=self.method != "GET")


@frozen
class Said:
    """What was answered: an object, and what the headers say of how many calls are left."""

    body: Mapping[str, Any]
    left: int | None


class LaunchDarkly:
    """The REST API over one connection. Any thread may use it."""

    def __init__(self, connection: BoundConnection) -> None:
        url = connection.settings.get("url", API)
        self._client = HttpClient(Lent(connection, {"url": url, "auth_prefix": ""}, is_=_IS))
        self.where = self._client.where
        self.clean = self._client.clean
        self.holds_secret = self._client.holds_secret
        ref = connection.refs.get("token")
        # Which account a token is of, it does not say: tokens are one account where psfir.yaml says so.
        account = connection.settings.get("account") or ref
        self._allowance = on_shelf(connection, ("launchdarkly", url, account), Allowance)
        self._token = f"the token ({ref})" if ref else "the token"

    def ask(self, ask: Ask, *, within: float) -> Said:
        """Sent once; a read again where the vendor said that it was too early, if the wait fits into `within`."""
        return patiently(lambda left: self._once(ask, left), within=within, looks=ask.method == "GET")

    def _once(self, ask: Ask, within: float) -> Said:
        request, route = ask.request(), ask.route
        with self._allowance.one(route, where=self.where):
            answer = self._client.send(request, within=within, also=_ERRORS)
            self._heard(route, answer)
        if answer.status in _ERRORS:
            lacks = f"{self._token} is no good, or its role lacks {ask.needs}"
            raise error_of(answer, self._words(request, answer), self.where, denied=lacks, wrote=request.writes)
        return Said(self._object(request, answer), _left(answer))

    def _heard(self, route: str, answer: Answer) -> None:
        """All who use this account go by what this answer says is left of it."""
        seconds = _reset(answer)
        if seconds is None:
            return
        limits = {"": _count(answer, "global"), route: _count(answer, "route")}
        for name, left in limits.items():
            if left is not None:
                self._allowance.hear(name, Told(left, float(answer.headers.get("x-ratelimit-reset") or 0), seconds))
        if answer.status == 429 and 0 not in limits.values():  # noqa: PLR2004 - HTTP's own number
            self._allowance.shut(seconds)

    def _object(self, request: Request, answer: Answer) -> Mapping[str, Any]:
        body = self._client.json(request, answer)
        if isinstance(body, Mapping):
            return body
        what = f"{request}: its answer is no object"
        if request.writes:
            raise NoAnswer(f"{what}; it may have been carried out", where=self.where)
        raise LeverError(what, where=self.where, todo="check the url of the connection")

    def _words(self, request: Request, answer: Answer) -> str:
        teller = Teller(self.where, "", self._client.clean)
        try:
            body = answer.json()
        except LeverError:
            return teller.said(request, answer)
        if not isinstance(body, Mapping) or "message" not in body:
            return teller.said(request, answer)
        said = f"{teller.clean(str(request))}: answered {answer.status}: {teller.line(str(body['message']))}"
        return f"{said} (id {teller.line(str(body['id']))})" if body.get("id") else said


def error_of(answer: Answer, said: str, where: str, *, denied: str, wrote: bool) -> LeverError:
    """What an answer of 400 or more means; `denied` is what to do about a 401."""
    status = answer.status
    if status in {401, 403}:
        return Denied(said, where=where, todo=denied)
    if status == 404:  # noqa: PLR2004 - HTTP's own number, as all here
        return NoSuchTarget(said, where=where, todo="check the project, the environment and the key")
    if status == 429:  # noqa: PLR2004
        todo = "the limit is shared by all tokens of the account"
        return Busy(said, after=_reset(answer), where=where, todo=todo)
    if status >= 500 or status == 408:  # noqa: PLR2004
        if wrote:
            return NoAnswer(f"{said}; it may have been carried out", where=where)
        return Busy(said, where=where, todo="LaunchDarkly is in trouble itself: try again")
    return _no(status, said, where)


def _no(status: int, said: str, where: str) -> LeverError:
    if status == 422:  # noqa: PLR2004
        return LeverError(said, where=where, todo="psfir sent what LaunchDarkly does not understand: tell its authors")
    if status == 405:  # noqa: PLR2004
        todo = "request one in LaunchDarkly, or give the token's role bypassRequiredApproval"
        return ApprovalNeeded(f"{said}: this environment requires an approval", where=where, todo=todo)
    if status == 409:  # noqa: PLR2004
        return Conflict(f"{said}: it clashed with another change", where=where, todo="try again")
    kind = NotValid if status == 400 else Declined  # noqa: PLR2004
    return kind(said, where=where, todo="mend what it objects to, in the rung or in LaunchDarkly")


def under(*steps: str) -> str:
    """A path of the API, each step as one step whatever it holds."""
    return "/api/v2/" + "/".join(quote(step, safe="") for step in steps)


def texts(*actions: str) -> str:
    """`the action x` or `the actions x, y`."""
    return f"the action{'s' if len(actions) > 1 else ''} {', '.join(actions)}"


def items(said: Said) -> Sequence[Mapping[str, Any]]:
    """The `items` of a list answer; whatever is no object in it is left out."""
    found = said.body.get("items")
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def _left(answer: Answer) -> int | None:
    found = [left for limit in ("global", "route") if (left := _count(answer, limit)) is not None]
    return min(found, default=None)


def _count(answer: Answer, limit: str) -> int | None:
    text = answer.headers.get(f"x-ratelimit-{limit}-remaining", "")
    return int(text[:9]) if text.isascii() and text.isdigit() else None


def _reset(answer: Answer) -> float | None:
    """Seconds until it may be asked again, counted from the answer's own date: no clock is asked."""
    if answer.retry_after is not None:
        return answer.retry_after
    text = answer.headers.get("x-ratelimit-reset", "")
    try:
        now = parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
        return max(0.0, int(text) / 1000 - now)
    except (ValueError, TypeError, OverflowError):
        return None
