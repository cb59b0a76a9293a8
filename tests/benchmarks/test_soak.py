"""The soak itself, for some seconds: three minutes of it are `python -m benchmarks.soak`."""

import pytest

from benchmarks.soak import main
from tests.postgres import cluster


@pytest.mark.timeout(120)
def test_some_seconds_of_it_are_true(capsys: pytest.CaptureFixture[str]) -> None:
    """Four processes, a server that breaks: no verdict is untrue, the chain is whole, nothing is left running."""
    cluster()
    code = main(["8"])
    said = capsys.readouterr().out
    assert code == 0, said
    assert "chain whole" in said
    assert "left running: none; spools left: 0" in said
