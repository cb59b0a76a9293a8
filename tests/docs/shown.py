"""What a page shows of psfir at work: commands behind `$`, what they print below, their exit codes behind `echo $?`."""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.pages import blocks

CHANGES_EVERY_TIME = re.compile(
    r"\S*/(?=psfir-demo/)"  # where the reader's own folder is
    r"|INC-[\w-]+|sha256:[0-9a-f]+|\b[0-9a-f]{8,}\b"  # incidents, digests
    r"|\b(?:\d[\d.]*(?:ms|[smhd]))+\b|\d{4}-\d\d-\d\dT?[\d:.Z ]*|\b\d\d:\d\d\b|\b\d+\b"  # spans, instants, counts
)


@dataclass
class Shown:
    """One command of a console block, the lines below it, and the exit code that `echo $?` shows, else 0."""

    command: str
    line: int
    lines: list[str] = field(default_factory=list)
    code: int = 0


def shown(page: Path) -> list[Shown]:
    found: list[Shown] = []
    for block in blocks(page, "console"):
        for at, line in enumerate(block.text.splitlines(), block.line):
            if line.startswith("$ "):
                found.append(Shown(line[2:], at))
            elif found[-1].command == "echo $?":
                found.pop()
                found[-1].code = int(line)
            else:
                found[-1].lines.append(line)
    return found


def steady(line: str) -> str:
    """The line without what differs from run to run: ids, digests, times, counts and the width of columns."""
    return re.sub(r"\s+", " ", CHANGES_EVERY_TIME.sub("#", line)).strip()


def unfound(lines: list[str], printed: str) -> list[str]:
    """The shown lines that were not printed as often, in whatever order: steps run side by side. `...` is left out."""
    left = Counter(steady(line) for line in printed.splitlines())
    missing = []
    for line in lines:
        if line.strip() not in {"", "..."}:
            left[steady(line)] -= 1
            if left[steady(line)] < 0:
                missing.append(line)
    return missing
