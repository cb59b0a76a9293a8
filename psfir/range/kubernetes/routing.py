"""From a request to a call: which resource, namespace, name, subresource and verb a path and method mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from psfir.domain.values import frozen
from psfir.range.kubernetes.access import User, Wish
from psfir.range.kubernetes.ownership import Writer
from psfir.range.kubernetes.registry import Removal
from psfir.range.kubernetes.resources import BY_PLURAL, NAMESPACES, Obj, Resource
from psfir.range.kubernetes.status import bad_request, no_such_method, no_such_path
from psfir.range.server import Asked

_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_ROOT = 2  # "namespaces" and its name


@frozen
class Call:
    """One request for a resource, understood."""

    asked: Asked
    user: User
    resource: Resource
    verb: str
    namespace: str = ""
    name: str = ""
    sub: str = ""

    @property
    def query(self) -> Mapping[str, str]:
        return self.asked.query

    @property
    def wish(self) -> Wish:
        named = f"{self.resource.plural}/{self.sub}" if self.sub else self.resource.plural
        return Wish(self.verb, self.resource.group, named, self.namespace, self.name)

    @property
    def dry_run(self) -> bool:
        told = self.query.get("dryRun", "")
        options = self.body() if self.verb.startswith("delete") else {}
        told = told or "".join(options.get("dryRun") or ())
        if told not in ("", "All"):
            raise bad_request(f'dryRun: Unsupported value: "{told}": supported values: "All"')
        return told == "All"

    @property
    def writer(self) -> Writer:
        sub = self.sub if self.sub in {"scale", "status"} else ""
        return Writer(self.manager, "Update", sub)

    @property
    def manager(self) -> str:
        """As named, or else the first word of the client's name: `OpenAPI-Generator` for the Python client."""
        agent = self.asked.headers.get("user-agent", "unknown")
        return self.query.get("fieldManager") or re.split(r"[/ ]", agent)[0]

    @property
    def removal(self) -> Removal:
        options = self.body()
        grace = options.get("gracePeriodSeconds", self.query.get("gracePeriodSeconds"))
        wanted = options.get("preconditions") or {}
        orphan = str(options.get("orphanDependents", self.query.get("orphanDependents", ""))).lower() == "true"
        told = options.get("propagationPolicy") or self.query.get("propagationPolicy") or ""
        return Removal(
            grace=None if grace is None else int(grace),
            uid=wanted.get("uid") or "",
            version=wanted.get("resourceVersion") or "",
            propagation="Orphan" if orphan else told or "Background",
        )

    def body(self) -> Obj:
        found = self.parsed()
        if found is None and self.verb.startswith("delete"):
            return {}
        if not isinstance(found, dict):
            raise bad_request("the object provided is unrecognized (must be of type Status): couldn't get version/kind")
        return found

    def parsed(self) -> Any:  # noqa: ANN401 - whatever the client sent
        try:
            return self.asked.json()
        except ValueError as error:
            raise bad_request(f"error decoding request body: {error}") from None


def understood(asked: Asked, user: User) -> Call:
    """The call; 404 for a path that means nothing here, 405 for a method that nothing there takes."""
    parts = [part for part in asked.path.split("/") if part]
    group, version, rest = _group(parts)
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > _ROOT and rest[_ROOT] not in NAMESPACES.subresources:
        namespace, rest = rest[1], rest[_ROOT:]
    found = BY_PLURAL.get((group, version, rest[0]))
    if found is None or (namespace and not found.namespaced):
        raise no_such_path()
    name, sub = [*rest[1:], "", ""][:2]
    if sub and sub not in found.subresources:
        raise no_such_path()
    return Call(asked, user, found, _verb(asked, name), namespace, name, sub)


def _group(parts: list[str]) -> tuple[str, str, list[str]]:
    if parts[0] == "api" and len(parts) > _ROOT:
        return "", parts[1], parts[2:]
    if parts[0] == "apis" and len(parts) > _ROOT + 1:
        return parts[1], parts[2], parts[3:]
    raise no_such_path()


def _verb(asked: Asked, name: str) -> str:
    if asked.method not in _VERBS:
        raise no_such_method()
    verb = _VERBS[asked.method]
    if verb == "get" and asked.query.get("watch", "") in {"1", "true", "True"}:
        return "watch"
    if not name:
        verb = {"get": "list", "delete": "deletecollection"}.get(verb, verb)
        if verb in {"update", "patch"}:
            raise no_such_method()
    return verb
