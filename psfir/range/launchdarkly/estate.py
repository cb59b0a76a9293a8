"""The account as plain state under one lock: projects, environments, flags, AI configs, tokens, and who changed what.

What sets it up is not counted as a write and may do anything; what a request does goes through `patch.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from queue import SimpleQueue
from threading import RLock
from typing import TypeAlias

from psfir.domain.values import frozen
from psfir.range.copies import copied
from psfir.range.launchdarkly import semantic
from psfir.range.launchdarkly.access import Meter, Token
from psfir.range.launchdarkly.refusal import missing
from psfir.range.launchdarkly.shapes import Plain, new_environment, new_flag, new_id, new_targeting

SOMEBODY = Token("", "token-of-somebody", "somebody else", "member-somebody", frozenset({"*"}))


@frozen
class Place:
    """Where a flag, or an AI config, is."""

    project: str
    key: str
    kind: str = "flags"

    def resource(self, environment: str = "*") -> str:
        word = "flag" if self.kind == "flags" else "aiconfig"
        return f"proj/{self.project}:env/{environment}:{word}/{self.key}"


@frozen
class Notice:
    """Something that SDKs of one environment must hear: a place changed there. None ends the listening."""

    environment: str
    place: Place


Ear: TypeAlias = "SimpleQueue[Notice | None]"


class Estate:
    """`writes` counts the changes that requests and triggers made; a request that changes nothing makes none."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:  # noqa: TID251 - it stands for a world with a clock
        self.lock = RLock()
        self.meter = Meter(now)
        self.writes = 0
        self.projects: dict[str, Plain] = {}
        self.tokens: dict[str, Token] = {}
        self.roles: dict[str, Plain] = {}
        self.sdk_keys: dict[str, tuple[str, str]] = {}
        self.triggers: dict[str, Plain] = {}
        self.approvals: list[Plain] = []
        self.scheduled: list[Plain] = []
        self.audit: list[Plain] = []
        self.last_requested: dict[tuple[str, str, str], float] = {}
        self.statuses: dict[tuple[str, str, str], str] = {}
        self.ears: list[Ear] = []
        self.over = False
        self.clashes = 0
        # What the vendor does not say, both ways to be tried.
        self.triggers_need_approval = False
        self.ai_configs_are_beta = True
        self.failed_test = 409
        self._now = now

    def fresh(self) -> Estate:
        """An empty one, by the same clock."""
        return Estate(self._now)

    def millis(self) -> int:
        return int(self._now() * 1000)

    # --- set up ---

    def add_project(self, key: str = "default") -> str:
        with self.lock:
            self.projects[key] = {"_id": new_id(), "key": key, "environments": {}, "flags": {}, "ai_configs": {}}
        return key

    def add_environment(self, project: str, key: str, *, sdk_key: str = "") -> str:
        """Its SDK key; flags that are there already are switched off in it."""
        sdk_key = sdk_key or f"sdk-{new_id()}"
        with self.lock:
            home = self.projects[project]
            home["environments"][key] = new_environment(key, sdk_key)
            for thing in (*home["flags"].values(), *home["ai_configs"].values()):
                last = len(thing["variations"]) - 1
                thing["environments"][key] = new_targeting(key, last=last, at=self.millis())
            self.sdk_keys[sdk_key] = (project, key)
        return sdk_key

    def add_flag(
        self,
        project: str,
        key: str,
        values: Sequence[object] = (True, False),
        *,
        on: bool = True,
        tags: Iterable[str] = (),
    ) -> Place:
        """Serves the first of `values` to all while on, the last one while off."""
        return self._add(Place(project, key), values, on=on, tags=tags)

    def add_ai_config(self, project: str, key: str, models: Sequence[str]) -> Place:
        """One variation for each model; the first is served."""
        values = [
            {
                "_ldMeta": {"enabled": True, "variationKey": model, "version": 1},
                "model": {"name": model},
                "messages": [],
            }
            for model in models
        ]
        return self._add(Place(project, key, "ai_configs"), values, on=True)

    def _add(self, place: Place, values: Sequence[object], *, on: bool, tags: Iterable[str] = ()) -> Place:
        with self.lock:
            home = self.projects[place.project]
            thing = new_flag(place.key, values, environments=home["environments"], tags=tags, at=self.millis())
            for targeting in thing["environments"].values():
                targeting["on"] = on
            home[place.kind][place.key] = thing
            self.tell(place, thing["environments"])
        return place

    def add_token(
        self, *actions: str, name: str = "psfir", member: str = "member-psfir", secret: str | None = None
    ) -> str:
        """Its secret, a fresh one if none is given. `*` is every action but `bypassRequiredApproval`.

        A token that reads needs `viewProject`.
        """
        secret = secret or f"api-{new_id()}"
        with self.lock:
            self.tokens[secret] = Token(secret, new_id(), name, member, frozenset(actions))
        return secret

    def require_approval(self, project: str, environment: str, *, minimum: int = 1, tags: Iterable[str] = ()) -> None:
        """From now on 405 there without one; with `tags`, only for flags that bear one of them."""
        with self.lock:
            settings = self.environment(project, environment)["approvalSettings"]
            settings.update(required=True, minNumApprovals=minimum, requiredApprovalTags=sorted(tags))

    def clash(self, times: int = 1) -> None:
        """That many writes meet another request in progress: 409. -1 for all of them."""
        with self.lock:
            self.clashes = times

    def schedule(self, place: Place, environment: str, *instructions: Plain, at: int | None = None) -> str:
        """A change that waits; `run_scheduled` makes it happen."""
        change = {"_id": new_id(), "executionDate": self.millis() + 3_600_000 if at is None else at}
        with self.lock:
            self.scheduled.append(
                {**change, "place": place, "environment": environment, "instructions": list(instructions)}
            )
        return str(change["_id"])

    def run_scheduled(self) -> None:
        """As if their time had come."""
        with self.lock:
            waiting, self.scheduled = self.scheduled, []
            for change in waiting:
                self.edit(change["place"], change["environment"], *change["instructions"], comment="scheduled")

    def edit(self, place: Place, environment: str, *instructions: Plain, comment: str = "") -> None:
        """Somebody else changes it, past approvals and limits."""
        with self.lock:
            after = copied(self.thing(place))
            semantic.apply(after, environment, instructions, self.projects[place.project]["flags"])
            self.save(place, after, by=SOMEBODY, comment=comment)

    # --- look ---

    def project(self, key: str) -> Plain:
        return found(self.projects, key, f"project {key}")

    def environment(self, project: str, key: str) -> Plain:
        return found(self.project(project)["environments"], key, f"environment {key}")

    def thing(self, place: Place) -> Plain:
        return found(self.project(place.project)[place.kind], place.key, place.resource())

    def targeting(self, place: Place, environment: str) -> Plain:
        """A copy of what is set in one environment, to be compared with."""
        with self.lock:
            return copied(found(self.thing(place)["environments"], environment, f"environment {environment}"))

    def variation_ids(self, place: Place) -> list[str]:
        with self.lock:
            return [str(one["_id"]) for one in self.thing(place)["variations"]]

    # --- change ---

    def save(self, place: Place, after: Plain, *, by: Token, comment: str) -> bool:
        """Keep `after` with new versions, write it down and tell the SDKs; False where nothing differs."""
        before = self.thing(place)
        if before == after:
            return False
        outside = any(before[name] != after.get(name) for name in before if name != "environments")
        touched = [
            name for name, was in before["environments"].items() if outside or was != after["environments"][name]
        ]
        for name in touched:
            after["environments"][name]["version"] = before["environments"][name]["version"] + 1
            after["environments"][name]["lastModified"] = self.millis()
        after["_version"] = before["_version"] + 1
        self.projects[place.project][place.kind][place.key] = after
        self._write_down(place, (before, after), touched, by=by, comment=comment)
        self.tell(place, touched)
        return True

    def tell(self, place: Place, environments: Iterable[str]) -> None:
        for environment in environments:
            for ear in self.ears:
                ear.put(Notice(environment, place))

    def _write_down(
        self, place: Place, change: tuple[Plain, Plain], touched: Sequence[str], *, by: Token, comment: str
    ) -> None:
        resources = [place.resource(name) for name in touched]
        self.audit.append(
            {
                "_id": new_id(),
                "date": self.millis(),
                "kind": "flag" if place.kind == "flags" else "aiconfig",
                "name": place.key,
                "description": "",
                "comment": comment,
                "accesses": [{"action": "update", "resource": resource} for resource in resources],
                "member": {"_id": by.member},
                "token": {"_id": by.id, "name": by.name, "ending": by.secret[-4:]},
                "titleVerb": "updated",
                "target": {"name": place.key, "resources": resources},
                "previousVersion": copied(change[0]),
                "currentVersion": copied(change[1]),
            }
        )


def found(among: Plain, key: str, what: str) -> Plain:
    """What is there under this key, or 404."""
    if key not in among:
        raise missing(what)
    one: Plain = among[key]
    return one
