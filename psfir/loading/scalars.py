"""Shapes of single values: texts, words, numbers, spans, dates and references to secrets."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Any

from psfir.domain import durations
from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.loading.nodes import SCALAR, Node
from psfir.loading.problems import Problems
from psfir.loading.text import UNSEEN


class _Bad:
    """What a shape gives where the file is wrong; the reason is among the problems."""

    def __repr__(self) -> str:
        return "BAD"


BAD: Any = _Bad()

_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_ELSEWHERE = re.compile(
    r"[-+]?(0x[0-9a-fA-F_]+|0[0-9_]+|0o[0-7_]+|0b[01_]+|\.(inf|Inf|INF)|[0-9][0-9_]*_[0-9_]*)|\.(nan|NaN|NAN)"
)
_STARTS = frozenset("-+.0123456789")
_UNCLEAR = {"yes", "no", "on", "off", "y", "n"}
_LOOSE = {"true", "false", "null"}
_SAFE = 2**53
_DIGITS = 17  # a sign, and as many as 2**53 has
_WORD = 5  # no unclear word is longer
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_REFERENCE = re.compile(r"(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|keyring:[^/]+/.+)")


class Shape:
    """Base: `check` gives a value or BAD."""

    def check(self, node: Node, problems: Problems) -> Any:
        raise AssertionError("every shape has a check of its own")

    def schema(self) -> dict[str, Any]:
        raise AssertionError("every shape has a schema of its own")


@frozen
class Text(Shape):
    """`pattern` must match all of it, `like` says so in words. A `private` one may be a secret: it is not repeated."""

    pattern: str = ""
    like: str = ""
    least: int = 1
    private: bool = False

    def fits(self, text: str) -> bool:
        """Whether a text that stands in no file would do."""
        return len(text.strip()) >= self.least and (not self.pattern or re.fullmatch(self.pattern, text) is not None)

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not SCALAR or (node.plain and node.text in {"", "~", "null"}):
            return wrong(node, problems, "a text")
        text = node.text
        if len(text.strip()) < self.least:
            problems.add(node, "must not be empty")
            return BAD
        if self.pattern and not re.fullmatch(self.pattern, text):
            what = "this" if self.private else problems.shown(text)
            problems.add(node, f"{what} is not {self.like}")
            return BAD
        if not node.plain and UNSEEN.search(text):
            problems.add(node, "holds an invisible character: take it out")
            return BAD
        return text

    def schema(self) -> dict[str, Any]:
        more: dict[str, Any] = {"pattern": f"^(?:{self.pattern})$"} if self.pattern else {"minLength": self.least}
        return {"type": "string", **more}


@frozen
class File(Text):
    """The path of a file, from the folder of psfir.yaml."""


ID = Text(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*", "an id: small letters, digits, and - _ . between them")


@frozen
class Words(Shape):
    """One of a closed list."""

    kind: type[StrEnum]

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not SCALAR:
            return wrong(node, problems, "one word")
        try:
            return self.kind(node.text)
        except ValueError:
            meant = problems.near(node.text, [word.value for word in self.kind])
            problems.add(node, f"{problems.shown(node.text)} is none of these; {meant}")
            return BAD

    def schema(self) -> dict[str, Any]:
        return {"enum": [word.value for word in self.kind]}


@frozen
class Whole(Shape):
    """A whole number between two bounds, both allowed."""

    least: int = 0
    most: int = 1000

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not SCALAR or not node.plain or not _WHOLE.fullmatch(node.text):
            return wrong(node, problems, "a whole number")
        number = int(node.text) if len(node.text) <= _DIGITS else self.most + 1
        if not self.least <= number <= self.most:
            problems.add(node, f"{problems.shown(node.text)} is not between {self.least} and {self.most}")
            return BAD
        return number

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@frozen
class Flag(Shape):
    """true or false, and nothing that one YAML reader takes for true and another for a text."""

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is SCALAR and node.plain and node.text in {"true", "false"}:
            return node.text == "true"
        return wrong(node, problems, "true or false")

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@frozen
class Span(Shape):
    """A span of time such as 15m; gives seconds."""

    least: float = 0.0
    most: float = 366 * 86400.0

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not SCALAR:
            return wrong(node, problems, "a span of time such as 30s or 15m")
        try:
            span = durations.seconds(node.text)
        except ValueError:
            problems.add(node, f"{problems.shown(node.text)} is not a span of time; write it like 30s, 15m or 1h30m")
            return BAD
        if not self.least <= span <= self.most:
            most, least = durations.show(self.most), durations.show(self.least)
            problems.add(node, f"{problems.shown(node.text)} is not between {least} and {most}")
            return BAD
        return span

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "pattern": f"^{durations.PATTERN}$"}


@frozen
class Day(Shape):
    """A date such as 2026-01-31; `null` where `optional`."""

    optional: bool = False

    def check(self, node: Node, problems: Problems) -> Any:
        if self.optional and node.kind is SCALAR and node.plain and node.text in {"null", "~", ""}:
            return None
        try:
            return date.fromisoformat(node.text) if _DAY.fullmatch(node.text) else _none(node, problems)
        except ValueError:
            return _none(node, problems)

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"] if self.optional else "string", "format": "date"}


@frozen
class Zone(Shape):
    """A time zone by its IANA name."""

    def check(self, node: Node, problems: Problems) -> Any:
        if node.kind is not SCALAR or not node.text:
            return wrong(node, problems, "a time zone such as Europe/Berlin")
        if not _is_zone(node.text):
            problems.add(
                node, f"{problems.shown(node.text)} is no time zone that this machine knows; Europe/Berlin is one"
            )
            return BAD
        return node.text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1}


ZONE = Zone()


@frozen
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


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - 4 ms, and few files name one

    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # a path that leads out, a folder, a name that nobody has
        return False
    return True


def _none(node: Node, problems: Problems) -> Any:
    return wrong(node, problems, "a date such as 2026-01-31")


def scalar(node: Node, problems: Problems) -> Json:
    """One scalar as JSON; what YAML readers disagree on must be quoted."""
    text = node.text
    if not node.plain:
        return text
    if text in {"true", "false"}:
        return text == "true"
    if text in {"", "~", "null"}:
        return None
    if text[0] in _STARTS:
        return _number(node, problems)
    low = text.lower() if len(text) <= _WORD else ""
    word = low if low in _LOOSE else "true or false" if low in _UNCLEAR else ""
    if word:
        return _unclear(node, problems, f"{text} is {word} to some YAML readers and a text to others", f"write {word}")
    return text


def _number(node: Node, problems: Problems) -> Json:
    """What begins like a number: a number, a text such as 10.0.0.1, or something that has to be quoted."""
    text = node.text
    if _ELSEWHERE.fullmatch(text) and not _WHOLE.fullmatch(text):
        return _unclear(node, problems, f"{problems.shown(text)} is a number to some YAML readers and not to others")
    if not _NUMBER.fullmatch(text):
        return text
    if _WHOLE.fullmatch(text):
        if len(text) > _DIGITS or abs(int(text)) >= _SAFE:
            return _unclear(node, problems, f"{problems.shown(text)} is larger than every JSON reader keeps exactly")
        return int(text)
    number = float(text)
    if abs(number) == float("inf"):
        return _unclear(node, problems, f"{problems.shown(text)} is larger than any number JSON has")
    return number


def _unclear(node: Node, problems: Problems, sentence: str, otherwise: str = "") -> Json:
    problems.add(node, f"{sentence}: quote it{f', or {otherwise}' if otherwise else ''}")
    return BAD  # type: ignore[no-any-return]  # BAD stands for any value


def wrong(node: Node, problems: Problems, wanted: str) -> Any:
    """A value of another kind stands there."""
    scalar_found = problems.shown(node.text) if node.text else "nothing"
    found = scalar_found if node.kind is SCALAR else f"a {node.kind}"
    problems.add(node, f"must be {wanted}, not {found}")
    return BAD
