"""Shapes of the numbers of a scenario: whole seconds, so that no pause or speed can lose a part of one, and speeds."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from psfir.domain import durations
from psfir.domain.values import frozen
from psfir.loading.nodes import SCALAR, Node
from psfir.loading.problems import Problems
from psfir.loading.scalars import BAD, Shape, Span, wrong

LONGEST = 7 * 86400
_SPEED = re.compile(r"([1-9][0-9]{0,3})(?:/([1-9][0-9]{0,3}))?")


@frozen
class Offset(Shape):
    """A span of time in whole seconds; gives an int."""

    least: int = 0
    most: int = LONGEST

    def check(self, node: Node, problems: Problems) -> Any:
        span = Span(self.least, self.most).check(node, problems)
        if span is BAD:
            return BAD
        if span != int(span):
            problems.add(node, f"{problems.shown(node.text)} is not in whole seconds")
            return BAD
        return int(span)

    def schema(self) -> dict[str, Any]:
        return Span().schema()


@frozen
class Speed(Shape):
    """Scenario seconds a real second, as a whole number or a fraction such as 3/2; gives a Fraction."""

    def check(self, node: Node, problems: Problems) -> Any:
        found = _SPEED.fullmatch(node.text) if node.kind is SCALAR else None
        if found is None:
            return wrong(node, problems, "a speed such as 1, 4 or 3/2")
        return Fraction(int(found[1]), int(found[2] or 1))

    def schema(self) -> dict[str, Any]:
        whole = {"type": "integer", "minimum": 1, "maximum": 9999}
        return {"anyOf": [whole, {"type": "string", "pattern": f"^(?:{_SPEED.pattern})$"}]}


@frozen
class Placed(Shape):
    """An inject of a cut: its id, or `id@10m` at another offset; gives both, the offset None where none is said."""

    def check(self, node: Node, problems: Problems) -> Any:
        name, _, offset = node.text.partition("@") if node.kind is SCALAR else ("", "", "")
        try:
            at = durations.seconds(offset) if "@" in node.text else None
        except ValueError:
            at = 0.5
        if not name or (at is not None and (at != int(at) or at > LONGEST)):
            return wrong(node, problems, "the id of an inject, or one with its offset in whole seconds such as i2@10m")
        return name, None if at is None else int(at)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1}
