"""Kinds of connections: the checking of one, whatever its kind, and what the rest of psfir gets of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from psfir.domain.catalog import Kinds
from psfir.domain.system import Connection
from psfir.domain.values import frozen
from psfir.errors import CatalogError
from psfir.loading.connection_kinds import KINDS, record_of
from psfir.loading.nodes import MAP, Node
from psfir.loading.problems import Problems
from psfir.loading.shapes import BAD, File, MapOf, Record, SecretRef, Shape


@frozen
class AnyKind(Shape):
    """One connection of any kind; gives what makes a Connection once its name is known.

    `brought` knows the kinds that others bring. They are asked of it only where psfir itself has none of that name.
    """

    brought: Kinds | None = None

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not MAP:
            problems.add(node, "a connection has keys, `kind` first")
            return BAD
        kind = node.get("kind")
        if kind is None:
            meant = problems.near("", self._names())
            problems.add(node, f"a connection needs the key 'kind'; {meant}", rule="missing-key")
            return BAD
        record = self._record(kind, problems)
        raw = BAD if record is None else record.check(node, problems)
        return BAD if raw is BAD or record is None else _maker(record, raw)

    def schema(self) -> dict[str, Any]:
        brought = self.brought.names("connections") if self.brought else ()
        records = KINDS | {name: record_of(self.brought.connection(name)) for name in brought if self.brought}
        kinds = []
        for name, record in records.items():
            schema = record.schema()
            schema["properties"]["kind"] = {"const": name}
            kinds.append(schema)
        return {"oneOf": kinds}

    def _names(self) -> list[str]:
        return [*KINDS, *(self.brought.names("connections") if self.brought else ())]

    def _record(self, kind: Node, problems: Problems) -> Record | None:
        if kind.text in KINDS:
            return KINDS[kind.text]
        names = self._names()
        if self.brought is None or kind.text not in names:
            word = f"{problems.shown(kind.text)} is" if kind.text else "this is"
            problems.add(kind, f"{word} no kind of connection; {problems.near(kind.text, names)}")
            return None
        try:
            return record_of(self.brought.connection(kind.text))
        except CatalogError as error:
            problems.add(kind, str(error), rule="reference")
            return None


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
    files = tuple(name for name in settings if isinstance(shapes[name], File))
    return partial(
        Connection,
        kind=raw["kind"],
        settings=settings,
        secrets=secrets,
        vendor=raw.get("vendor", ""),
        network=raw.get("network", ""),
        files=files,
    )
