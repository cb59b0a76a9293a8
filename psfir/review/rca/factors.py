"""Contributing factors as people write them: a heading each, a few keys, and words. Drawn as a graph, never as a chain.

### F1: The prompt went out without an evaluation

- kind: missing_control
- about: cause
- evidence: [entry 12]
- led to: F2
- tags: LLM09, AML.T0051

What made it possible, in the words of whoever knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum

from psfir.domain.values import frozen

_HEAD = re.compile(r"### (F[0-9]+)\b[:.]?\s*(.*)")
_KEY = re.compile(r"- ([a-z ]+):\s*(.*)")
_REF = re.compile(r"\[(?:entry \d+|E\d+)\]|sha256:[0-9a-f]{8,64}")


class FactorKind(StrEnum):
    """What a factor is. None of them is a person."""

    CONDITION = "condition"
    CHANGE = "change"
    DECISION = "decision"
    MISSING_CONTROL = "missing_control"
    FAILED_CONTROL = "failed_control"
    DETECTION_GAP = "detection_gap"


class FactorAbout(StrEnum):
    """What it helps to explain."""

    CAUSE = "cause"
    DETECTION = "detection"
    RESPONSE = "response"


@frozen
class ContributingFactor:
    """One of the several things that together let it happen. `line` counts from 1 in the document."""

    id: str
    title: str
    line: int
    kind: str = ""
    about: str = ""
    evidence: str = ""
    hypothesis: bool = False
    led_to: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    words: str = ""

    @property
    def proven(self) -> bool:
        """Whether it names what it rests on."""
        return bool(_REF.search(self.evidence) or _REF.search(self.words))


def factors(text: str) -> list[ContributingFactor]:
    """Every factor of a document, in order."""
    lines = text.split("\n")
    heads = [(at, found) for at, line in enumerate(lines) if (found := _HEAD.fullmatch(line.rstrip()))]
    ends = [at for at, line in enumerate(lines) if line.startswith(("## ", "### "))] + [len(lines)]
    return [_factor(found, at, lines[at + 1 : min(end for end in ends if end > at)]) for at, found in heads]


def _factor(head: re.Match[str], at: int, body: Sequence[str]) -> ContributingFactor:
    keys = {found[1].strip(): found[2].strip() for line in body if (found := _KEY.fullmatch(line.strip()))}
    words = "\n".join(line for line in body if not _KEY.fullmatch(line.strip())).strip()
    return ContributingFactor(
        id=head[1],
        title=head[2].strip(),
        line=at + 1,
        kind=keys.get("kind", ""),
        about=keys.get("about", ""),
        evidence=keys.get("evidence", ""),
        hypothesis=keys.get("hypothesis", "no").lower() in {"yes", "true"},
        led_to=tuple(_listed(keys.get("led to", ""))),
        tags=tuple(_listed(keys.get("tags", ""))),
        words=words,
    )


def _listed(text: str) -> Iterable[str]:
    return (word.strip() for word in text.split(",") if word.strip())


def graph(found: Sequence[ContributingFactor]) -> str:
    """A Mermaid graph; a hypothesis is drawn with a broken line."""
    if not found:
        return "No factor is written yet: `### F1: ...` below."
    lines = ["```mermaid", "flowchart LR"]
    known = {one.id for one in found}
    for one in found:
        title = re.sub(r"[^\w .,()/%+-]", " ", one.title).strip() or one.id
        lines.append(f'    {one.id}["{one.id}: {title}"]')
    for one in found:
        arrow = "-.->" if one.hypothesis else "-->"
        lines += [f"    {one.id} {arrow} {other}" for other in one.led_to if other in known]
    return "\n".join([*lines, "```"])
