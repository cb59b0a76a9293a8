"""The workspace of a range that was given none: the reference system, as many times as it runs there."""

from __future__ import annotations

import re
from pathlib import Path

from psfir.app.demo import second_key
from psfir.app.init import WORDS, lay_out
from psfir.range.assistant.names import SYSTEM, Names


def own_workspace(home: Path, systems: int) -> Path:
    """Laid out once; it keeps its record from one range to the next, and gets what further systems need.

    Whoever plays alone there plays two: the second one signs.
    """
    if not (home / WORDS).is_file():
        lay_out(home, reference=True)
    for number in range(2, systems + 1):
        names = Names(number)
        for path in sorted((home / "runbooks").glob(f"{SYSTEM}-*.yaml")):
            again = path.with_name(names.said(path.name))
            if _first(path) and not again.exists():
                again.write_text(names.said(path.read_text(encoding="utf-8")), encoding="utf-8")
    words = home / WORDS
    said = words.read_text(encoding="utf-8")
    for number in range(2, systems + 1):
        said = with_system(said, Names(number))
    words.write_text(said, encoding="utf-8")
    second_key(home)
    return home


def with_system(said: str, names: Names) -> str:
    """psfir.yaml with one more system like the first, behind the last one, unless it is there already."""
    if _block(said, "systems", names.system):
        return said
    last = Names(names.number - 1)
    for before, mine in ((last.trigger, names.trigger), (last.edges, names.edges)):
        block = _block(said, "connections", before)
        again = block.replace(f"  {before}:", f"  {mine}:", 1)
        again = re.sub(r"env:LAUNCHDARKLY_TRIGGER\w*", f"env:LAUNCHDARKLY_TRIGGER_{names.number}", again)
        said = said.replace(block, block + again, 1)
    block = _block(said, "systems", last.system)
    return said.replace(block, block + names.said(_block(said, "systems", SYSTEM)), 1)


def _block(said: str, section: str, name: str) -> str:
    """The lines of one entry of a section, with its name; empty if there is none."""
    found = re.search(rf"^{section}:\n(?:(?:  .*|#.*|)\n)*?(  {re.escape(name)}:\n(?:    .*\n)*)", said, re.MULTILINE)
    return found[1] if found else ""


def _first(path: Path) -> bool:
    """Whether this runbook is one of the first system's."""
    return re.fullmatch(rf"{SYSTEM}-[a-z].*\.yaml", path.name) is not None
