"""The page of traps keeps its word: every trap has its row, and every test that a row names is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.docs.pages import table

ROWS = table(Path(__file__).parents[2] / "docs" / "traps.md", "no.", "trap", "tested by")
MARKED = re.compile(r"def (test_\w+_trap_(\d+))\(")


@cache
def names_in(path: Path) -> set[str]:
    """The names of the test functions of a file, those in classes too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_all_twenty_are_there() -> None:
    """Each number once, in order, with a sentence of its own."""
    assert [number for number, _, _ in ROWS] == [str(number) for number in range(1, 21)]
    assert len({sentence for _, sentence, _ in ROWS}) == 20


@pytest.mark.parametrize(("number", "tested"), [(number, tested) for number, _, tested in ROWS])
def test_every_trap_is_tested_or_says_what_it_waits_for(root: Path, number: str, tested: str) -> None:
    """A named test exists in the named file; what waits says for which part."""
    if tested.startswith("comes with "):
        return
    for named in tested.split(", "):
        path, _, name = named.partition("::")
        assert (root / path).is_file(), f"trap {number}: there is no {path}"
        assert name in names_in(root / path), f"trap {number}: {path} has no {name}"


def test_a_trap_that_is_tested_does_not_say_that_it_waits(root: Path) -> None:
    """A test marked `_trap_N` and a row N that says *comes with* contradict each other."""
    waiting = {number for number, _, tested in ROWS if tested.startswith("comes with ")}
    found = [
        f"name {path.relative_to(root)}::{name} in row {number} of docs/traps.md"
        for path in sorted((root / "tests").rglob("test_*.py"))
        for name, number in MARKED.findall(path.read_text(encoding="utf-8"))
        if number in waiting
    ]
    assert found == []


def test_every_mark_is_a_trap_of_the_page(root: Path) -> None:
    """No test is marked with a number that no trap has."""
    numbers = {number for number, _, _ in ROWS}
    files = sorted((root / "tests").rglob("test_*.py"))
    marks = {number for path in files for _, number in MARKED.findall(path.read_text(encoding="utf-8"))}
    assert marks <= numbers
