"""Who may do what, and how often: access tokens with role actions, and the account's rate limits."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from psfir.domain.values import frozen
from psfir.range.launchdarkly.refusal import Refused

BYPASS = "bypassRequiredApproval"
WINDOW = 10.0
STARVED_BY = ("account", "route", "address", "silent")


@frozen
class Statement:
    """One line of a custom role's policy: these actions on these resources, each with `*` for any piece."""

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def covers(self, action: str, resource: str) -> bool:
        return any(fnmatchcase(action, one) for one in self.actions) and any(
            fnmatchcase(resource, one) for one in self.resources
        )


@frozen
class Token:
    """An access token. `*` allows everything but `bypassRequiredApproval`, which has to be named.

    One that bears custom roles has their `policy` in place of `actions`: what no line of it allows is denied.
    """

    secret: str
    id: str
    name: str
    member: str
    actions: frozenset[str]
    policy: Callable[[], Iterable[Statement]] | None = None

    def may(self, action: str, resource: str = "*") -> bool:
        if self.policy is None:
            return action in self.actions or ("*" in self.actions and action != BYPASS)
        said = {one.effect for one in self.policy() if one.covers(action, resource)}
        return said == {"allow"}

    def needs(self, actions: Iterable[str], resource: str) -> None:
        """401, as the vendor has it, for a token that is good and may not do this."""
        for action in sorted(actions):
            if not self.may(action, resource):
                raise Refused(401, "unauthorized", f"Access to {resource} denied: action {action!r} not allowed")


class Meter:
    """Counts the requests of all tokens in windows of ten seconds, one for the account and one for each route."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.limit, self.route_limit = 1000, 500
        self._window, self._used = 0, Counter[str]()
        self._starved_until, self._starved_by = 0.0, "account"
        self._starved_again: float | None = None

    def starve(self, seconds: float, *, by: str = "account", again: bool = False) -> None:
        """Whoever else uses the account has used it up. By `account`, `route`, `address`, or `silent`: no header.

        With `again` they use up every window, so that the reset is always as far away; `starve(0)` ends it.
        """
        if by not in STARVED_BY:
            raise ValueError(f"nothing is starved by {by!r}")
        self._starved_until, self._starved_by = self._now() + seconds, by
        self._starved_again = seconds if again else None

    def take(self, route: str) -> dict[str, str]:
        """One request; the headers its answer bears. Refused with 429 where nothing is left."""
        now = self._now()
        self._turn(now)
        if self._starved_again is not None:
            raise self._refused(self._starved_by, self._starved_again)
        if now < self._starved_until:
            raise self._refused(self._starved_by, self._starved_until - now)
        self._used.update((route, ""))
        left, on_route = self.limit - self._used[""], self.route_limit - self._used[route]
        until = (self._window + 1) * WINDOW
        if left < 0 or on_route < 0:
            raise self._refused("account" if left < 0 else "route", until - now)
        return _headers(left, on_route, until)

    def _turn(self, now: float) -> None:
        window = int(now // WINDOW)
        if window != self._window:
            self._window = window
            self._used.clear()

    def _refused(self, by: str, wait: float) -> Refused:
        until = self._now() + wait
        headers = {
            "account": _headers(0, self.route_limit, until),
            "route": _headers(self.limit, 0, until),
            "address": {"Retry-After": str(math.ceil(wait))},
            "silent": {},
        }[by]
        return Refused(429, "rate_limited", "The rate limit is used up, try again later", headers=headers)


def _headers(left: int, on_route: int, until: float) -> dict[str, str]:
    return {
        "X-Ratelimit-Global-Remaining": str(left),
        "X-Ratelimit-Route-Remaining": str(on_route),
        "X-Ratelimit-Reset": str(math.ceil(until * 1000)),
    }
