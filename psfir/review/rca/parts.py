"""An analysis in the parts that an export is made of: each block with its section and with whom it is from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from psfir.domain.values import frozen
from psfir.pages.blocks import Block, Comment, Heading, plain
from psfir.pages.markdown import blocks
from psfir.review.rca.blocks import find
from psfir.review.rca.document import Analysis

_BEGIN = re.compile(r"psfir:begin (?P<name>[a-z][a-z-]*) .*")
_END = re.compile(r"psfir:end [a-z][a-z-]*")
_READERS = re.compile(r"psfir:(?P<readers>internal|external)")


@frozen
class Part:
    """`made` names the generated block it stands in, `theirs` if a person has changed that block.

    `readers` is what its writers say of its section: `internal`, `external`, or nothing.
    """

    block: Block
    section: str
    made: str = ""
    theirs: bool = False
    readers: str = ""


def parts(analysis: Analysis) -> Iterator[Part]:
    """All below the title, in order; what psfir alone reads is left out."""
    edited = {one.name for one in find(analysis.text) if one.theirs}
    found = blocks("\n".join(analysis.text.replace("\r\n", "\n").split("\n")[analysis.start :]))
    marks: dict[int, str] = {}
    section = made = ""
    for block, after in zip(found, [*found[1:], None], strict=True):
        if isinstance(block, Comment):
            begun = _BEGIN.fullmatch(block.text)
            made = begun["name"] if begun else "" if _END.fullmatch(block.text) else made
            continue
        if isinstance(block, Heading):
            marks = {level: mark for level, mark in marks.items() if level < block.level}
            if isinstance(after, Comment) and (mark := _READERS.fullmatch(after.text)):
                marks[block.level] = mark["readers"]
            if block.level == 1:
                continue
            section = plain(block.runs) if block.level == 2 else section  # noqa: PLR2004 - what psfir lays out
        yield Part(block, section, made, made in edited, marks[max(marks)] if marks else "")
