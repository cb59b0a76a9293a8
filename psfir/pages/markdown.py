"""Markdown as blocks: the part of it that psfir lays out and people use in a report.

Headings, paragraphs, lists, tables, fenced code, quotes, emphasis, links and comments. Whatever is none of these is
text as it stands, raw HTML too: nothing that somebody wrote becomes a part of a page. Time grows with the length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from psfir.pages.blocks import Block, Bullets, Code, Comment, Heading, Paragraph, Runs, Table
from psfir.pages.inline import runs

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*(\w*).*")
_ITEM = re.compile(r"\s*(?:(?P<bullet>[-*+])|(?P<number>\d{1,9})[.)])\s+(?P<words>.*)")
_DASHES = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_RULE = re.compile(r"\s*(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})")
_BAR = re.compile(r"(?<!\\)\|")


def blocks(text: str) -> list[Block]:
    """All of it, in order."""
    reader = _Reader(text.replace("\r\n", "\n").split("\n"))
    return list(reader.all())


class _Reader:
    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = list(lines)
        self._at = 0

    def all(self) -> Iterator[Block]:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            heading = _HEADING.fullmatch(line.rstrip())
            if not line.strip() or _RULE.fullmatch(line):
                self._at += 1
            elif heading:
                self._at += 1
                yield Heading(len(heading[1]), runs(heading[2]))
            elif line.lstrip().startswith("<!--"):
                yield self._comment()
            elif _FENCE.fullmatch(line):
                yield self._code()
            elif self._tabular():
                yield self._table()
            elif _ITEM.fullmatch(line):
                yield self._list()
            else:
                yield self._paragraph()

    def _comment(self) -> Comment:
        found = []
        while self._at < len(self._lines):
            found.append(self._lines[self._at])
            self._at += 1
            if "-->" in found[-1]:
                break
        said, _, rest = "\n".join(found).strip().removeprefix("<!--").partition("-->")
        if rest.strip():
            self._at -= 1
            self._lines[self._at] = rest.lstrip()
        return Comment(said.strip())

    def _code(self) -> Code:
        opening = _FENCE.fullmatch(self._lines[self._at])
        fence, kind = (opening[1], opening[2]) if opening else ("```", "")
        found = []
        self._at += 1
        while self._at < len(self._lines):
            line = self._lines[self._at]
            self._at += 1
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                break
            found.append(line)
        return Code("\n".join(found), kind)

    def _tabular(self) -> bool:
        after = self._lines[self._at + 1] if self._at + 1 < len(self._lines) else ""
        return "|" in self._lines[self._at] and "|" in after and _DASHES.fullmatch(after) is not None

    def _table(self) -> Table:
        head = _cells(self._lines[self._at])
        self._at += 2
        rows = []
        while self._at < len(self._lines) and "|" in self._lines[self._at]:
            rows.append(_cells(self._lines[self._at]))
            self._at += 1
        wide = len(head)
        fitting = tuple((*row, *[()] * wide)[:wide] for row in rows)
        return Table(head if any(head) else (), fitting)

    def _list(self) -> Bullets:
        items: list[str] = []
        first = _ITEM.fullmatch(self._lines[self._at])
        while self._at < len(self._lines):
            line = self._lines[self._at]
            found = _ITEM.fullmatch(line)
            if found:
                items.append(found["words"])
            elif self._ends(line):
                break
            else:
                items[-1] += f" {line.strip()}"
            self._at += 1
        return Bullets(tuple(runs(item) for item in items), bool(first and first["number"]))

    def _paragraph(self) -> Paragraph:
        found = [self._lines[self._at]]
        self._at += 1
        while self._at < len(self._lines) and not self._ends(self._lines[self._at]) and not self._tabular():
            if _ITEM.fullmatch(self._lines[self._at]):
                break
            found.append(self._lines[self._at])
            self._at += 1
        return Paragraph(runs(" ".join(re.sub(r"^\s*>\s?", "", line).strip() for line in found)))

    def _ends(self, line: str) -> bool:
        """Whether this line begins something else."""
        starts = line.lstrip().startswith("<!--") or _FENCE.fullmatch(line) or _HEADING.fullmatch(line.rstrip())
        return not line.strip() or bool(starts) or _RULE.fullmatch(line) is not None


def _cells(line: str) -> tuple[Runs, ...]:
    inner = line.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return tuple(runs(cell.strip()) for cell in _BAR.split(inner))
