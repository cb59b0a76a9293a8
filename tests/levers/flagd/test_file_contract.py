"""flagd.file is held to what every lever promises, on JSON and on YAML."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.levers.flagd.file import FlagdFile
from psfir.testing import Harness, LeverContract
from tests.levers.flagd.worlds import JSON, TARGET, YAML, WorseDisk, lever


class FileHarness(Harness):
    target = TARGET
    settings = {"variant": "off"}  # noqa: RUF012 - nothing changes it

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.disk = WorseDisk()
        path.write_text(text, encoding="utf-8")

    def lever(self) -> FlagdFile:
        return lever(self.path, self.disk)

    def writes(self) -> int:
        return self.disk.writes

    def disturb(self) -> None:
        text = self.path.read_text(encoding="utf-8")
        self.path.write_text(text.replace("true", '"half"'), encoding="utf-8")

    def lose_answer(self) -> None:
        self.disk.hanging = {"settle"}

    def hang(self) -> None:
        self.disk.hanging = {"read", "write", "replace", "settle"}


class TestFile(LeverContract):
    @pytest.fixture(params=["json", "yaml"])
    def harness(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Harness]:
        made = FileHarness(tmp_path / f"flags.{request.param}", JSON if request.param == "json" else YAML)
        yield made
        made.disk.released.set()
