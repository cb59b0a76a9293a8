"""What a Prometheus probe was told to find, and whether a value is that."""

from __future__ import annotations

import re
from collections.abc import Mapping

from psfir.domain import durations
from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.values import frozen
from psfir.errors import UsageError
from psfir.probes.bounds import COMPARED, Bound, number, only_one, span

_NAME = r"[A-Za-z_:][A-Za-z0-9_:]*"
_TEXT = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)"""
_MATCH = rf"""\s*(?:{_NAME}|{_TEXT})\s*(?:=~|!~|!=|=)\s*{_TEXT}\s*"""
_BRACES = rf"\{{(?:{_MATCH}(?:,{_MATCH})*,?\s*)?\}}"
_PLAIN = re.compile(rf"\s*(?:{_NAME}\s*(?:{_BRACES})?|{_BRACES})\s*")

_FRESH = 60.0


def plain(query: str) -> bool:
    """Whether it is a selector and nothing else: only of such does `timestamp()` tell when a sample was taken."""
    return bool(_PLAIN.fullmatch(query))


@frozen
class Expected:
    """An `expect:` block, checked: one comparison, or that nothing is there."""

    bound: Bound | None
    fresh: float

    @classmethod
    def of(cls, said: Mapping[str, Json]) -> Expected:
        how = only_one(said, (*COMPARED, "absent"), ("fresh",))
        if how == "absent" and said[how] is not True:
            raise UsageError(
                "expect: absent can only be true", todo="to see that a series is there, say above or equals"
            )
        bound = None if how == "absent" else Bound(how, number(how, said[how]))
        return cls(bound, span("fresh", said.get("fresh"), _FRESH))

    @property
    def absent(self) -> bool:
        return self.bound is None

    def judge(self, value: float) -> tuple[Held, str]:
        return self.bound.judge(value) if self.bound else (Held.NOT_HELD, f"it is there, with {value:g}")

    def old(self, age: float) -> str:
        return f"{durations.show(round(age, 1))} old, more than {durations.show(self.fresh)}"
