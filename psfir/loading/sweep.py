"""Which files lint looks at: psfir.yaml, whatever lies in the content folders, and what somebody names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from psfir.domain.values import frozen
from psfir.errors import UsageError
from psfir.loading.content import FOLDERS

SWEPT = (*FOLDERS, "clocks")
WORDS = "psfir.yaml"
_SUFFIXES = {".yaml", ".yml", ".md"}


@frozen
class Found:
    """A file, its name as problems show it, and the content folder it lies in, if it does."""

    name: str
    path: Path
    folder: str = ""


def sweep(root: Path) -> dict[str, Found]:
    """By name, psfir.yaml first, whether it is there or not."""
    found = {WORDS: Found(WORDS, root / WORDS)}
    for folder in SWEPT:
        for path in _content(root / folder):
            name = _name(path.relative_to(root))
            found[name] = Found(name, path, folder)
    return found


def _content(folder: Path) -> Iterator[Path]:
    """READMEs, hidden files and what is neither YAML nor Markdown are nobody's content."""
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix in _SUFFIXES and path.name != "README.md" and not hidden and not path.is_dir():
            yield path


def select(root: Path, paths: Sequence[Path], files: Mapping[str, Found]) -> dict[str, Found]:
    """The files that paths mean; no path means all. A path that means nothing is an error, not a clean report."""
    if not paths:
        return dict(files)
    by_path = {found.path.resolve(): found for found in files.values()}
    chosen: dict[str, Found] = {}
    for path in paths:
        if not path.exists():
            raise UsageError(f"there is no {path}", todo="name files or folders of the workspace")
        real = path.resolve()
        below = [found for one, found in by_path.items() if one == real or real in one.parents]
        if path.is_dir() and not below:
            raise UsageError(f"{path} holds nothing of the workspace {root}", todo=f"content is in {', '.join(SWEPT)}")
        for found in below or [Found(_named(real, root), path)]:
            chosen[found.name] = found
    return chosen


def _named(real: Path, root: Path) -> str:
    top = root.resolve()
    return _name(real.relative_to(top) if top in real.parents else real)


def _name(path: Path) -> str:
    """A name that can be printed, whatever bytes the file system holds."""
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")
