"""What may stand where, declared once: the same shapes check a file, build its values and print its JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from psfir.domain.near import near
from psfir.loading.nodes import LIST, MAP, SCALAR, Node, Problems
from psfir.loading.scalars import BAD, ID, Day, Flag, SecretRef, Shape, Span, Text, Whole, Words, scalar, wrong

__all__ = [
    "BAD",
    "ID",
    "Anything",
    "Day",
    "Flag",
    "Key",
    "ListOf",
    "MapOf",
    "Object",
    "Record",
    "SecretRef",
    "Shape",
    "Span",
    "Text",
    "Whole",
    "Words",
]


@dataclass(frozen=True)
class Anything(Shape):
    """Plain JSON, by YAML 1.2's rules."""

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is SCALAR:
            return scalar(node, problems)
        if node.kind is LIST:
            items = [self.check(item, problems) for item in node.items]
            return BAD if any(item is BAD for item in items) else items
        pairs = {key.text: self.check(value, problems) for key, value in node.pairs}
        return BAD if any(value is BAD for value in pairs.values()) else pairs

    def schema(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class Object(Shape):
    """A mapping of any JSON."""

    def check(self, node: Node, problems: Problems) -> Any:
        return Anything().check(node, problems) if node.kind is MAP else wrong(node, problems, "a mapping")

    def schema(self) -> dict[str, Any]:
        return {"type": "object"}


@dataclass(frozen=True)
class ListOf(Shape):
    """A list; gives a tuple."""

    of: Shape
    least: int = 0

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not LIST:
            return wrong(node, problems, "a list")
        if len(node.items) < self.least:
            problems.add(node, "must not be empty")
            return BAD
        items = tuple([self.of.check(item, problems) for item in node.items])
        return BAD if any(item is BAD for item in items) else items

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.of.schema(), **({"minItems": self.least} if self.least else {})}


@dataclass(frozen=True)
class MapOf(Shape):
    """A mapping from ids (or other names) to values of one shape."""

    of: Shape
    key: Text = ID
    keys: type[StrEnum] | None = None

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not MAP:
            return wrong(node, problems, "a mapping")
        pairs = {self._key(key, problems): self.of.check(value, problems) for key, value in node.pairs}
        return BAD if any(key is BAD or value is BAD for key, value in pairs.items()) else pairs

    def _key(self, key: Node, problems: Problems) -> Any:
        return (Words(self.keys) if self.keys else self.key).check(key, problems)

    def schema(self) -> dict[str, Any]:
        names = Words(self.keys).schema() if self.keys else self.key.schema()
        return {"type": "object", "additionalProperties": self.of.schema(), "propertyNames": names}


@dataclass(frozen=True)
class Key:
    """One key of a record. `default` is what leaving it out means."""

    name: str
    shape: Shape
    doc: str
    required: bool = False


@dataclass(frozen=True)
class Record(Shape):
    """A mapping with named keys. `build` gets what stands there, by name; what is left out is not passed."""

    name: str
    keys: tuple[Key, ...]
    build: Callable[..., Any] = field(default=dict)
    known: Mapping[str, Key] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", {key.name: key for key in self.keys})

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not MAP:
            return wrong(node, problems, f"a {self.name} with its keys")
        values: dict[str, Any] = {}
        bad = False
        for key, value in node.pairs:
            wanted = self.known.get(key.text)
            if wanted is None:
                problems.add(
                    key, f"a {self.name} has no key {key.text!r}; {near(key.text, self.known)}", rule="unknown-key"
                )
                bad = True
                continue
            values[key.text] = checked = wanted.shape.check(value, problems)
            bad = bad or checked is BAD
        for wanted in self.keys:
            if wanted.required and wanted.name not in values:
                problems.add(node, f"a {self.name} needs the key {wanted.name!r}: {wanted.doc}", rule="missing-key")
                bad = True
        return BAD if bad else self.build(**values)

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {key.name: {**key.shape.schema(), "description": key.doc} for key in self.keys},
            "required": [key.name for key in self.keys if key.required],
        }
