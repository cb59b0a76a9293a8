"""The form of a message: what must stand in it, and how hard it is to read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from psfir.comms.finding import About, Finding, error, short
from psfir.comms.pack import Level
from psfir.comms.reading_grade import grade
from psfir.domain.message import EXERCISE, Phase

LONGEST_SENTENCE = 30
HARDEST = 10.0
"""School years: what most adults read without effort. It is a hint, and for English alone."""

_LAST = {Phase.RESOLVED, Phase.FOLLOW_UP, Phase.CORRECTION}

_COUNTED = (
    *("people", "customers", "users", "accounts", "conversations", "answers", "messages", "records", "orders"),
    *("Menschen", "Kunden", "Kundinnen", "Konten", "Gespräche", "Antworten", "Datensätze"),
)
_COUNT = re.compile(
    rf"(?<![\w.:-])\d{{1,3}}(?:[.,\u00a0 ]?\d{{3}})*(?![\w:-])\s+(?:\w+\s+){{0,2}}?(?:{'|'.join(_COUNTED)})\b",
    re.IGNORECASE,
)
_AS_OF = re.compile(r"\b(?:as of|stand)\b", re.IGNORECASE)
_NEXT = re.compile(
    r"\b(?:again by|next (?:word|update|message)|by then|say more by|wieder bis|nächste\w* (?:Nachricht|Meldung))\b",
    re.IGNORECASE,
)
_OPEN = re.compile(r"\{\{|\}\}|\{%|\bTODO\b|\bTBD\b|\bXXX\b|<[a-z _]+>", re.IGNORECASE)


def form(title: str, body: str, about: About) -> Iterator[Finding]:
    """The drill's marker, open fields, numbers without their time, no next word; and how hard it reads."""
    lines = (title, *body.split("\n"))
    yield from _marker(title, body, about)
    if about.filled:
        for number, match in _in(_OPEN, lines):
            yield error("open", number, match, "is a field that nobody filled", "Fill it, or take it out.")
    if not _AS_OF.search(body):
        for number, match in _in(_COUNT, lines):
            yield error("as-of", number, match, "is a number without its time", "Say `as of`, with the time.")
    if about.phase not in _LAST and not _NEXT.search(body):
        says = "does not say when the next word comes"
        yield error("next-update", len(lines) - 1, "", says, "We will write here again by ...")
    if about.lang.partition("-")[0] == "en":
        yield from _hard(lines)


def _in(pattern: re.Pattern[str], lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines):
        for match in pattern.finditer(line):
            yield number, match[0]


def _marker(title: str, body: str, about: About) -> Iterator[Finding]:
    marked = [EXERCISE in title, EXERCISE in body]
    if about.exercise and not all(marked):
        yield error("exercise", 0, title, "belongs to a drill and does not say so", f"Begin with {EXERCISE}.")
    if any(marked) and not about.exercise:
        yield error("exercise", 0, EXERCISE, "bears the marker of a drill in a live incident", "Take it out.")


def _hard(lines: Sequence[str]) -> Iterator[Finding]:
    """Formulas for English: a hint, never more."""
    for number, line in enumerate(lines):
        for sentence in re.split(r"(?<=[.!?])\s+", line):
            count = len(sentence.split())
            if count > LONGEST_SENTENCE:
                says = f"has {count} words in one sentence"
                yield Finding("long-sentence", Level.HINT, number, short(sentence), says, "Make two of it.")
    years = grade(" ".join(lines))
    if years > HARDEST:
        says = f"reads like school year {years:.0f}"
        yield Finding("reading-grade", Level.HINT, 0, "", says, "Use shorter words and sentences.")
