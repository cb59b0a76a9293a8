"""What may stand where, declared once: the same shapes check a file, build its values and print its JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from psfir.domain.values import frozen
from psfir.loading.nodes import LIST, MAP, SCALAR, Node
from psfir.loading.problems import Problems
from psfir.loading.scalars import BAD, ID, Day, File, Flag, SecretRef, Shape, Span, Text, Whole, Words, scalar, wrong

__all__ = [
    "ANYTHING",
    "BAD",
    "ID",
    "Anything",
    "Day",
    "File",
    "Flag",
    "Key",
    "ListOf",
    "MapOf",
    "Object",
    "Record",
    "SecretRef",
    "Shape",
    "Span",
    "Target",
    "Text",
    "Whole",
    "Words",
]


@frozen
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


ANYTHING = Anything()
_NAME = Text()


@frozen
class Object(Shape):
    """A mapping of any JSON."""

    def check(self, node: Node, problems: Problems) -> Any:
        return ANYTHING.check(node, problems) if node.kind is MAP else wrong(node, problems, "a mapping")

    def schema(self) -> dict[str, Any]:
        return {"type": "object"}


@frozen
class Target(Object):
    """What a lever, probe or capture works on; the `connection` it is reached by is always part of it."""

    def check(self, node: Node, problems: Problems) -> Any:
        found = super().check(node, problems)
        link = node.get("connection")
        if node.kind is not MAP or (link and _NAME.check(link, problems) is not BAD):
            return found
        if not link:
            sentence = "a target needs the key 'connection': by which connection of psfir.yaml it is reached"
            problems.add(node, sentence, rule="missing-key")
        return BAD

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "required": ["connection"], "properties": {"connection": _NAME.schema()}}


@frozen
class ListOf(Shape):
    """A list; gives a tuple."""

    of: Shape
    least: int = 0
    empty: str = "must not be empty"

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not LIST:
            return wrong(node, problems, "a list")
        if len(node.items) < self.least:
            problems.add(node, self.empty)
            return BAD
        items = tuple([self.of.check(item, problems) for item in node.items])
        return BAD if any(item is BAD for item in items) else items

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self.of.schema(), **({"minItems": self.least} if self.least else {})}


@frozen
class MapOf(Shape):
    """A mapping from ids (or other names) to values of one shape."""

    of: Shape
    key: Text = ID
    keys: type[StrEnum] | None = None

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not MAP:
            if isinstance(self.of, SecretRef):  # what stands there may be the secret
                problems.add(node, "must be a mapping")
                return BAD
            return wrong(node, problems, "a mapping")
        pairs = {self._key(key, problems): self.of.check(value, problems) for key, value in node.pairs}
        return BAD if any(key is BAD or value is BAD for key, value in pairs.items()) else pairs

    def _key(self, key: Node, problems: Problems) -> Any:
        return (Words(self.keys) if self.keys else self.key).check(key, problems)

    def schema(self) -> dict[str, Any]:
        names = Words(self.keys).schema() if self.keys else self.key.schema()
        return {"type": "object", "additionalProperties": self.of.schema(), "propertyNames": names}


@frozen
class Key:
    """One key of a record. `default` is what leaving it out means."""

    name: str
    shape: Shape
    doc: str
    required: bool = False


@frozen
class Record(Shape):
    """A mapping with named keys; `build` gets what stands there, by name. An unknown key is told and passed over."""

    name: str
    keys: tuple[Key, ...]
    build: Callable[..., Any] = field(default=dict)
    known: Mapping[str, Key] = field(init=False, repr=False, compare=False)

    @property
    def article(self) -> str:
        return "an" if self.name[0] in "aeiou" else "a"

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", {key.name: key for key in self.keys})

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not MAP:
            return wrong(node, problems, f"{self.article} {self.name} with its keys")
        values: dict[str, Any] = {}
        bad = False
        for key, value in node.pairs:
            wanted = self.known.get(key.text)
            if wanted is None:
                meant = problems.near(key.text, self.known)
                sentence = f"{self.article} {self.name} has no key {problems.shown(key.text)}; {meant}"
                problems.add(key, sentence, rule="unknown-key")
                continue
            values[key.text] = checked = wanted.shape.check(value, problems)
            bad = bad or checked is BAD
        for wanted in self.keys:
            if wanted.required and wanted.name not in values:
                sentence = f"{self.article} {self.name} needs the key {wanted.name!r}: {wanted.doc}"
                problems.add(node, sentence, rule="missing-key")
                bad = True
        return BAD if bad else self.build(**values)

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {key.name: {**key.shape.schema(), "description": key.doc} for key in self.keys},
            "required": [key.name for key in self.keys if key.required],
        }
