"""One whole range for all tests of faults, and what each test begins on it ended again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from psfir.range.estate import Range, Wanted
from psfir.range.faults.standing import Faults
from tests.range.faults.reaching import Reaching


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Range]:
    with Range(Wanted(tmp_path_factory.mktemp("range"))) as estate:
        yield estate


@pytest.fixture
def faults(estate: Range) -> Iterator[Faults]:
    """A fresh history for each test, and nothing left on after it."""
    faults = Faults(estate)
    yield faults
    faults.stop()
    assert faults.standing == ()


@pytest.fixture
def reaching(estate: Range) -> Reaching:
    return Reaching(estate)
