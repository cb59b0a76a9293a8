"""Every lever meets every fault through a real socket: the word for what became of it is the right one, and in time."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from psfir.app.catalog import installed_catalog
from psfir.testing import MATRIX, Row, Stage, meet
from tests.levers.stages import STAGES, WITHOUT_A_WIRE

Note = Callable[[str, str], None]


DEPENDS = {
    "reset, applied",
    "cut in the body",
    "malformed body",
    "409 once",
    "500, applied",
    "503, applied",
    "504 after a long wait, applied",
    "drift between plan and pull",
}
"""The faults whose outcome rests on what the lever reads and writes, and not on its client alone."""


def _meets(stage: type[Stage], row: Row) -> bool:
    """Another setting of the same lever, done in one write, goes over the same client: the rest is met already.

    So is what another server behind that client is asked.
    """
    return row.name in DEPENDS or stage.name == stage.lever_name() or (stage.pull > 1 and not stage.again)


CASES = [
    pytest.param(stage, row, id=f"{stage.name}: {row.name}") for stage in STAGES for row in MATRIX if _meets(stage, row)
]


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pki")


@pytest.fixture
def stage(make: type[Stage]) -> Iterator[Stage]:
    with make() as stage:
        yield stage


@pytest.mark.parametrize(("make", "row"), CASES)
def test_what_goes_wrong(stage: Stage, row: Row, pki: Path, record_property: Note) -> None:
    """A reading fails for what it is; a pull ends as one of the words that are right for what the world became."""
    record_property("stage", stage.name)
    record_property("fault", row.name)
    meet(stage, row, pki=pki)


def test_every_lever_with_a_wire_has_a_stage() -> None:
    """Whoever adds a lever adds its stage."""
    catalog = installed_catalog()
    ours = {name for name in catalog.names("levers") if catalog.source("levers", name).startswith("psfir ")}
    assert ours - WITHOUT_A_WIRE == {stage.lever_name() for stage in STAGES}


def test_the_size_of_the_matrix_is_said(root: Path) -> None:
    """Also when the cases run in other processes; the last line stays pytest's own."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "1", "-k", "http.request and refused", str(Path(__file__))]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=50, check=True)
    *_, size, last = run.stdout.splitlines()
    assert size == "1 case of 1 stage and 1 fault, each read and pulled through a real socket; 0 wrong"
    assert last.startswith("1 passed")
