"""What a range makes on the disk for connections that lead to no network: copies, and programs that do nothing real.

A rehearsal touches nothing of the workspace's own: so each of them is in the range's folder and goes with the range.
"""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree
from typing import Self

from psfir.domain.values import frozen
from psfir.range.private import write_private


@frozen
class Home:
    """The workspace: where it is, and which programs its psfir.yaml allows."""

    root: Path
    programs: tuple[str, ...] = ()


class Folder:
    """Made when it is entered, with the files that it then takes, and gone when it is left."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()

    def put(self, name: str, text: str, *, mode: int = 0o600) -> Path:
        path = self.path / name
        write_private(path, text)
        path.chmod(mode)
        return path

    def __enter__(self) -> Self:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        rmtree(self.path, ignore_errors=True)
