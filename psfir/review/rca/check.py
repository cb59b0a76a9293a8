"""What is missing in an analysis, or weak: each with its line and what to do, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from psfir.domain.kinds import Kind
from psfir.domain.people import Person
from psfir.domain.values import frozen
from psfir.review.rca.afterwards import afterwards
from psfir.review.rca.blocks import Block
from psfir.review.rca.document import OPEN, Analysis
from psfir.review.rca.factors import ContributingFactor, FactorAbout, FactorKind
from psfir.review.rca.material import Material
from psfir.review.rca.references import References
from psfir.review.rca.tags import unknown

SECTIONS = (
    *("Summary", "Impact", "System and change state", "Timeline", "Measures", "Detection", "Contributing factors"),
    "Remediation",
)
"""Those that make an analysis complete; the others may stay as they were laid out."""

LONGEST_SUMMARY = 150
_GUESS = re.compile(
    r"\b(?:probably|presumably|we believe|we think|most likely|apparently|it seems|it appears|must have been)\b",
    re.IGNORECASE,
)
_COUNTERFACTUAL = re.compile(
    r"\b(?:should have|could have|would have|ought to have|if only|failed to|neglected to|forgot to|did not bother)\b",
    re.IGNORECASE,
)
_BLAME = re.compile(
    r"\b(?:human error|operator error|user error|careless(?:ly|ness)?|negligen(?:t|ce)|incompeten(?:t|ce)|at fault)\b",
    re.IGNORECASE,
)
_CLAIM = re.compile(
    r"\b\d+(?:[.,]\d+)?\s*(?:%|percent|customers|people|users|answers|conversations|accounts|euros?|dollars?)"
)
_REF = re.compile(r"\[(?:entry \d+|E\d+)\]|sha256:[0-9a-f]{8,64}|https://")
_EMPTY = re.compile(
    r"\b(?:be more careful|pay attention|raise awareness|remind (?:everyone|people)|try harder)\b", re.IGNORECASE
)


@frozen
class Lack:
    """One thing that is missing (`error`) or weak; `line` counts from 1, 0 for the whole document."""

    line: int
    rule: str
    says: str
    todo: str
    error: bool = False


def _missing(line: int, rule: str, says: str, todo: str) -> Lack:
    return Lack(line, rule, says, todo, error=True)


def _weak(line: int, rule: str, says: str, todo: str) -> Lack:
    return Lack(line, rule, says, todo)


def check(analysis: Analysis, material: Material) -> list[Lack]:
    """All of it, in order of lines."""
    found = [
        *_head(analysis, material),
        *_sections(analysis),
        *_words(analysis, material),
        *_factors(analysis.factors, material),
        *_items(material, analysis.factors),
        *_publication(analysis, material),
        *_blocks(analysis.blocks),
    ]
    return sorted(found, key=lambda one: (one.line, not one.error, one.rule))


def _head(analysis: Analysis, material: Material) -> Iterator[Lack]:
    people = material.team.people
    named = [("owner", analysis.owner), ("facilitator", analysis.facilitator)]
    for word, person in (*named, *(("reviewer", one) for one in analysis.reviewers)):
        if person and person not in people:
            yield _missing(1, "person", f"the {word} {person!r} is nobody in psfir.yaml", "name somebody who is")
    if not analysis.facilitator:
        yield _missing(
            1, "facilitator", "nobody is named to lead the review", "facilitator: somebody who was no responder"
        )
    elif analysis.facilitator in responders(material):
        says = f"the facilitator {analysis.facilitator} was a responder"
        yield _missing(1, "facilitator", says, "name somebody who was not")
    for tag, meant in unknown(analysis.tags).items():
        yield _missing(1, "tag", f"{tag!r} is in none of the lists", meant)
    if not analysis.tags:
        yield _missing(1, "tag", "it has no tags", "tags: [output, LLM09]")


def responders(material: Material) -> set[str]:
    """Everybody who did something in the incident, or sat somewhere in it."""
    acted = {one.actor.partition(":")[2] for one in material.entries if one.actor and not afterwards(one)}
    return (acted | set(material.incident.seats.values())) & set(material.team.people)


def _sections(analysis: Analysis) -> Iterator[Lack]:
    lines = analysis.text.split("\n")
    heads = {line[3:].strip(): number for number, line in enumerate(lines, 1) if line.startswith("## ")}
    for name in SECTIONS:
        if name not in heads:
            yield _missing(0, "section", f"has no section {name!r}", f"write `## {name}`")
    section = ""
    for number, line in enumerate(lines, 1):
        section = line[3:].strip() if line.startswith("## ") else section
        if OPEN in line:
            yield (_missing if section in SECTIONS else _weak)(
                number,
                "open",
                f"nobody has written here yet ({section or 'head'})",
                "write it, or take it out",
            )
    summary = _between(lines, heads.get("Summary", 0))
    count = len(" ".join(summary).split())
    if count > LONGEST_SUMMARY:
        yield _weak(heads["Summary"], "summary", f"the summary has {count} words", f"at most {LONGEST_SUMMARY}")


def _words(analysis: Analysis, material: Material) -> Iterator[Lack]:
    """Only what people wrote: a generated row is the record's."""
    people = [person for person in material.team.people.values() if " " in person.name]
    references = References(material.entries)
    for number, line in _own(analysis):
        if found := _GUESS.search(line):
            yield _missing(
                number, "guess", f"{found[0]!r} guesses", "say what is known, or mark a factor as hypothesis"
            )
        if found := _COUNTERFACTUAL.search(line):
            yield _weak(
                number,
                "counterfactual",
                f"{found[0]!r} tells what did not happen",
                "tell what did, and why it made sense",
            )
        if found := _BLAME.search(line):
            yield _missing(
                number, "blame", f"{found[0]!r} looks for somebody to blame", "say which control was missing"
            )
        for person in people:
            yield from _named(number, line, person)
        if (found := _CLAIM.search(line)) and not _REF.search(line):
            yield _weak(number, "claim", f"{found[0]!r} rests on nothing", "name it: [entry 12], [E3], or a link")
        for astray in references.astray(line):
            says = f"{astray} is nowhere in the record of this incident"
            yield _missing(number, "claim", says, "name the entry that shows it")


def _named(number: int, line: str, person: Person) -> Iterator[Lack]:
    """In full or by address for certain; a given name may be a word of another meaning."""
    if person.name in line or (person.email and person.email in line):
        yield _missing(number, "name", f"names {person.name}", "say the role")
    elif re.search(rf"(?<!\w){re.escape(person.name.split()[0])}(?!\w)", line):
        yield _weak(number, "name", f"may name {person.name}", "say the role")


def _factors(found: Sequence[ContributingFactor], material: Material) -> Iterator[Lack]:
    if len({one.id for one in found}) < 2:  # noqa: PLR2004 - what happens has more than one cause
        yield _missing(
            0,
            "factors",
            f"has {len({one.id for one in found})} contributing factors",
            "write at least two, one of them about detection or response",
        )
    covered = {item.factor for item in material.items}
    ids = {one.id for one in found}
    seen: set[str] = set()
    for one in found:
        if one.id in seen:
            yield _missing(one.line, "factor", f"{one.id} is there twice", "give each factor a number of its own")
        seen.add(one.id)
        yield from _factor(one, ids)
        if one.id not in covered:
            says = f"{one.id} has neither an item nor an accepted risk"
            yield _missing(
                one.line, "uncovered", says, f"psfir remediation add TITLE --factor {one.id} --owner WHO --verify HOW"
            )
    abouts = {one.about for one in found}
    for wanted in (FactorAbout.DETECTION, FactorAbout.RESPONSE):
        if found and wanted not in abouts:
            yield _weak(0, "factors", f"no factor is about {wanted.value}", "write one, or say why there is none")


def _factor(one: ContributingFactor, ids: set[str]) -> Iterator[Lack]:
    if one.kind not in set(FactorKind):
        yield _missing(one.line, "factor", f"{one.id} is of no kind", f"- kind: one of {', '.join(FactorKind)}")
    if one.about not in set(FactorAbout):
        yield _missing(
            one.line,
            "factor",
            f"{one.id} does not say what it helps to explain",
            f"- about: one of {', '.join(FactorAbout)}",
        )
    if not one.proven and not one.hypothesis:
        yield _missing(one.line, "factor", f"{one.id} rests on nothing", "- evidence: [entry 12], or - hypothesis: yes")
    for other in one.led_to:
        if other not in ids:
            yield _missing(
                one.line, "factor", f"{one.id} led to {other}, which is not there", "write it, or take it out"
            )
    for tag, meant in unknown(one.tags).items():
        yield _missing(one.line, "tag", f"{tag!r} is in none of the lists", meant)


def _items(material: Material, found: Sequence[ContributingFactor]) -> Iterator[Lack]:
    ids = {one.id for one in found}
    for one in material.items:
        for word, value in (("owner", one.owner), ("due date", one.due), ("verification", one.verify)):
            if not value and one.status != "accepted_risk":
                todo = f"psfir remediation take {material.incident.id}/{one.id}"
                yield _missing(0, "item", f"{one.id} has no {word}", todo)
        if one.factor and one.factor not in ids:
            yield _missing(
                0, "item", f"{one.id} is for {one.factor}, which is not in the document", "write that factor"
            )
        if _EMPTY.search(one.title):
            yield _weak(0, "item", f"{one.id} asks people to be better", "change what they work with")


def _publication(analysis: Analysis, material: Material) -> Iterator[Lack]:
    """The day in the head is psfir's to write, and what went out is what was reviewed."""
    done = material.incident.published
    if done is None:
        days = {one.at[:10] for one in material.entries if one.kind == Kind.RCA_PUBLISHED}
        if analysis.published and analysis.published.isoformat() in days:
            says = f"the incident was opened again after this was published on {analysis.published}"
            yield _weak(1, "published", says, "write on; psfir rca publish writes the new day")
        elif analysis.published:
            says = f"says that it was published on {analysis.published}, and the record knows nothing of it"
            yield _missing(1, "published", says, "published: null; psfir rca publish writes the day")
    elif analysis.digest != done.digest:
        says = f"was changed since it was published on {done.at[:10]}"
        yield _weak(1, "published", says, "psfir rca review, then psfir rca publish")


def _blocks(found: Iterable[Block]) -> Iterator[Lack]:
    for one in found:
        if one.stale:
            says = f"the block {one.name} was edited, and the record tells something else by now"
            yield _weak(one.start + 1, "stale", says, f"psfir rca refresh --take {one.name}, or leave it")


def _own(analysis: Analysis) -> list[tuple[int, str]]:
    """The lines that are the writers': no head, no generated block, no fenced drawing."""
    generated = {line for one in analysis.blocks if not one.theirs for line in range(one.start, one.end + 1)}
    lines = analysis.text.split("\n")
    own = [(at + 1, line) for at, line in enumerate(lines) if at >= analysis.start and at not in generated]
    return [(number, line) for number, line in own if OPEN not in line]


def _between(lines: Sequence[str], head: int) -> list[str]:
    found: list[str] = []
    for line in lines[head:] if head else ():
        if line.startswith("## "):
            break
        found.append(line)
    return found
