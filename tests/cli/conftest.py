"""What several files about commands share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.range_home import Home


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_STATE_HOME", "PSFIR_WORKSPACE", "PSFIR_CONNECTIONS", "PSFIR_RANGE_VARIABLES"):
        monkeypatch.delenv(name, raising=False)
    home = Home(tmp_path, capsys)
    yield home
    home.run("range", "down")
