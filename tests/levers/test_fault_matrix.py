"""Every lever meets every fault through a real socket: the word for what became of it is the right one, and in time."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import pytest

from psfir.app.catalog import installed_catalog
from psfir.domain.change import Held, Result
from psfir.domain.scrub import Scrubber
from psfir.errors import LeverError, NoAnswer
from psfir.range.front import Front
from tests.levers.bad_world import Pulled, pointed, pull
from tests.levers.matrix import DONE, LONG, MATRIX, NOT_DONE, Place, Row
from tests.levers.stage import Stage
from tests.levers.stages import STAGES, WITHOUT_A_WIRE
from tests.shares import GRACE
from tests.vendors.http_stand_in import authority

PAUSE = 1.0
"""What the engine itself waits before it tries again, at most."""

READING = 0.2

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
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def stage(make: type[Stage]) -> Iterator[Stage]:
    with make() as stage:
        yield stage


@pytest.mark.parametrize(("make", "row"), CASES)
def test_what_goes_wrong(stage: Stage, row: Row, certificate: Path, record_property: Note) -> None:
    """A reading fails for what it is; a pull ends as one of the words that are right for what the world became."""
    assert stage.secrets, "a stage says which secrets its connection hands out, so that it is seen that none gets out"
    record_property("stage", stage.name)
    record_property("fault", row.name)
    if row.reading:
        _check_error(_read(stage, row, certificate), row, stage)
    with Front(stage.upstream) as front:
        pulled = pull(stage, row, front=front, certificate=certificate)
    _check_outcome(pulled, row, stage)
    _check_truth(pulled, row, stage)
    _check_words(pulled, stage)


def _read(stage: Stage, row: Row, certificate: Path) -> tuple[object, float]:
    """A reading on a wire that is wrong from the first request on: what it raised, and how long it took."""
    share = READING if row.share < LONG else row.share
    with Front(stage.upstream) as front, pointed(stage, row, front=front, certificate=certificate) as url:
        if row.fault:
            front.fault(row.fault(stage))
        lever = stage.lever(url)
        begun = perf_counter()
        try:
            said: object = lever.read(stage.target, within=share)
        except LeverError as error:
            said = error
        return said, perf_counter() - begun - share


def _check_error(said: tuple[object, float], row: Row, stage: Stage) -> None:
    error, over = said
    assert isinstance(error, row.reading), f"reading gave {error!r}: {error}"
    assert isinstance(error, LeverError)
    assert over < GRACE, f"reading took {over:.1f} s longer than it had"
    assert error.todo, f"reading says what happened and not what to do: {error}"
    assert _clean(f"{error!r} {error}", stage), f"a secret got out: {error}"


def _check_outcome(pulled: Pulled, row: Row, stage: Stage) -> None:
    outcome = pulled.facts.outcome
    assert outcome is not None
    right = row.right(landed=stage.pulled())
    assert outcome.result in right, f"{outcome} is none of {sorted(right)}, pulled: {stage.pulled()}"
    more = row.retries * (row.share + PAUSE)
    assert pulled.over < more + GRACE, f"the rung took {pulled.over:.1f} s longer than its share"


def _check_truth(pulled: Pulled, row: Row, stage: Stage) -> None:
    """Nothing is called done that is not, nothing left undone that was begun, and looking afterwards tells."""
    assert pulled.facts.outcome
    assert pulled.settled.outcome
    if row.place is Place.UNDONE:
        assert not stage.pulled()
        assert pulled.held is Held.NOT_HELD
        return
    if not stage.pulled():
        assert pulled.results.isdisjoint(DONE), f"the world is as it was, the journal says {pulled.results}"
    if pulled.facts.outcome.result in NOT_DONE:
        assert stage.writes() == 0, f"{pulled.facts.outcome}, but the world has seen {stage.writes()} writes"
    if pulled.held is Held.HELD:
        assert stage.pulled()
    if stage.pulled():
        assert pulled.settled.outcome.result in DONE, f"read again in peace it is {pulled.settled.outcome}"
    else:
        assert pulled.settled.outcome.result in NOT_DONE | {Result.UNKNOWN}


def _check_words(pulled: Pulled, stage: Stage) -> None:
    """Each outcome is a sentence, each error says what to do, and no secret is in any of it."""
    assert all(pulled.words())
    assert pulled.settled.outcome
    if Result.UNKNOWN in pulled.results:
        assert "read again" in pulled.settled.outcome.says
    # What to do about a NoAnswer is to read again; the engine does that, and says so.
    silent = [e for e in pulled.errors if isinstance(e, LeverError) and not isinstance(e, NoAnswer) and not e.todo]
    assert not silent, f"says what happened and not what to do: {[str(error) for error in silent]}"
    told = " ".join([pulled.recorded(), *(f"{error!r} {error}" for error in pulled.errors)])
    assert _clean(told, stage), f"a secret got out: {told}"


def _clean(text: str, stage: Stage) -> bool:
    scrubber = Scrubber()
    for number, secret in enumerate(stage.secrets):
        scrubber.learn(secret, f"secret-{number}")
    return scrubber.text(text) == text


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
