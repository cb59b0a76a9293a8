"""docs/levers.md shows what `psfir lever new` writes, line by line, and its tables are those of the code."""

from __future__ import annotations

import importlib
from dataclasses import fields
from pathlib import Path

import pytest

import psfir.errors
from psfir.app.catalog import installed_catalog
from psfir.app.scaffold import write_package
from psfir.contracts import Lever
from psfir.domain.about import FieldType, LeverAbout
from psfir.domain.change import Result
from psfir.domain.connecting import KeyType
from psfir.engine.pull import outcome_of
from psfir.errors import Drift, PsfirError
from tests.docs.pages import blocks, table


@pytest.fixture(scope="module", name="page")
def _page(root: Path) -> Path:
    return root / "docs" / "levers.md"


@pytest.fixture(scope="module", name="written")
def _written(tmp_path_factory: pytest.TempPathFactory) -> str:
    """All that the page's command writes."""
    made = write_package("acme.gate", tmp_path_factory.mktemp("made"), installed_catalog())
    return "\n".join((made.root / path).read_text(encoding="utf-8") for path in made.files)


@pytest.mark.parametrize("kind", ["python", "yaml", "toml"])
def test_what_is_shown_is_what_is_written(page: Path, written: str, kind: str) -> None:
    """Each block stands in one of the files as it is, but for the depth of a README's own."""
    shown = [block.text.rstrip() for block in blocks(page, kind)]
    flat = "\n".join(line.removeprefix("    ") for line in written.splitlines())
    assert [text for text in shown if text not in written and text not in flat] == []
    assert shown


def test_the_methods_are_those_of_the_socket(page: Path) -> None:
    """Five, by their names."""
    listed = {row[0].partition("(")[0] for row in table(page, "method", "touches the world", "gives")}
    assert listed == {"read", "plan", "apply", "verify", "restore"}
    assert all(hasattr(Lever, name) for name in listed)


def test_each_error_leads_to_its_outcome(page: Path) -> None:
    """As the engine maps it, and no error of a call is left out."""
    rows = table(page, "error", "outcome", "say it when")
    for name, outcome, _ in rows:
        kind = getattr(psfir.errors, name)
        error = Drift("x", expected=1, found=2) if kind is Drift else kind("x")
        assert outcome_of(error).result.value == outcome, name
    called = {kind for kind in vars(psfir.errors).values() if isinstance(kind, type) and issubclass(kind, PsfirError)}
    outside = {"PsfirError", "UsageError", "ContentError", "CatalogError", "RecordError", "Superseded"}
    assert {row[0] for row in rows} == {kind.__name__ for kind in called} - outside
    said = {row[1] for row in rows} | {"changed", "already_so"}
    assert said == {result.value for result in Result}


@pytest.mark.parametrize(
    ("header", "known"),
    [
        (("key type", "is", "the lever gets it"), [one.name for one in KeyType]),
        (("field type", "takes"), [one.name for one in FieldType]),
    ],
)
def test_every_type_is_explained(page: Path, header: tuple[str, ...], known: list[str]) -> None:
    """In the order of the code."""
    assert [row[0] for row in table(page, *header)] == known


def test_all_that_a_lever_says_is_explained(page: Path) -> None:
    """No word of `about` is left out."""
    assert {row[0] for row in table(page, "word", "says")} == {one.name for one in fields(LeverAbout)}


def test_what_a_package_may_rely_on_is_there(page: Path, written: str) -> None:
    """Each module can be imported, and what is written imports no other of psfir's."""
    rows = table(page, "module", "has")
    for name, _ in rows:
        importlib.import_module(name)
    used = {line.split()[1] for line in written.splitlines() if line.startswith("from psfir.")}
    assert used <= {row[0] for row in rows}
