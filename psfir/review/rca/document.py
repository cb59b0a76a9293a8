"""The document itself: laid out once, then its writers'. Psfir renews its own blocks in it and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from psfir.domain.canon import canonical_text, digest_bytes
from psfir.domain.values import frozen
from psfir.errors import ContentError
from psfir.loading.files import schema_key
from psfir.loading.front_matter import read_fronted
from psfir.loading.shapes import ID, Day, Key, ListOf, Record, Text
from psfir.review.rca import markdown as md
from psfir.review.rca.blocks import Block, Renewed, block, find, renew
from psfir.review.rca.factors import ContributingFactor, factors, graph
from psfir.review.rca.material import Material
from psfir.review.rca.sections import blocks

_PUBLISHED = re.compile(r"^published:[^\n]*\n", re.MULTILINE)
OPEN = "_Write here:"
"""How a place begins that nobody has written in yet."""

HEAD = Record(
    "analysis",
    (
        schema_key("rca"),
        Key("incident", Text(r"INC-[0-9]{8}-[a-z0-9]{6}", "an incident's number"), "which", required=True),
        Key("title", Text(), "what happened, in a line", required=True),
        Key("owner", ID, "the person who answers for it", required=True),
        Key("facilitator", ID, "who leads the review, and was no responder"),
        Key("reviewers", ListOf(ID), "who reads it before it is published"),
        Key("tags", ListOf(Text()), "failure modes, PSF domain, OWASP LLM and MITRE ATLAS ids"),
        Key("published", Day(optional=True), "when it was published; null until then"),
    ),
)


@frozen
class Analysis:
    """One document as read."""

    path: Path
    text: str
    incident: str
    title: str
    owner: str
    facilitator: str = ""
    reviewers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    published: date | None = None
    start: int = 0

    @property
    def digest(self) -> str:
        """What a yes to it names: all of it but the day of publication, which comes after the yeses."""
        head, body = self._split()
        return digest_bytes(canonical_text(_PUBLISHED.sub("", head) + body).encode())

    def dated(self, day: date) -> str:
        """Its text with the day of publication in the head."""
        head, body = self._split()
        line = f"published: {day.isoformat()}\n"
        if _PUBLISHED.search(head):
            return _PUBLISHED.sub(line, head) + body
        above, fence, below = head.rpartition("---")
        return above + line + fence + below + body

    def _split(self) -> tuple[str, str]:
        lines = self.text.splitlines(keepends=True)
        return "".join(lines[: self.start]), "".join(lines[self.start :])

    @property
    def blocks(self) -> list[Block]:
        return find(self.text)

    @property
    def factors(self) -> list[ContributingFactor]:
        return factors(self.text)


def read(path: Path, *, shown: str = "") -> Analysis:
    """ContentError with all problems of its head."""
    file = read_fronted(path, "rca", HEAD, shown=shown)
    raw = file.head.get()
    if not file.lines:
        raise ContentError(file.head.problems.found)
    values = {key: value for key, value in raw.items() if key != "schema"}
    return Analysis(path=path, text=file.text, start=file.start, **values)


def laid_out(material: Material, *, owner: str, facilitator: str, tags: tuple[str, ...]) -> str:
    """A new document: what the record tells is in it, what only people know is asked for."""
    made = contents(material, "")
    title = md.plain(material.incident.title)
    head = [
        "---",
        "schema: psfir.rca/1",
        f"incident: {material.incident.id}",
        f"title: {json.dumps(title, ensure_ascii=False)}",
        f"owner: {owner}",
        *([f"facilitator: {facilitator}"] if facilitator else []),
        f"tags: [{', '.join(tags)}]",
        "published: null",
        "---",
        "",
        f"# {material.incident.id}: {md.text(title)}",
        "",
    ]
    text = "\n".join(head) + _BODY.format_map({name: block(name, words) for name, words in made.items()})
    return renew(text, contents(material, text)).text


def renewed(analysis: Analysis, material: Material) -> Renewed:
    """The same document with the blocks that nobody touched as the record tells them now."""
    return renew(analysis.text, contents(material, analysis.text))


def contents(material: Material, text: str) -> Mapping[str, str]:
    """Every generated block by name; the graph comes from the factors that people wrote."""
    return {**blocks(material), "graph": graph(factors(text))}


_BODY = """
{about}

## Summary

_Write here: what happened, for whom, and how it ended, in at most 150 words and without a guess at the cause._

## Impact

_Write here: who was affected and how many (as of when), for how long, and what it cost._

_Write here: which answers, actions and commitments are still in effect, and which classes of data._

What the record does not say:

{gaps}

## System and change state

| what | before | after | source |
|---|---|---|---|
| model, version | _Write here:_ | _Write here:_ | |
| prompt and configuration | _Write here:_ | _Write here:_ | |
| index and memory | _Write here:_ | _Write here:_ | |
| tools | _Write here:_ | _Write here:_ | |

## Timeline

Rows below are the record's. What happened before it began, or beside it, belongs into the table after it.

{chart}

{timeline}

### Beside the record

| UTC | what | source |
|---|---|---|
| _Write here:_ | | |

## Measures

{metrics}

_Write here: what explains each miss._

## Detection

_Write here: how it was found, what should have found it, and why that did not._

## Contributing factors

{graph}

Questions that help; take out those that do not:

{prompts}

### F1: _Write here: what helped to let it happen_

- kind: condition
- about: cause
- evidence: [entry 0]
- hypothesis: yes
- led to: F2

_Write here: how it helped._

### F2: _Write here: what kept it from being found, or from being stopped, sooner_

- kind: detection_gap
- about: detection
- evidence: [entry 0]
- hypothesis: yes

_Write here: how it helped._

## Response

{levers}

### What went well

_Write here:_

### What went badly

_Write here:_

### Where we were lucky

_Write here:_

## Oversight and vendor

{oversight}

_Write here: who could have stopped it, whether they knew, what the vendor says, what the contract lets us ask._

## Communications and duties

{communications}

{duties}

## Remediation

{remediation}

## Learning

_Write here: what surprised us, what other teams should know, which drill replays this._

## Evidence

{evidence}
"""

LAID_OUT = frozenset(line.removeprefix("## ") for line in _BODY.split("\n") if line.startswith("## "))
"""The sections of every analysis."""
