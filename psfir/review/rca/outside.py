"""The analysis for people outside. What is not known to be for them is left out, and it says how much that was.

Of what the record wrote nothing is taken over: its milestones, times and remediation are told anew, without its words.
Of what people wrote those sections are that the outside asks about; a comment below a heading says otherwise for its
section: <!-- psfir:internal --> or <!-- psfir:external -->.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from psfir.domain.values import frozen, remade
from psfir.pages.blocks import Block, Bullets, Code, Document, Figure, Heading, Paragraph, Table, plain, table, words
from psfir.review.rca.document import LAID_OUT, OPEN, Analysis
from psfir.review.rca.figures import causes, milestone_course
from psfir.review.rca.material import Material
from psfir.review.rca.measures import measures
from psfir.review.rca.measures import words as length
from psfir.review.rca.parts import Part, parts
from psfir.review.rca.redact import Known, Redactor
from psfir.review.rca.sections import milestones

SECTIONS = frozenset({"Summary", "Impact", "Detection", "Contributing factors", "Response", "Remediation", "Learning"})
"""Whose words are for outside, unless they say otherwise."""

_FACTOR = re.compile(r"F\d+\b")
_KEYS = ("evidence:", "tags:", "hypothesis:", "kind:", "about:", "led to:")


@frozen
class LeftOut:
    """How many of something were left out of one section, or said in other words."""

    section: str
    kind: str
    count: int


@frozen
class Outside:
    document: Document
    left_out: tuple[LeftOut, ...]


def outside(analysis: Analysis, material: Material, known: Known, *, status: str) -> Outside:
    """The redacted document, which names at its end what was taken out."""
    redactor = Redactor(known)
    redactor.section = "title"
    title = redactor.text(analysis.title)
    blocks = list(_body(analysis, material, redactor))
    taken = sorted(redactor.taken.items())
    left = tuple(LeftOut(section, kind, count) for (section, kind), count in taken)
    foot = "Made by psfir rca export for people outside. Nothing in it was added to what the analysis says."
    return Outside(Document(title, status, [*blocks, *_left(left)], foot), left)


def _body(analysis: Analysis, material: Material, redactor: Redactor) -> Iterator[Block]:
    yield _about(material)
    redactor.section = "the beginning"
    for part in parts(analysis):
        if not part.section:
            _kept(part, redactor)
    for heading, inside in _sections(parts(analysis)):
        named = heading.section in LAID_OUT or _open(heading)
        redactor.section = redactor.quietly(heading.section) if named else "a section of our own"
        told = [] if heading.readers == "internal" else list(_told(heading.section, analysis, material, redactor))
        own = _own(inside, redactor)
        if told or own:
            yield redactor.words(_heading(heading))
            yield from (*told, *own)
        else:
            redactor.whole_section()


def _heading(part: Part) -> Heading:
    return part.block if isinstance(part.block, Heading) else Heading(2, words(part.section))


def _sections(found: Iterable[Part]) -> list[tuple[Part, list[Part]]]:
    """Each heading of the second level with all that stands below it."""
    sections: list[tuple[Part, list[Part]]] = []
    for part in found:
        if isinstance(part.block, Heading) and part.block.level == 2:  # noqa: PLR2004 - what psfir lays out
            sections.append((part, []))
        elif sections:
            sections[-1][1].append(part)
    return sections


def _own(inside: Iterable[Part], redactor: Redactor) -> list[Block]:
    """What people wrote for outside. A heading with nothing left below it goes too."""
    own: list[Block] = []
    for part in inside:
        kept = _kept(part, redactor)
        if isinstance(kept, Heading) and own and _led_to_nothing(own[-1]) and _level(own[-1]) >= kept.level:
            own.pop()
        if kept is not None:
            own.append(kept)
        elif own and isinstance(own[-1], Paragraph) and plain(own[-1].runs).endswith(":"):
            own.pop()  # it only led up to what is left out
    while own and _led_to_nothing(own[-1]):
        own.pop()
    return own


def _led_to_nothing(last: Block) -> bool:
    """A heading over nothing; a factor's says something by itself."""
    return isinstance(last, Heading) and not _FACTOR.match(plain(last.runs))


def _level(block: Block) -> int:
    return block.level if isinstance(block, Heading) else 0


def _kept(part: Part, redactor: Redactor) -> Block | None:
    block = part.block
    if not _open(part) or part.made:
        redactor.count("blocks of the record" if part.made else "blocks for inside")
    elif not isinstance(block, Paragraph | Bullets | Table | Heading):
        redactor.count("code")
    elif _unwritten(block):
        redactor.count("places that nobody has written in")
    elif isinstance(block, Bullets):
        items = tuple(item for item in block.items if not plain(item).lower().startswith(_KEYS))
        if len(items) < len(block.items):
            redactor.count("keys of factors", len(block.items) - len(items))
        return redactor.words(Bullets(items, block.ordered)) if items else None
    else:
        return redactor.words(block)
    return None


def _open(part: Part) -> bool:
    return part.readers == "external" or (part.readers != "internal" and part.section in SECTIONS)


def _unwritten(block: Block) -> bool:
    return any(mark in text for text in texts([block]) for mark in (OPEN, OPEN.strip("_")))


def _about(material: Material) -> Table:
    incident = material.incident
    rows = [
        ("Systems", ", ".join(material.systems.get(one, "an AI feature") for one in incident.systems)),
        ("Failure", incident.case.value.replace("_", " ") if incident.case else "not said"),
        ("Resolved", f"{incident.resolved_at[:10]}" if incident.resolved_at else "not yet"),
    ]
    return table((), rows)


def _told(section: str, analysis: Analysis, material: Material, redactor: Redactor) -> Iterator[Block]:
    """What the record says of it, in words that psfir chose."""
    if section == "Timeline":
        yield milestone_course(material)
        yield table(("UTC", "what"), [(f"{at:%Y-%m-%d %H:%M:%S}", name) for at, name in milestones(material)])
    elif section == "Measures":
        rows = [(one.name, one.line, length(one.took)) for one in measures(material) if one.took is not None]
        yield table(("measure", "from, to", "took"), rows)
    elif section == "Contributing factors":
        found = [one for one in analysis.factors if OPEN.strip("_") not in one.title]
        if found:
            yield causes([remade(one, title=redactor.title(one.title)) for one in found])
    elif section == "Remediation" and material.items:
        rows = [(one.title, one.due, one.status.replace("_", " ")) for one in material.items]
        redacted = redactor.words(table(("what", "due", "status"), rows))
        yield redacted


def _left(left: Sequence[LeftOut]) -> Iterator[Block]:
    yield Heading(2, words("What is left out"))
    if not left:
        yield Paragraph(words("Nothing."))
        return
    yield Paragraph(words("Left out of this version, or said in other words:"))
    yield table(("section", "what", "how many"), [(one.section, one.kind, str(one.count)) for one in left])


def texts(blocks: Iterable[Block]) -> Iterator[str]:
    """Every word of it, a cell, an item or a paragraph at a time: what a check of words reads."""
    for one in blocks:
        if isinstance(one, Heading | Paragraph):
            yield plain(one.runs)
        elif isinstance(one, Bullets):
            yield from (plain(item) for item in one.items)
        elif isinstance(one, Table):
            yield from (plain(cell) for row in (one.head, *one.rows) for cell in row)
        elif isinstance(one, Figure):
            yield one.title
            yield from texts([one.table])
        elif isinstance(one, Code):
            yield one.text
