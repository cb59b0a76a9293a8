"""Which lists are merged by a key and which values are taken whole: what patches and field ownership both go by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str, ...]
Keys: TypeAlias = tuple[str, ...]

_KEYED: Mapping[str, Keys] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "imagePullSecrets": ("name",),
    "hostAliases": ("ip",),
    "conditions": ("type",),
    "ownerReferences": ("uid",),
}
_WHOLE = frozenset(
    {"selector", "podSelector", "namespaceSelector", "nodeSelector", "scaleTargetRef", "secretKeyRef"}
    | {"configMapKeyRef", "fieldRef", "resourceFieldRef", "targetRef"}
)
_SETS = frozenset({"finalizers"})


def merge_keys(name: str, items: list[Any], *, at_top: bool = False) -> Keys:
    """The keys that tell items of the list `name` apart; none for a list that is taken whole."""
    if not items or not all(isinstance(item, dict) for item in items):
        return ()
    if name == "ports" and not at_top:
        keys: Keys = ("containerPort", "protocol") if "containerPort" in items[0] else ("port", "protocol")
        return keys if all(keys[0] in item for item in items) else ()
    keys = _KEYED.get(name, ())
    return keys if all(key in item for item in items for key in keys) else ()


def is_keyed(name: str) -> bool:
    """Whether an empty list of this name stands for no items to merge, and not for the whole list."""
    return name in _KEYED


def is_whole(name: str) -> bool:
    return name in _WHOLE


def is_set(name: str) -> bool:
    return name in _SETS


def identity(item: Mapping[str, Any], keys: Keys) -> dict[str, Any]:
    """What tells an item of a keyed list apart; a port without a protocol is a TCP port."""
    return {key: item.get(key, "TCP") if key == "protocol" else item.get(key) for key in keys}
