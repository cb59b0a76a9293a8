"""The REST API's front door: token, rate limit, route; errors in the vendor's shape, limits in every header."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from psfir.range.launchdarkly import approvals, reading, roles, triggers
from psfir.range.launchdarkly.access import Token
from psfir.range.launchdarkly.call import VERSIONS, Call
from psfir.range.launchdarkly.estate import Estate
from psfir.range.launchdarkly.refusal import Refused, invalid, missing
from psfir.range.server import Asked, Reply

Handle: TypeAlias = Callable[[Call], Reply]

ROUTES: Mapping[str, Handle] = {**reading.ROUTES, **approvals.ROUTES, **triggers.ROUTES, **roles.ROUTES}
_SPLIT = [(route, route.partition(" ")[0], route.partition(" ")[2].split("/")) for route in ROUTES]


def answer(estate: Estate, asked: Asked) -> Reply:
    try:
        return _answer(estate, asked)
    except Refused as refused:
        return refused.reply


def _answer(estate: Estate, asked: Asked) -> Reply:
    token = _token(estate, asked)
    route, parts = _route(asked)
    with estate.lock:
        headers = estate.meter.take(route)
    version = asked.headers.get("ld-api-version", "20240415")
    try:
        if version not in VERSIONS:
            raise invalid(f"LD-API-Version {version!r} is not served any longer, or not yet")
        reply = ROUTES[route](Call(estate, asked, token, parts))
    except Refused as refused:
        reply = refused.reply
    return Reply(reply.status, reply.body, {**headers, **reply.headers})


def _token(estate: Estate, asked: Asked) -> Token:
    with estate.lock:
        token = estate.tokens.get(asked.headers.get("authorization", ""))
    if token is None:
        raise Refused(401, "unauthorized", "Invalid access token")
    return token


def _route(asked: Asked) -> tuple[str, dict[str, str]]:
    method = asked.headers.get("x-http-method-override", asked.method) if asked.method == "POST" else asked.method
    steps = asked.path.rstrip("/").split("/")
    for route, its_method, pattern in _SPLIT:
        if its_method == method and len(pattern) == len(steps):
            parts = _match(pattern, steps)
            if parts is not None:
                return route, parts
    raise missing(asked.path)


def _match(pattern: list[str], steps: list[str]) -> dict[str, str] | None:
    parts = {}
    for want, step in zip(pattern, steps, strict=True):
        if want.startswith("{"):
            parts[want[1:-1]] = step
        elif want != step:
            return None
    return parts
