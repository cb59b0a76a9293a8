"""`psfir.clock/1`: one file a clock. The same shape reads those that ship and those that a workspace brings."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from psfir.domain.duties import CalendarWords
from psfir.loading.files import Loaded, load, schema_key
from psfir.loading.nodes import Node
from psfir.loading.review_block import COUNTRY, PLACE, WORD
from psfir.loading.scalars import ZONE
from psfir.loading.shapes import ID, Day, Flag, Key, ListOf, Record, Text, Whole, Words
from psfir.review.clock import Applies, Beyond, Clock, Fact, Grade, Kind, Limit, Reading, Rule

_ADDRESS = Text(r"https://\S+", "an address that begins with https://")
_HOUR = Text(r"([01][0-9]|2[0-3]):[0-5][0-9]", "a time of day such as 17:30")
_ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

BEYOND = Record(
    "condition",
    (
        Key("fact", Words(Fact), "the fact that came first", required=True),
        Key("hours", Whole(1, 10_000), "how many hours after it", required=True),
    ),
    Beyond,
)
LIMIT = Record(
    "limit",
    (
        Key("start", Words(Fact), "the fact that starts it"),
        Key("after", ListOf(ID, least=1), "clocks of which one must have been submitted: that starts it"),
        Key("kind", Words(Kind), "how it is counted", required=True),
        Key("n", Whole(1, 10_000), "how many; none for `immediately`"),
        Key("beyond", BEYOND, "counts only if its start is later than this"),
    ),
    Limit,
)
READING = Record(
    "reading",
    (
        Key("rule", Words(Rule), "how it is counted", required=True),
        Key("basis", Text(), "what the rule rests on", required=True),
        Key("hour", _HOUR, "the time of day of a cut-off"),
    ),
    Reading,
)
APPLIES = Record(
    "applies block",
    (
        Key("roles", ListOf(WORD), "one of them must be the company's"),
        Key("data", ListOf(WORD), "one of them must be handled"),
        Key("jurisdictions", ListOf(PLACE), "in one of them the company must be"),
        Key("high_risk", Flag(), "whether only for high-risk systems; default false"),
    ),
    Applies,
)
CALENDAR = Record(
    "calendar",
    (
        Key("country", COUNTRY, "whose holidays are off", required=True),
        Key("zone", ZONE, "the time zone in which its days end", required=True),
    ),
)
CLOCK = Record(
    "clock",
    (
        schema_key("clock"),
        Key("id", ID, "what to call it", required=True),
        Key("regime", Text(), "the law, in a word", required=True),
        Key("paragraph", Text(), "where in it", required=True),
        Key("title", Text(), "what is to be done", required=True),
        Key("who", Text(), "whose duty it is", required=True),
        Key("to", Text(), "who must be told", required=True),
        Key("quote", Text(), "the words that say the time, unchanged", required=True),
        Key("source_url", _ADDRESS, "where the official text is", required=True),
        Key("read_at", _ADDRESS, "where the words were read, if it was a copy"),
        Key("retrieved_on", Day(), "when they were read", required=True),
        Key("review_by", Day(), "when they must be read again", required=True),
        Key("verified_by", Text(), "the person who compared them with the official text"),
        Key("grade", Words(Grade), "how near to the official text the words are", required=True),
        Key("limits", ListOf(LIMIT, least=1), "how it falls due; of several, the earliest binds", required=True),
        Key("at_once", Words(Fact), "the fact from which on it is due at once"),
        Key("group", ID, "of the clocks of one group, only the shortest runs"),
        Key("yields_to", ID, "the clock that takes its place where that one runs"),
        Key("readings", ListOf(READING), "other ways to count, shown and never the alarm"),
        Key("calendar", CALENDAR, "whose business days; default the incident's"),
        Key("applies", APPLIES, "what has to be so that it may run"),
        Key("in_force_from", Day(), "the first day on which it counts"),
        Key("allows_initial_report", Flag(), "whether a first, incomplete report is enough; default false"),
        Key("delayable", Flag(), "whether law enforcement may delay it; default false"),
        Key("holds_evidence", Flag(), "whether the system may not be altered before it is told; default false"),
        Key("note", Text(), "what to know beside it"),
        Key("enabled", Flag(), "whether it is proposed at all; default true"),
        Key("reason", Text(), "why it is not enabled"),
    ),
)


def read_clock(path: Path, *, shown: str = "") -> Loaded:
    """One clock with its problems."""
    loaded = load(path, "clock", CLOCK, shown=shown)
    for node in loaded.root.each("limits"):
        _check_limit(loaded, node)
    raw = loaded.value
    if raw is None:
        return loaded
    _check_whole(loaded, raw)
    raw.pop("schema")
    words = raw.pop("calendar", None)
    calendar = CalendarWords("", words["country"], zone=words["zone"]) if words else None
    loaded.value = Clock(**raw, calendar=calendar)
    return loaded


def numbers_in(quote: str) -> set[int]:
    """Every number in a text, in digits or in words such as `seventy-two`."""
    return {n for word in re.findall(r"[a-z]+(?:-[a-z]+)?|[0-9]+", quote.lower()) if (n := _number(word)) is not None}


def _number(word: str) -> int | None:
    if word.isdigit():
        return int(word)
    tens, _, ones = word.partition("-")
    if tens in _TENS:
        return 10 * (_TENS.index(tens) + 2) + (_ONES.index(ones) if ones in _ONES else 0)
    return _ONES.index(word) if word in _ONES else None


def _check_limit(loaded: Loaded, node: Node) -> None:
    if (node.get("start") is None) == (node.get("after") is None):
        loaded.problems.add(node, "a limit has either a `start` or an `after`", rule="missing-key")
    kind = node.get("kind")
    if kind and (kind.text == Kind.IMMEDIATELY) != (node.get("n") is None):
        loaded.problems.add(node, "`n` says how many; only `immediately` has none", rule="missing-key")


def _check_whole(loaded: Loaded, raw: dict[str, Any]) -> None:
    """The number is that of the quote, no date lies about itself, and what is off says why."""
    said = numbers_in(raw["quote"])
    for limit, node in zip(raw["limits"], loaded.root.each("limits"), strict=True):
        if limit.n and limit.n not in said and raw.get("enabled", True):
            loaded.problems.add(node.at("n"), f"the quote does not say {limit.n}", rule="quote")
    retrieved: date = raw["retrieved_on"]
    if raw["review_by"] <= retrieved:
        loaded.problems.add(loaded.root.at("review_by"), "must be after `retrieved_on`", rule="dates")
    if not raw.get("enabled", True) and not raw.get("reason"):
        loaded.problems.add(loaded.root.at("enabled"), "a clock that is off needs its `reason`", rule="missing-key")
