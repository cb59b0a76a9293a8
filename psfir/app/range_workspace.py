"""The workspace of a range that was given none: the reference system, as many times as it runs there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from psfir.app.demo import second_key
from psfir.app.init import WORDS, lay_out
from psfir.range.assistant.names import SYSTEM, Names


def own_workspace(home: Path, systems: int) -> Path:
    """Laid out once; it keeps its record from one range to the next, and gets what further systems need.

    What a range with more systems laid out goes, but for a system of which somebody has altered anything. Whoever plays
    alone there plays two: the second one signs.
    """
    if not (home / WORDS).is_file():
        lay_out(home, reference=True)
    books = sorted((home / "runbooks").glob(f"{SYSTEM}-*.yaml"))
    words = home / WORDS
    said = words.read_text(encoding="utf-8")
    for number in range(2, systems + 1):
        names = Names(number)
        for path, text in _further(books, names):
            if not path.exists():
                path.write_text(text, encoding="utf-8")
        said = with_system(said, names)
    for names in _beyond(said, systems):
        files = [(path, text) for path, text in _further(books, names) if path.exists()]
        less = without_system(said, names)
        if less != said and all(path.read_text(encoding="utf-8") == text for path, text in files):
            said = less
            for path, _ in files:
                path.unlink()
    words.write_text(said, encoding="utf-8")
    second_key(home)
    return home


def too_many(home: Path, systems: int) -> list[str]:
    """The further systems that its words still have: somebody altered what there is of them."""
    return [names.system for names in _beyond((home / WORDS).read_text(encoding="utf-8"), systems)]


def with_system(said: str, names: Names) -> str:
    """psfir.yaml with one more system like the first, behind the last one, unless it is there already."""
    if _block(said, "systems", names.system):
        return said
    last = Names(names.number - 1)
    for (section, mine), before in zip(_entries(said, names), (last.trigger, last.edges, last.system), strict=True):
        behind = _block(said, section, before)
        said = said.replace(behind, behind + mine, 1)
    return said


def without_system(said: str, names: Names) -> str:
    """psfir.yaml without what `with_system` gave it, as far as it is as it was."""
    entries = list(_entries(said, names))
    if all(mine in said for _, mine in entries):
        for _, mine in entries:
            said = said.replace(mine, "", 1)
    return said


def _entries(said: str, names: Names) -> Iterator[tuple[str, str]]:
    """What a further system has in psfir.yaml, each with its section: as the first, in its own names."""
    first = Names()
    for one, mine in ((first.trigger, names.trigger), (first.edges, names.edges)):
        again = _block(said, "connections", one).replace(f"  {one}:", f"  {mine}:", 1)
        yield "connections", re.sub(r"env:LAUNCHDARKLY_TRIGGER\w*", f"env:LAUNCHDARKLY_TRIGGER_{names.number}", again)
    yield "systems", names.said(_block(said, "systems", SYSTEM))


def _further(books: Sequence[Path], names: Names) -> Iterator[tuple[Path, str]]:
    """The runbooks of a further system: those of the first, in its own names."""
    for path in books:
        if _first(path):
            yield path.with_name(names.said(path.name)), names.said(path.read_text(encoding="utf-8"))


def _beyond(said: str, systems: int) -> list[Names]:
    """Those that psfir.yaml has beyond so many."""
    found = (int(one) for one in re.findall(rf"^  {SYSTEM}-(\d+):$", said, re.MULTILINE))
    return [Names(number) for number in sorted(found) if number > systems]


def _block(said: str, section: str, name: str) -> str:
    """The lines of one entry of a section, with its name; empty if there is none."""
    found = re.search(rf"^{section}:\n(?:(?:  .*|#.*|)\n)*?(  {re.escape(name)}:\n(?:    .*\n)*)", said, re.MULTILINE)
    return found[1] if found else ""


def _first(path: Path) -> bool:
    """Whether this runbook is one of the first system's."""
    return re.fullmatch(rf"{SYSTEM}-[a-z].*\.yaml", path.name) is not None
