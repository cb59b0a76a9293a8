"""What is wrong with one file: collected, bounded, and worded so that neither a secret nor a megabyte is repeated."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import Protocol

from psfir.domain.near import near
from psfir.errors import ContentError, Problem

MOST = 100
"""Of one file. Whoever has that many reads the first ones first, and near misses for all would take minutes."""

_LONGEST = 60
_COMPARED = 500
_LISTED = 12


class Place(Protocol):
    """Anything with a line and a column, both from 1."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


class Problems:
    """All that is wrong with one file, in the words of whoever finds it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Problem] = []
        self._count = {True: 0, False: 0}

    @property
    def full(self) -> bool:
        """Whether there are as many errors as anybody reads."""
        return self._count[False] > MOST

    @property
    def errors(self) -> bool:
        """Whether anything but warnings was found."""
        return self._count[False] > 0

    def add(self, place: Place, sentence: str, *, rule: str = "schema", warning: bool = False) -> None:
        """One more; behind so many of its kind, one that says there are others."""
        self._count[warning] += 1
        if self._count[warning] > MOST + 1:
            return
        if self._count[warning] > MOST:
            sentence = "and maybe more" if warning else "is wrong as well, and maybe more: put the others right first"
        self.found.append(Problem(self.file, place.line, place.column, sentence, rule, warning))

    def near(self, word: str, known: Collection[str]) -> str:
        """What was probably meant, or what there is."""
        if self.full:
            return ""
        names = [_printable(name) for name in islice(known, _COMPARED)]
        meant = near(word[:_LONGEST], names)
        if not meant.startswith("there is:") or len(known) <= _LISTED:
            return meant
        return f"there is: {', '.join(names[:_LISTED])} and {len(known) - _LISTED} more"

    @staticmethod
    def shown(text: str) -> str:
        """A text of the file as it may stand in a sentence: quoted, on one line, and not endless."""
        return repr(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")

    def raise_errors(self) -> None:
        """Stop here if anything but warnings was found."""
        errors = [problem for problem in self.found if not problem.warning]
        if errors:
            raise ContentError(errors)


def _printable(name: str) -> str:
    """Names come from files too."""
    short = name if len(name) <= _LONGEST else name[:_LONGEST] + "…"
    return short if short.isprintable() else repr(short)[1:-1]
