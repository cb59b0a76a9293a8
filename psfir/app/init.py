"""Lay out a workspace: the content that ships, and a psfir.yaml to fill in. What is there already stays as it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from psfir.domain.values import frozen
from psfir.errors import Refusal, UsageError
from psfir.loading.content import FOLDERS, shipped

TEMPLATE = Path(__file__).parent / "workspace"
WORDS = "psfir.yaml"
IGNORED = ".psfir/"
PRIVATE = "private/"
"""What lies below it in the template goes into `.psfir`, which git ignores: the tiny estate is state, not content."""
REFERENCE = "reference"
"""The folder among the runbooks with those for the real vendors, and a psfir.yaml that fits them."""


@frozen
class LaidOut:
    """Paths inside `root`: files that were made, and files that were there and stayed as they are."""

    root: Path
    made: tuple[str, ...]
    kept: tuple[str, ...]


def lay_out(root: Path, *, reference: bool = False) -> LaidOut:
    """Write everything, psfir.yaml last: a folder is no workspace until all of it is there.

    The tiny estate, on which all of it works at once; or the reference system on real vendors, to be filled in.
    """
    words = root / WORDS
    if words.is_file() and words.stat().st_size:
        raise Refusal(f"{words} is there already, and not empty", todo="psfir lint checks it; init another folder")
    made: list[str] = []
    kept: list[str] = []
    try:
        root.mkdir(parents=True, exist_ok=True)
        for name, source in sorted(_files(reference=reference), key=lambda pair: (pair[0] == WORDS, pair[0])):
            (made if _write(root / name, source.read_bytes()) else kept).append(name)
        (made if _ignore(root / ".gitignore") else kept).append(".gitignore")
    except OSError as error:
        where = error.filename or root
        raise UsageError(f"{where} cannot be written: {error.strerror}", todo="name a folder that is yours") from None
    return LaidOut(root.resolve(), tuple(made), tuple(kept))


def _files(*, reference: bool) -> Iterator[tuple[str, Path]]:
    for kind in FOLDERS:
        for name, path in _below(shipped(kind)):
            apart = name.startswith(f"{REFERENCE}/")
            if kind != "runbooks" or not (apart or reference):
                yield f"{kind}/{name}", path
            elif apart and reference:
                own = name.removeprefix(f"{REFERENCE}/")
                yield (own if own == WORDS else f"{kind}/{own}"), path
    for name, path in () if reference else _below(TEMPLATE):
        yield (IGNORED + name.removeprefix(PRIVATE) if name.startswith(PRIVATE) else name), path


def _below(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(("__", ".")) for part in name.parts):
            yield name.as_posix(), path


def _write(path: Path, content: bytes) -> bool:
    """False if something is there already; an empty file counts as nothing."""
    # The record and its evidence will lie in .psfir: they are nobody else's to read.
    path.parent.mkdir(mode=0o700 if path.parent.name == IGNORED.rstrip("/") else 0o777, parents=True, exist_ok=True)
    if path.is_file() and path.stat().st_size == 0:
        path.unlink()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    return True


def _ignore(path: Path) -> bool:
    """The record holds what people typed: it does not belong into a repository."""
    said = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    if IGNORED in said.splitlines() or IGNORED.rstrip("/") in said.splitlines():
        return False
    gap = "" if not said or said.endswith("\n") else "\n"
    with path.open("a", encoding="utf-8") as stream:
        stream.write(f"{gap}{IGNORED}\n")
    return True
