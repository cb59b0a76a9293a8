"""Packs of lint rules: data, so that a company adds its own words. Each says where, why, and a better wording."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from psfir.comms.reading import LANG
from psfir.domain.message import Audience
from psfir.domain.values import frozen
from psfir.loading.files import Loaded, load, schema_key
from psfir.loading.nodes import Node
from psfir.loading.problems import Problems
from psfir.loading.shapes import ID, Key, ListOf, Record, Text, Words

SHIPPED = Path(__file__).parent / "packs"


class Level(StrEnum):
    """An error keeps a text from going out; a hint is advice."""

    ERROR = "error"
    HINT = "hint"


RULE = Record(
    "rule",
    (
        Key("id", ID, "what to call it", required=True),
        Key("level", Words(Level), "error or hint", required=True),
        Key("words", ListOf(Text(), least=1), "words and phrases, whole and in any case"),
        Key("patterns", ListOf(Text(), least=1), "regular expressions, in any case"),
        Key("says", Text(), "what is wrong with it", required=True),
        Key("better", Text(), "what to write instead", required=True),
        Key("except", ListOf(Words(Audience)), "readers for whom it does not count"),
        Key("only", ListOf(Words(Audience), least=1), "the only readers for whom it counts"),
    ),
)
PACK = Record(
    "pack of rules",
    (
        schema_key("pack"),
        Key("id", ID, "what to call it", required=True),
        Key("languages", ListOf(LANG), "for texts in these; default all"),
        Key("rules", ListOf(RULE, least=1), "what may not stand in a message", required=True),
    ),
)


@frozen
class Rule:
    """One rule, its words and patterns as one expression."""

    id: str
    level: Level
    looks: re.Pattern[str]
    says: str
    better: str
    languages: tuple[str, ...]
    without: tuple[Audience, ...] = ()
    only: tuple[Audience, ...] = ()

    def counts(self, audience: Audience, lang: str) -> bool:
        spoken = not self.languages or lang.partition("-")[0] in self.languages or lang in self.languages
        return spoken and audience not in self.without and (not self.only or audience in self.only)


def read_pack(path: Path, *, shown: str = "") -> Loaded:
    """The rules with the pack's problems: a pattern that is none is told at its line."""
    loaded = load(path, "pack", PACK, shown=shown)
    raw = loaded.value
    nodes = loaded.root.each("rules")
    if raw is None:
        return loaded
    rules = [_rule(one, raw, node, loaded.problems) for one, node in zip(raw["rules"], nodes, strict=True)]
    loaded.value = None if loaded.problems.errors else tuple(rule for rule in rules if rule)
    return loaded


@cache
def shipped() -> tuple[Rule, ...]:
    """The rules that come with psfir."""
    return tuple(rule for path in sorted(SHIPPED.glob("*.yaml")) for rule in read_pack(path).get())


def load_packs(root: Path, names: Iterable[str]) -> tuple[Rule, ...]:
    """The shipped rules and the workspace's own; ContentError with the problems of a pack."""
    return (*shipped(), *(rule for name in names for rule in read_pack(root / name, shown=name).get()))


def _rule(one: dict[str, Any], pack: dict[str, Any], node: Node, problems: Problems) -> Rule | None:
    if ("words" in one) == ("patterns" in one):
        problems.add(node, "a rule has either words or patterns", rule="missing-key")
        return None
    listed = node.get("patterns")
    for text, where in zip(one.get("patterns", ()), listed.items if listed else (), strict=True):
        _sound(text, where, problems)
    try:
        looks = re.compile("|".join(_expressions(one)), re.IGNORECASE | re.MULTILINE)
    except re.error:
        return None  # told at its line
    return Rule(
        id=f"{pack['id']}.{one['id']}",
        level=one["level"],
        looks=looks,
        says=one["says"],
        better=one["better"],
        languages=tuple(pack.get("languages", ())),
        without=tuple(one.get("except", ())),
        only=tuple(one.get("only", ())),
    )


def _expressions(one: dict[str, Any]) -> Iterator[str]:
    for words in one.get("words", ()):
        yield r"(?<!\w)" + r"\s+".join(re.escape(word) for word in words.split()) + r"(?!\w)"
    for pattern in one.get("patterns", ()):
        yield f"(?:{pattern})"


def _sound(pattern: str, where: Node, problems: Problems) -> None:
    try:
        found = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        problems.add(where, f"is no regular expression: {error}")
        return
    if found.match(""):
        problems.add(where, "fits the empty text, and so every message")
