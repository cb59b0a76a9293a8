"""The smallest Roles for a set of rights: one a namespace, names of objects where the API server heeds them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from psfir.contracts import Target
from psfir.domain.about import Permission

NAME = "psfir"
_GROUPS = {"apps", "batch", "autoscaling", "policy"}
"""Groups whose names have no dot in them: else `apps/deployments` could be a resource and its subresource."""

_BY_NAME = {"get", "patch", "update", "delete"}
"""What the server can allow on one object; a list is of all of them, and one that is made has no name yet."""

_EVERYWHERE = {"argoproj.io/applications"}
"""Lives in a namespace of its own, which no target names."""

_Key: TypeAlias = tuple[str, str, str]
"""Group, resource, and the name of the one object; no name is all of them."""


def roles(wanted: Iterable[tuple[Permission, Target]]) -> list[dict[str, Any]]:
    """As objects that kubectl applies: a ClusterRole first, if one is needed, and a Role for each namespace."""
    spaces: dict[str, dict[_Key, set[str]]] = {}
    for permission, target in wanted:
        plain, _, field = permission.resource.partition("/{")
        space = "" if plain in _EVERYWHERE else str(target.get("namespace") or "")
        name = str(target.get(field.rstrip("}")) or "") if permission.action in _BY_NAME else ""
        key = (*_parted(plain), name)
        spaces.setdefault(space, {}).setdefault(key, set()).add(permission.action)
    return [_role(space, spaces[space]) for space in sorted(spaces)]


def _parted(resource: str) -> tuple[str, str]:
    """Group and resource, which may have a subresource: `pods/log` is of the core group."""
    group, _, rest = resource.partition("/")
    return (group, rest) if rest and ("." in group or group in _GROUPS) else ("", resource)


def _role(space: str, rules: dict[_Key, set[str]]) -> dict[str, Any]:
    metadata = {"name": NAME, **({"namespace": space} if space else {})}
    head = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role" if space else "ClusterRole"}
    return {**head, "metadata": metadata, "rules": _rules(rules)}


def _rules(found: dict[_Key, set[str]]) -> list[dict[str, Any]]:
    """What may be done to all needs no saying again for one; what the same holds of shares a rule."""
    named: dict[tuple[str, str, tuple[str, ...]], set[str]] = {}
    for (group, resource, name), allowed in found.items():
        if left := allowed - found.get((group, resource, ""), set()) if name else allowed:
            named.setdefault((group, resource, tuple(sorted(left))), set()).add(name)
    shared: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (group, resource, verbs), theirs in sorted(named.items()):
        # For all of them, or for some by name: never both, since what holds for all was taken out above.
        shared.setdefault((group, tuple(sorted(filter(None, theirs))), verbs), []).append(resource)
    return [
        {
            "apiGroups": [group],
            "resources": resources,
            **({"resourceNames": list(names)} if names else {}),
            "verbs": list(verbs),
        }
        for (group, names, verbs), resources in sorted(shared.items())
    ]
