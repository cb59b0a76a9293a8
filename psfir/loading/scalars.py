"""Shapes of single values: texts, words, numbers, spans, dates and references to secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from psfir.domain import durations
from psfir.domain.canon import Json
from psfir.domain.near import near
from psfir.loading.nodes import SCALAR, Node, Problems


class _Bad:
    """What a shape gives where the file is wrong; the reason is among the problems."""

    def __repr__(self) -> str:
        return "BAD"


BAD: Any = _Bad()

_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FRACTION = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_UNCLEAR = {"yes", "no", "on", "off", "y", "n"}
_SAFE = 2**53
_REFERENCE = re.compile(r"(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|keyring:[^/]+/.+)")


class Shape:
    """Base: `check` gives a value or BAD."""

    def check(self, node: Node, problems: Problems) -> Any:
        raise AssertionError("every shape has a check of its own")

    def schema(self) -> dict[str, Any]:
        raise AssertionError("every shape has a schema of its own")


@dataclass(frozen=True)
class Text(Shape):
    """A text. `pattern` must match all of it, and `like` says in words what it looks like."""

    pattern: str = ""
    like: str = ""
    least: int = 1

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not SCALAR or (node.plain and node.text in {"", "~", "null"}):
            return wrong(node, problems, "a text")
        if len(node.text.strip()) < self.least:
            problems.add(node, "must not be empty")
            return BAD
        if self.pattern and not re.fullmatch(self.pattern, node.text):
            problems.add(node, f"{node.text!r} is not {self.like}")
            return BAD
        return node.text

    def schema(self) -> dict[str, Any]:
        more: dict[str, Any] = {"pattern": f"^(?:{self.pattern})$"} if self.pattern else {"minLength": self.least}
        return {"type": "string", **more}


ID = Text(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*", "an id: small letters, digits, and - _ . between them")


@dataclass(frozen=True)
class Words(Shape):
    """One of a closed list."""

    kind: type[StrEnum]

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not SCALAR:
            return wrong(node, problems, "one word")
        try:
            return self.kind(node.text)
        except ValueError:
            problems.add(node, f"{node.text!r} is none of these; {near(node.text, [w.value for w in self.kind])}")
            return BAD

    def schema(self) -> dict[str, Any]:
        return {"enum": [word.value for word in self.kind]}


@dataclass(frozen=True)
class Whole(Shape):
    """A whole number between two bounds, both allowed."""

    least: int = 0
    most: int = 1000

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not SCALAR or not node.plain or not _WHOLE.fullmatch(node.text) or len(node.text) > 15:  # noqa: PLR2004 - longer is out of bounds anyway
            return wrong(node, problems, "a whole number")
        number = int(node.text)
        if not self.least <= number <= self.most:
            problems.add(node, f"{number} is not between {self.least} and {self.most}")
            return BAD
        return number

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Flag(Shape):
    """true or false, and nothing that one YAML reader takes for true and another for a text."""

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is SCALAR and node.plain and node.text in {"true", "false"}:
            return node.text == "true"
        return wrong(node, problems, "true or false")

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Span(Shape):
    """A span of time such as 15m; gives seconds."""

    least: float = 0.0
    most: float = 366 * 86400.0

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not SCALAR:
            return wrong(node, problems, "a span of time such as 30s or 15m")
        try:
            span = durations.seconds(node.text)
        except ValueError as error:
            problems.add(node, str(error))
            return BAD
        if not self.least <= span <= self.most:
            most, least = durations.show(self.most), durations.show(self.least)
            problems.add(node, f"{node.text} is not between {least} and {most}")
            return BAD
        return span

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$"}


@dataclass(frozen=True)
class Day(Shape):
    """A date such as 2026-01-31; `null` where `optional`."""

    optional: bool = False

    def check(self, node: Node, problems: Problems) -> Any:
        if self.optional and node.kind is SCALAR and node.plain and node.text in {"null", "~", ""}:
            return None
        try:
            return date.fromisoformat(node.text)
        except ValueError:
            return wrong(node, problems, "a date such as 2026-01-31")

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"] if self.optional else "string", "format": "date"}


@dataclass(frozen=True)
class SecretRef(Shape):
    """Where a secret is. A sentence about it never repeats what stands there: it may be the secret itself."""

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is SCALAR and _REFERENCE.fullmatch(node.text):
            return node.text
        problems.add(
            node, "must say where the secret is (env:NAME, file:PATH or keyring:SERVICE/NAME), never the secret itself"
        )
        return BAD

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_REFERENCE.pattern}$"}


def scalar(node: Node, problems: Problems) -> Json:
    """One scalar as JSON; a word that YAML readers disagree on must be quoted."""
    text = node.text
    if not node.plain:
        return text
    if text in {"true", "false"}:
        return text == "true"
    if text in {"", "~", "null"}:
        return None
    if text.lower() in _UNCLEAR:
        problems.add(
            node, f"{text} is true or false to some YAML readers and a text to others: quote it, or write true or false"
        )
        return BAD  # type: ignore[no-any-return]  # BAD stands for any value
    if text[0] in "-+0123456789" and _FRACTION.fullmatch(text):
        return _number(node, problems)
    return text


def _number(node: Node, problems: Problems) -> Json:
    text = node.text
    if _WHOLE.fullmatch(text):
        if len(text) > 16 or abs(int(text)) >= _SAFE:  # noqa: PLR2004 - more digits than 2**53 has
            problems.add(node, f"{text[:20]} is larger than every JSON reader keeps exactly: quote it")
            return BAD  # type: ignore[no-any-return]  # BAD stands for any value
        return int(text)
    if "." not in text and "e" not in text.lower():
        problems.add(node, f"{text} is octal to some YAML readers: quote it")
        return BAD  # type: ignore[no-any-return]  # BAD stands for any value
    number = float(text)
    return number if abs(number) != float("inf") else text


def wrong(node: Node, problems: Problems, wanted: str) -> Any:
    found = (
        f"{node.text[:40]!r}"
        if node.kind is SCALAR and node.text
        else f"a {node.kind}"
        if node.kind is not SCALAR
        else "nothing"
    )
    hint = ": write true or false" if wanted == "true or false" and node.text.lower() in _UNCLEAR else ""
    problems.add(node, f"must be {wanted}, not {found}{hint}")
    return BAD
