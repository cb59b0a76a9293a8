"""docs/architecture.md draws the house as it stands: its rooms, its layers and the entries of its journal."""

import re
import tomllib
from pathlib import Path

import pytest

from psfir.domain.kinds import CATALOGUE
from tests.docs.pages import blocks, table

BESIDE = "testing"


@pytest.fixture(scope="module")
def page(root: Path) -> Path:
    return root / "docs" / "architecture.md"


@pytest.fixture(scope="module")
def drawn(page: Path) -> list[list[str]]:
    """One list of rooms for each line of the drawing, the highest first."""
    drawings = [block.text for block in blocks(page, "text") if block.text.startswith("psfir/\n")]
    assert len(drawings) == 1
    lines = drawings[0].splitlines()[1:]
    return [re.split(r" \| ", re.split(r"  +", line.strip())[0]) for line in lines]


def rooms(root: Path) -> set[str]:
    """What stands right under psfir: folders with code in them, and the files that are layers of their own."""
    folders = {path.parent.name for path in (root / "psfir").glob("*/*.py")}
    return folders | {path.stem for path in (root / "psfir").glob("*.py") if not path.stem.startswith("__")}


def layers(root: Path) -> list[list[str]]:
    """The layers that the first import contract names, whether or not their rooms are open."""
    with (root / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    return [re.findall(r"\w+", layer) for layer in contracts[0]["layers"]]


def test_the_drawing_has_every_room_once(root: Path, drawn: list[list[str]]) -> None:
    """What stands under psfir is drawn, and what is drawn stands there."""
    named = [room for line in drawn for room in line]
    assert sorted(named) == sorted(rooms(root))


def test_the_drawing_has_the_layers_of_the_contract(root: Path, drawn: list[list[str]]) -> None:
    """Lines, their order and their siblings are those that import-linter holds."""
    standing = rooms(root)
    held = [sorted(room for room in layer if room in standing) for layer in layers(root)]
    assert [sorted(line) for line in drawn if line != [BESIDE]] == [layer for layer in held if layer]


def test_the_journal_table_is_the_catalogue(page: Path) -> None:
    """Each kind of entry is listed with its writer and what it holds, in the catalogue's order."""
    listed = table(page, "kind", "written by", "holds")
    known = [
        (kind.value, about.writer, about.line + (" (erasable)" if about.erasable else ""))
        for kind, about in CATALOGUE.items()
    ]
    assert listed == known


def test_the_heading_of_an_entry_is_named_in_full(page: Path) -> None:
    """The fields that the page lists are those of an entry, apart from its data and salt."""
    from dataclasses import fields

    from psfir.domain.entries import Entry

    listed = re.search(r"An entry holds `([^`]+)`", page.read_text(encoding="utf-8"))
    assert listed
    assert set(listed[1].split(", ")) == {field.name for field in fields(Entry)} - {"data", "salt"}
