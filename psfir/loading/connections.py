"""Kinds of connections: the checking of one, whatever its kind, and what the rest of psfir gets of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from psfir.domain.system import Connection
from psfir.domain.values import frozen
from psfir.loading.connection_kinds import KINDS
from psfir.loading.nodes import MAP, Node
from psfir.loading.problems import Problems
from psfir.loading.shapes import BAD, MapOf, Record, SecretRef, Shape


@frozen
class _Connections(Shape):
    """One connection of any kind; gives what makes a Connection once its name is known."""

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not MAP:
            problems.add(node, "a connection has keys, `kind` first")
            return BAD
        kind = node.get("kind")
        if kind is None:
            problems.add(node, f"a connection needs the key 'kind'; {problems.near('', KINDS)}", rule="missing-key")
            return BAD
        if kind.text not in KINDS:
            word = f"{problems.shown(kind.text)} is" if kind.text else "this is"
            problems.add(kind, f"{word} no kind of connection; {problems.near(kind.text, KINDS)}")
            return BAD
        record = KINDS[kind.text]
        raw = record.check(node, problems)
        return BAD if raw is BAD else _maker(record, raw)

    def schema(self) -> dict[str, Any]:
        kinds = []
        for name, record in KINDS.items():
            schema = record.schema()
            schema["properties"]["kind"] = {"const": name}
            kinds.append(schema)
        return {"oneOf": kinds}


CONNECTIONS: Shape = _Connections()


def _maker(record: Record, raw: dict[str, Any]) -> Callable[[str], Connection]:
    shapes = {key.name: key.shape for key in record.keys}
    secrets: dict[str, str] = {}
    settings: dict[str, Any] = {}
    for name, value in raw.items():
        shape = shapes[name]
        if name in {"kind", "vendor", "network"}:
            continue
        if isinstance(shape, SecretRef):
            secrets[name] = value
        elif isinstance(shape, MapOf) and isinstance(shape.of, SecretRef):
            secrets |= {f"{name}.{key}": ref for key, ref in value.items()}
            settings[name] = list(value)
        else:
            settings[name] = list(value) if isinstance(value, tuple) else value
    return partial(
        Connection,
        kind=raw["kind"],
        settings=settings,
        secrets=secrets,
        vendor=raw.get("vendor", ""),
        network=raw.get("network", ""),
    )
