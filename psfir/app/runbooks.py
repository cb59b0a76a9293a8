"""Runbooks for people who look: what there is, what each would take at worst, and its ladder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from psfir.app.session import Session
from psfir.domain.budget import Budget, worst_case
from psfir.domain.near import near
from psfir.domain.runbook import Runbook
from psfir.domain.values import frozen
from psfir.errors import PsfirError, UsageError
from psfir.loading.content import content_files
from psfir.loading.runbook import load_runbook


@frozen
class Shelf:
    """All runbooks that can be read, and of each that cannot, why."""

    books: tuple[Runbook, ...]
    broken: Mapping[str, str]


def shelf(session: Session) -> Shelf:
    """One broken file hides no other."""
    books, broken = [], {}
    files = _files(session)
    for name in files:
        try:
            books.append(load_runbook(files[name], session.catalog))
        except PsfirError as error:
            broken[name] = str(error)
    return Shelf(tuple(books), broken)


def one(session: Session, name: str) -> tuple[Runbook, Budget]:
    """A runbook and its worst case."""
    known = _files(session)
    if name not in known:
        raise UsageError(f"there is no runbook {name!r}", todo=near(name, known))
    book = load_runbook(known[name], session.catalog)
    return book, worst_case(book)


def _files(session: Session) -> Mapping[str, Path]:
    return content_files(session.root, "runbooks")
