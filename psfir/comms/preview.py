"""All templates as people will read them, with made-up facts: what comms staff and lawyers look through beforehand.

What was filled in is told apart from what somebody wrote, so that a reader knows which words they say yes to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from psfir.comms.check import Row, State, Yes
from psfir.comms.fill import Filled, Value
from psfir.comms.finding import Finding
from psfir.comms.ledger import Given
from psfir.comms.template import Template
from psfir.domain.canon import Json
from psfir.domain.message import Audience, Phase
from psfir.domain.values import frozen, remade
from psfir.errors import UsageError

_OPENS, _CLOSES = "\ue000", "\ue001"
"""Around what was filled in, while a text is rendered: signs that stand for nothing, and are taken out elsewhere."""

_FILLED = re.compile(f"{_OPENS}([^{_OPENS}{_CLOSES}]*){_CLOSES}")
_STRAY = re.compile(f"[{_OPENS}{_CLOSES}]")


@frozen
class Part:
    """A run of text; `filled` where a fact stands that is made up here."""

    text: str
    filled: bool = False


@frozen
class Leaf:
    """One template as it reads: `fails` says why it cannot be read, where it cannot."""

    template: Template
    yes: Yes
    given: tuple[Given, ...] = ()
    findings: tuple[Finding, ...] = ()
    title: tuple[Part, ...] = ()
    body: tuple[Part, ...] = ()
    fails: str = ""


@frozen
class Preview:
    """All there is to see on one day. `rows` are what must ship; `problems` files that cannot be read."""

    name: str
    on: date
    leaves: tuple[Leaf, ...]
    rows: tuple[Row, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def lacking(self) -> tuple[Row, ...]:
        """What must ship and is not there."""
        return tuple(row for row in self.rows if row.required and row.state in {State.MISSING, State.UNSOUND})

    @property
    def ready(self) -> int:
        return sum(row.required and row.state.good for row in self.rows)

    @property
    def required(self) -> int:
        return sum(row.required for row in self.rows)

    @property
    def audiences(self) -> Mapping[Audience, Sequence[Leaf]]:
        """Those that anything is written for, in the order of the words, and within it by phase."""
        order = list(Phase)
        found: dict[Audience, list[Leaf]] = {}
        for audience in Audience:
            leaves = [one for one in self.leaves if one.template.audience is audience]
            if leaves:
                found[audience] = sorted(leaves, key=lambda one: (order.index(one.template.phase), one.template.file))
        return found


@frozen
class Reading:
    """A text with its facts told apart from its words."""

    title: tuple[Part, ...] = ()
    body: tuple[Part, ...] = ()
    fails: str = ""


def reading(filled: Filled) -> Reading:
    """A filled template in parts; one that cannot be rendered says why."""
    marked = {name: Value(_marked(one.value), one.source) for name, one in filled.values.items()}
    try:
        title, body = remade(filled, values=marked).text()
    except UsageError as error:
        return Reading(fails=str(error))
    return Reading(tuple(parts(title)), tuple(parts(body.rstrip("\n"))))


def parts(text: str) -> Iterator[Part]:
    """The text cut where something was filled in."""
    end = 0
    for found in _FILLED.finditer(text):
        yield from _part(text[end : found.start()], filled=False)
        yield from _part(found[1], filled=True)
        end = found.end()
    yield from _part(text[end:], filled=False)


def _part(text: str, *, filled: bool) -> Iterator[Part]:
    plain = _STRAY.sub("", text)
    if plain:
        yield Part(plain, filled)


def _marked(value: Json) -> Json:
    if isinstance(value, str) and value:
        return f"{_OPENS}{_STRAY.sub('', value)}{_CLOSES}"
    if isinstance(value, list):
        return [_marked(one) for one in value]
    return value


def words(state: State) -> str:
    """A state as people read it."""
    return state.value.replace("_", " ")
