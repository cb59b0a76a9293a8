"""docs/faults.md lists every fault as it says of itself, and its script is one."""

from pathlib import Path

import pytest

from psfir.app.range_script import Script
from psfir.loading.faults import ENTRY
from psfir.range.faults.catalogue import FAULTS
from psfir.range.faults.fault import PARTS, FaultAbout
from psfir.range.faults.settings import shown_default
from tests.docs.pages import blocks, table

HEADER = ("fault", "what goes wrong", "what a responder sees", "settings")


@pytest.fixture
def page(root: Path) -> Path:
    return root / "docs" / "faults.md"


def settings(about: FaultAbout) -> str:
    shown = (f"{one.name}={'' if one.default == '' else shown_default(one)} {one.line}" for one in about.settings)
    return "<br>".join(shown) or "none"


def test_every_fault_is_listed_as_it_is(page: Path) -> None:
    """Name, what goes wrong, what is seen of it, and each setting with its default."""
    rows = table(page, *HEADER)
    assert rows == [(one.name, one.line, one.sees, settings(one)) for one in FAULTS.values()]


def test_the_parts_are_those_there_are(page: Path) -> None:
    """The page names each."""
    named = f"The parts that `on` can name are {', '.join(PARTS[:-1])} and {PARTS[-1]}."
    assert named in " ".join(page.read_text(encoding="utf-8").split())


def test_every_key_of_a_script_is_listed(page: Path) -> None:
    """And which one is required."""
    rows = table(page, "key", "holds", "left out means")
    assert {row[0]: row[2] == "required" for row in rows} == {key.name: key.required for key in ENTRY.keys}


def test_the_script_that_is_shown_is_one(page: Path, tmp_path: Path) -> None:
    """It loads, and its names and settings are those of faults."""
    (example,) = blocks(page, "yaml")
    (tmp_path / "faults.yaml").write_text(example.text, encoding="utf-8")
    orders = Script(tmp_path / "faults.yaml").orders
    assert [(one.after, one.lasting, len(one.settings)) for one in orders] == [(0, None, 0), (5, 60, 1), (20, None, 2)]
