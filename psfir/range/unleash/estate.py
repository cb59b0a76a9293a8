"""What the stand-in for Unleash holds: flags with their strategies, tokens, and what clients have been told so far.

What sets it up is not counted as a write and may do anything; what a request does goes through `admin.py`.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable
from threading import RLock
from typing import Any, TypeAlias

from psfir.domain.values import frozen
from psfir.range.copies import copied

Plain: TypeAlias = dict[str, Any]

SWITCH, ADD, UPDATE = "UPDATE_FEATURE_ENVIRONMENT", "CREATE_FEATURE_STRATEGY", "UPDATE_FEATURE_STRATEGY"
REMOVE, SKIP, ALL = "DELETE_FEATURE_STRATEGY", "SKIP_CHANGE_REQUEST", "ADMIN"


@frozen
class Token:
    """`kind` is admin, client or frontend. What an admin token `may` is a set of permissions, of which ADMIN is all."""

    secret: str
    kind: str
    name: str
    may: frozenset[str] = frozenset()
    environment: str = ""


class Estate:
    """`writes` counts the changes that requests made; one that changes nothing makes none. `lag` is the clients'."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:  # noqa: TID251 - it stands for a world with a clock
        self.lock = RLock()
        self.now = now
        self.lag = 0.0
        self.writes = 0
        self.environments = ["development", "production"]
        self.projects = ["default"]
        self.flags: dict[str, Plain] = {}
        self.tokens: dict[str, Token] = {}
        self.gated: set[tuple[str, str]] = set()
        self.open_source = True
        self.waiting: list[Plain] = []
        self.events: list[Plain] = []
        self._numbers = itertools.count(1)
        self._told: list[tuple[float, dict[str, Plain]]] = [(0.0, {})]

    # --- set up ---

    def add_flag(self, name: str, *, project: str = "default", kind: str = "release") -> Plain:
        with self.lock:
            here = {each: {"enabled": False, "strategies": []} for each in self.environments}
            self.flags[name] = {"name": name, "type": kind, "project": project, "archived": False, "parents": []}
            self.flags[name]["environments"] = here
            self.tell()
            return self.flags[name]

    def add_token(self, *may: str, kind: str = "admin", environment: str = "", secret: str = "") -> str:
        """Its secret, a fresh one if none is given."""
        number = next(self._numbers)
        prefix = f"default:{environment}." if environment else "user:"
        token = Token(secret or f"{prefix}stand-in-{number:06}", kind, f"psfir-{number}", frozenset(may), environment)
        with self.lock:
            self.tokens[token.secret] = token
        return token.secret

    def want_change_requests(self, project: str, environment: str) -> None:
        """From now on 403 there without one, for all who may not skip it."""
        with self.lock:
            self.gated.add((project, environment))

    # --- look ---

    def here(self, flag: str, environment: str) -> Plain:
        """What the flag has there; whoever changes it says so with `tell`."""
        found: Plain = self.flags[flag]["environments"][environment]
        return found

    def seen_by_clients(self) -> dict[str, Plain]:
        """The flags as they were `lag` seconds ago."""
        with self.lock:
            until = self.now() - self.lag
            return [flags for when, flags in self._told if when <= until or when == 0.0][-1]

    # --- change ---

    def new_strategy(self, flag: str, environment: str, said: Plain) -> Plain:
        """With everything that the vendor fills in."""
        there = self.here(flag, environment)["strategies"]
        last = max((one["sortOrder"] for one in there), default=-1)
        parameters = dict(said.get("parameters") or {})
        if said["name"] == "flexibleRollout":
            parameters = {"groupId": flag, "rollout": "100", "stickiness": "default", **parameters}
        strategy = {
            "id": f"01STANDIN{next(self._numbers):017}",
            "name": said["name"],
            "title": said.get("title"),
            "disabled": said.get("disabled") is True,
            "constraints": copied(said.get("constraints") or []),
            "parameters": parameters,
            "segments": list(said.get("segments") or []),
            "variants": copied(said.get("variants") or []),
            "sortOrder": said["sortOrder"] if said.get("sortOrder") is not None else last + 1,
        }
        there.append(strategy)
        there.sort(key=lambda one: one["sortOrder"])
        return strategy

    def switch(self, flag: str, environment: str, *, on: bool) -> None:
        """On with nobody let in adds a strategy for everyone, also beside those that are disabled."""
        here = self.here(flag, environment)
        if on and all(one["disabled"] for one in here["strategies"]):
            self.new_strategy(flag, environment, {"name": "flexibleRollout"})
        if here["enabled"] is not on:
            kind = "feature-environment-enabled" if on else "feature-environment-disabled"
            self.events.append({"type": kind, "featureName": flag, "environment": environment})
        here["enabled"] = on

    def settle(self, flag: str, environment: str) -> None:
        """A flag whose last strategy that is not disabled is gone is switched off."""
        if all(one["disabled"] for one in self.here(flag, environment)["strategies"]):
            self.switch(flag, environment, on=False)

    def tell(self) -> None:
        """From now on, and after the lag, clients are told what there is."""
        with self.lock:
            self._told = [*self._told[-200:], (self.now(), copied(self.flags))]

    def change(self, names: Iterable[str], deed: Callable[[str], object]) -> None:
        """One request's change of these flags, counted once if it changed anything."""
        with self.lock:
            before = copied(self.flags)
            for name in names:
                deed(name)
            if before != self.flags:
                self.writes += 1
                self.tell()
