"""Who owns which field: managedFields as every write leaves them, and server-side apply with its conflicts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from psfir.domain.values import frozen
from psfir.range.kubernetes.fields import Path, identity, is_keyed, is_set, is_whole, merge_keys
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.status import field_conflict
from psfir.range.kubernetes.store import copied, moment

Leaves: TypeAlias = Mapping[Path, Any]
_UNOWNED_META = frozenset(
    {"managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "name", "namespace", "selfLink"}
    | {"deletionTimestamp", "deletionGracePeriodSeconds"}
)
_ITEM = "."
REPLICAS: Path = ("f:spec", "f:replicas")


@frozen
class Writer:
    """In whose name a write is recorded."""

    manager: str
    operation: str = "Update"
    subresource: str = ""

    def entry(self, api_version: str) -> Obj:
        return {
            "manager": self.manager,
            "operation": self.operation,
            "apiVersion": api_version,
            **({"subresource": self.subresource} if self.subresource else {}),
        }


def leaves(obj: Obj) -> dict[Path, Any]:
    """Every field of an object that somebody can own, with its value. An item of a keyed list is one itself."""
    found: dict[Path, Any] = {}
    for key, value in obj.items():
        if key == "metadata":
            _collect(found, ("f:metadata",), {k: v for k, v in value.items() if k not in _UNOWNED_META})
        elif key not in {"apiVersion", "kind"}:
            _one(found, (f"f:{key}",), key, value)
    return found


def record(old: Obj | None, new: Obj, writer: Writer, *, lost: Iterable[Path] = ()) -> None:
    """Note in `new` who owns what after this write. `lost` fields end up with no owner."""
    before, after = leaves(old or {}), leaves(new)
    changed = {path for path, value in after.items() if path not in before or before[path] != value} - set(lost)
    entries = _read(old)
    gone = (before.keys() - after.keys()) | set(lost)
    if changed or gone:
        mine = _mine(entries, writer, new["apiVersion"])
        for entry in entries:
            entry["owned"] -= gone if entry is mine else gone | changed
        mine["owned"] |= changed
    _write(new, entries, old)


def apply(old: Obj, config: Obj, writer: Writer, *, force: bool) -> Obj:
    """What server-side apply makes of an object. FieldManagerConflict where another manager's value would change."""
    entries = _read(old)
    mine = _mine(entries, writer, old["apiVersion"])
    wanted, held = leaves(config), leaves(old)
    changed = {path for path, value in wanted.items() if held.get(path) != value and path[-1] != _ITEM}
    others = [entry for entry in entries if entry is not mine]
    causes = [(_owner(entry), _shown(path)) for entry in others for path in sorted(entry["owned"] & changed)]
    if causes and not force:
        raise field_conflict(causes)
    dropped = mine["owned"] - wanted.keys() - {path for entry in others for path in entry["owned"]}
    new = _merged(_without(old, dropped), config)
    for entry in others:
        entry["owned"] -= changed
    mine["owned"] = set(wanted)
    _write(new, entries, old)
    return new


def owners(obj: Obj, path: Path) -> list[str]:
    """Which managers own a field."""
    return [entry["manager"] for entry in _read(obj) if path in entry["owned"]]


def _one(found: dict[Path, Any], path: Path, key: str, value: Any) -> None:  # noqa: ANN401 - any JSON
    if isinstance(value, dict) and value and not is_whole(key):
        _collect(found, path, value)
    elif value == [] and is_keyed(key):
        return
    elif isinstance(value, list) and is_set(key):
        found.update({(*path, f"v:{json.dumps(item)}"): item for item in value})
    elif isinstance(value, list) and (keys := merge_keys(key, value, at_top=len(path) == 1)):
        for item in value:
            named = identity(item, keys)
            here = (*path, "k:" + json.dumps(named, separators=(",", ":")))
            found[(*here, _ITEM)] = named
            _collect(found, here, item)
    else:
        found[path] = value


def _collect(found: dict[Path, Any], path: Path, value: Obj) -> None:
    for key, inner in value.items():
        _one(found, (*path, f"f:{key}"), key, inner)


def _mine(entries: list[Obj], writer: Writer, api_version: str) -> Obj:
    wanted = writer.entry(api_version)
    for entry in entries:
        if {key: value for key, value in entry.items() if key not in {"time", "owned"}} == wanted:
            return entry
    entries.append({**wanted, "time": moment(), "owned": set()})
    return entries[-1]


def _read(obj: Obj | None) -> list[Obj]:
    noted = (obj or {}).get("metadata", {}).get("managedFields") or []
    return [
        {key: value for key, value in entry.items() if key not in {"fieldsType", "fieldsV1"}}
        | {"owned": set(_paths(entry.get("fieldsV1") or {}))}
        for entry in noted
    ]


def _write(obj: Obj, entries: list[Obj], old: Obj | None) -> None:
    was = {json.dumps({**entry, "time": ""}, sort_keys=True): entry for entry in _noted(old)}
    noted = []
    for entry in entries:
        if not entry["owned"]:
            continue
        fresh = {key: value for key, value in entry.items() if key != "owned"}
        fresh |= {"time": moment(), "fieldsType": "FieldsV1", "fieldsV1": _tree(entry["owned"])}
        noted.append(was.get(json.dumps({**fresh, "time": ""}, sort_keys=True), fresh))
    obj["metadata"].pop("managedFields", None)
    if noted:
        obj["metadata"]["managedFields"] = noted


def _noted(obj: Obj | None) -> list[Obj]:
    return (obj or {}).get("metadata", {}).get("managedFields") or []


def _paths(tree: Obj, here: Path = ()) -> list[Path]:
    found: list[Path] = []
    for key, inner in tree.items():
        found += _paths(inner, (*here, key)) if inner else [(*here, key)]
    return found


def _tree(owned: Iterable[Path]) -> Obj:
    tree: Obj = {}
    for path in sorted(owned):
        at = tree
        for part in path:
            at = at.setdefault(part, {})
    return tree


def _owner(entry: Obj) -> str:
    where = f' with subresource "{entry["subresource"]}"' if entry.get("subresource") else ""
    return f'"{entry["manager"]}"{where} using {entry["apiVersion"]}'


def _shown(path: Path) -> str:
    told = ""
    for part in path:
        kind, _, rest = part.partition(":")
        if kind == "f":
            told += f".{rest}"
        elif kind == "k":
            told += "[" + ",".join(f"{key}={json.dumps(value)}" for key, value in json.loads(rest).items()) + "]"
        elif kind == "v":
            told += f"[={rest}]"
    return told


def _merged(held: Obj, config: Obj, *, depth: int = 0) -> Obj:
    result = copied(held)
    for key, value in config.items():
        there = result.get(key)
        if isinstance(value, dict) and isinstance(there, dict) and not is_whole(key):
            result[key] = _merged(there, value, depth=depth + 1)
        elif value == [] and is_keyed(key):
            result.setdefault(key, [])
        elif isinstance(value, list) and is_set(key):
            result[key] = [*(there or []), *(item for item in value if item not in (there or []))]
        elif isinstance(value, list) and (keys := merge_keys(key, value, at_top=depth == 0)):
            result[key] = _joined(there or [], value, keys)
        else:
            result[key] = copied(value)
    return result


def _joined(held: list[Obj], given: list[Obj], keys: tuple[str, ...]) -> list[Obj]:
    result = copied(held)
    for item in given:
        same = [at for at, other in enumerate(result) if identity(other, keys) == identity(item, keys)]
        if same:
            result[same[0]] = _merged(result[same[0]], item, depth=1)
        else:
            result.append(copied(item))
    return result


def _without(obj: Obj, dropped: set[Path]) -> Obj:
    result = copied(obj)
    # Whole items first: without its name a half-taken one could not be found again.
    for path in sorted(dropped, key=lambda path: (path[-1] != _ITEM, -len(path))):
        _drop(result, path)
    return result


def _drop(holder: Any, path: Path) -> None:  # noqa: ANN401 - any place in a document
    for at, part in enumerate(path):
        kind, _, rest = part.partition(":")
        last = at == len(path) - 1
        if kind == "f" and isinstance(holder, dict):
            if last:
                holder.pop(rest, None)
                return
            holder = holder.get(rest)
        elif kind in {"k", "v"} and isinstance(holder, list):
            wanted = json.loads(rest)
            found = [
                item for item in holder if item == wanted or (kind == "k" and identity(item, tuple(wanted)) == wanted)
            ]
            if not found:
                return
            if last or path[at + 1] == _ITEM:
                holder.remove(found[0])
                return
            holder = found[0]
