"""The smallest Roles for a set of rights: one a namespace, names of objects where the API server heeds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from psfir.app.rights_document import NAME, Document, joined
from psfir.contracts import Target
from psfir.domain.about import Permission
from psfir.errors import UsageError

DIRECTION = (
    "Kubernetes cannot tell which way a patch goes: who may scale to 0 may scale up again. It tells create from "
    "delete: a network policy of psfir's can be made with this, and not taken away"
)
_API = "rbac.authorization.k8s.io"
_GROUPS = {"apps", "batch", "autoscaling", "policy"}
"""Groups whose names have no dot in them: else `apps/deployments` could be a resource and its subresource."""

_BY_NAME = {"get", "patch", "update", "delete"}
"""What the server can allow on one object; a list is of all of them, and one that is made has no name yet."""

_EVERYWHERE = {"argoproj.io/applications"}
"""Lives in a namespace of its own, which no target names."""

_Key: TypeAlias = tuple[str, str, str]
"""Group, resource, and the name of the one object; no name is all of them."""
_Verbs: TypeAlias = dict[_Key, set[str]]


def roles(wanted: Iterable[tuple[Permission, Target]], name: str = NAME, to: str = "") -> list[Document]:
    """As objects that kubectl applies: a ClusterRole first, if one is needed, and a Role for each namespace.

    Each is bound to `to`, such as serviceaccount:ops:psfir; to the group of the role's own name, if nobody is said.
    """
    spaces: dict[str, dict[_Key, dict[str, set[str]]]] = {}
    for permission, target in wanted:
        plain, _, field = permission.resource.partition("/{")
        space = "" if plain in _EVERYWHERE else str(target.get("namespace") or "")
        one = str(target.get(field.rstrip("}")) or "") if permission.action in _BY_NAME else ""
        verbs = spaces.setdefault(space, {}).setdefault((*_parted(plain), one), {})
        verbs.setdefault(permission.action, set()).add(permission.only)
    subject = _subject(to or f"group:{name}")
    return [made for space in sorted(spaces) for made in _bound(_role(space, name, spaces[space]), subject)]


def _parted(resource: str) -> tuple[str, str]:
    """Group and resource, which may have a subresource: `pods/log` is of the core group."""
    group, _, rest = resource.partition("/")
    return (group, rest) if rest and ("." in group or group in _GROUPS) else ("", resource)


def _role(space: str, name: str, found: Mapping[_Key, Mapping[str, set[str]]]) -> Document:
    metadata = {"name": name, **({"namespace": space} if space else {})}
    head = {"apiVersion": f"{_API}/v1", "kind": "Role" if space else "ClusterRole", "metadata": metadata}
    rules = [(rule, only) for only, verbs in _by_reason(found) for rule in _rules(verbs)]
    return Document({**head, "rules": [rule for rule, _ in rules]}, "rules", tuple(only for _, only in rules))


def _bound(role: Document, subject: Mapping[str, str]) -> tuple[Document, Document]:
    kind, metadata = role.body["kind"], role.body["metadata"]
    ref = {"apiGroup": _API, "kind": kind, "name": metadata["name"]}
    head = {"apiVersion": f"{_API}/v1", "kind": f"{kind}Binding", "metadata": dict(metadata)}
    return role, Document({**head, "roleRef": ref, "subjects": [dict(subject)]})


def _subject(text: str) -> dict[str, str]:
    kind, _, name = text.partition(":")
    if kind in {"user", "group"} and name:
        return {"apiGroup": _API, "kind": kind.capitalize(), "name": name}
    space, _, name = name.partition(":")
    if kind == "serviceaccount" and space and name:
        return {"kind": "ServiceAccount", "namespace": space, "name": name}
    todo = "say --to serviceaccount:NAMESPACE:NAME, user:NAME or group:NAME"
    raise UsageError(f"{text!r} names nobody that a role could be bound to", todo=todo)


def _by_reason(found: Mapping[_Key, Mapping[str, set[str]]]) -> Iterator[tuple[str, _Verbs]]:
    """What is always needed first; of the rest nothing that is in that already."""
    reasons: dict[str, _Verbs] = {}
    for key, verbs in found.items():
        for verb, why in verbs.items():
            reasons.setdefault(joined(why), {}).setdefault(key, set()).add(verb)
    always = reasons.get("", {})
    for only, theirs in sorted(reasons.items()):
        left = {key: allowed - always.get((key[0], key[1], ""), set()) for key, allowed in theirs.items()}
        yield only, {key: allowed for key, allowed in left.items() if allowed} if only else theirs


def _rules(found: _Verbs) -> list[dict[str, Any]]:
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
