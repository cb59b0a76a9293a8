"""What the server says of itself: health, version, and which groups and kinds it serves."""

from __future__ import annotations

from psfir.range.kubernetes.resources import REVIEWS, STORED, Obj, Resource

_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
_HEALTH = ("/healthz", "/livez", "/readyz")
_VERSION: Obj = {
    "major": "1",
    "minor": "36",
    "gitVersion": "v1.36.2",
    "gitCommit": "0" * 40,
    "gitTreeState": "clean",
    "buildDate": "2026-01-01T00:00:00Z",
    "goVersion": "go1.26",
    "compiler": "gc",
    "platform": "linux/amd64",
}


def discovered(path: str) -> bytes | Obj | None:
    """The answer, or None where the path is no such question."""
    path = path.rstrip("/")
    if path in _HEALTH:
        return b"ok"
    if path == "/version":
        return _VERSION
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": _groups()}
    return _listed(path)


def _served() -> tuple[Resource, ...]:
    return (*STORED, *REVIEWS)


def _groups() -> list[Obj]:
    versions = {each.group: each for each in _served() if each.group}
    found = []
    for group, each in versions.items():
        version = {"groupVersion": each.api_version, "version": each.version}
        found.append({"name": group, "versions": [version], "preferredVersion": version})
    return found


def _listed(path: str) -> Obj | None:
    version = path.removeprefix("/apis/").removeprefix("/api/")
    of_it = [each for each in _served() if each.api_version == version]
    if not of_it or path == version:
        return None
    items: list[Obj] = []
    for each in of_it:
        told = {"singularName": each.kind.lower(), "namespaced": each.namespaced, "kind": each.kind}
        items.append({"name": each.plural, **told, "verbs": ["create"] if each in REVIEWS else _VERBS})
        subs = [f"{each.plural}/{sub}" for sub in each.subresources]
        items.extend({"name": sub, **told, "verbs": ["get", "patch", "update"]} for sub in subs)
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": items}
