"""The pages as data: their fenced blocks, tables, links and code spans, so that tests can hold them to the code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block and the line on which its text begins."""

    kind: str
    text: str
    line: int


def pages(root: Path) -> list[Path]:
    """Every page of prose that is published."""
    folders = ("docs", "runbooks", "playbooks", "comms_templates", "drills")
    return sorted([*root.glob("*.md"), *(page for folder in folders for page in (root / folder).glob("**/*.md"))])


def blocks(page: Path, kind: str) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = (
        Block(m["kind"], m["text"], text.count("\n", 0, m.start("text")) + 1)
        for m in FENCE.finditer(text)
        if m["kind"] == kind
    )
    return list(found)


def table(page: Path, *header: str) -> list[tuple[str, ...]]:
    """The rows of the one table with these headings, without code marks."""
    lines = page.read_text(encoding="utf-8").splitlines()
    starts = [at for at, line in enumerate(lines) if _cells(line) == header]
    assert len(starts) == 1, f"{page.name} has {len(starts)} tables headed {header}"
    rows = []
    for line in lines[starts[0] + 2 :]:
        if not line.startswith("|"):
            break
        rows.append(tuple(cell.replace("`", "") for cell in _cells(line)))
    return rows


def spans(page: Path) -> Iterator[tuple[int, str]]:
    """Every code span outside fenced blocks, with its line."""
    text = FENCE.sub(lambda m: "\n" * m[0].count("\n"), page.read_text(encoding="utf-8"))
    for at, line in enumerate(text.splitlines(), 1):
        for span in re.findall(r"`([^`]+)`", line):
            yield at, span


def _cells(line: str) -> tuple[str, ...]:
    if not line.startswith("|"):
        return ()
    return tuple(cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1])
