"""Every error psfir raises, drawn as one tree, so that a door can map a class to an exit code once.

    PsfirError                 what happened, where, what to do next
    ├── UsageError             the command's words do not fit together
    ├── ContentError           a file people wrote is wrong; carries all its problems
    ├── Refusal                psfir will not do it: no approval, a status that forbids, no right
    │   ├── Drift              the world is not what it was planned from
    │   └── Superseded         another process has taken over what this one was at work on
    ├── LeverError             one call to the outside went wrong
    │   ├── Unreachable        nothing was sent, or only a look; safe to try again
    │   ├── Busy               asked to come back later; safe to try again
    │   ├── Denied             the credential at hand lacks a permission
    │   ├── NoSuchTarget       there is no such thing; never tried again
    │   ├── Declined           the other side said no: approval required, conflict, not valid
    │   └── NoAnswer           it was sent, and what became of it is unknown
    ├── CatalogError           a lever, probe or capture cannot be found or loaded
    └── RecordError            the record cannot be read or written

Errors hold no exit code and no colour. `Unreachable` and `Busy` may be tried again; no other may.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class PsfirError(Exception):
    """Base of all: three fields, one rendering."""

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.todo = todo

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head} ({self.todo})" if self.todo else head


class UsageError(PsfirError):
    """The words of a command do not fit together."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in one place of one file; `line` and `column` count from 1, 0 means the whole file."""

    file: str
    line: int
    column: int
    sentence: str
    rule: str = "schema"
    warning: bool = False

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


class ContentError(PsfirError):
    """Files that people wrote do not hold what they must; `problems` has all of them."""

    def __init__(self, problems: Sequence[Problem], *, todo: str = "") -> None:
        self.problems = tuple(sorted(problems))
        first = str(self.problems[0]) if self.problems else "nothing was found wrong"
        more = len(self.problems) - 1
        super().__init__(first + (f" (and {more} more)" if more > 0 else ""), todo=todo)


class Refusal(PsfirError):
    """Allowed to ask, not allowed to have: nothing was touched."""


class Drift(Refusal):
    """The world is no longer what it was planned from. `expected` and `found` are both shown."""

    def __init__(self, what: str, *, expected: object, found: object, where: str = "", todo: str = "") -> None:
        super().__init__(what, where=where, todo=todo)
        self.expected = expected
        self.found = found


class Superseded(Refusal):
    """Another process has taken over, so nothing more is written or pulled in this one's name."""


class LeverError(PsfirError):
    """One call to the outside went wrong."""


class Unreachable(LeverError):
    """Nothing was sent, or nothing but a look: whatever became of it, nothing was changed."""


class Busy(LeverError):
    """Asked to come back; `after` is in seconds, None when the other side did not say."""

    def __init__(self, what: str, *, after: float | None = None, where: str = "", todo: str = "") -> None:
        super().__init__(what, where=where, todo=todo)
        self.after = after


class Denied(LeverError):
    """The credential lacks a permission; `todo` names it."""


class NoSuchTarget(LeverError):
    """There is nothing there to act on."""


class Declined(LeverError):
    """The other side understood and said no."""


class NoAnswer(LeverError):
    """It was sent, or may have been, and no answer came: only a reading can tell."""


class CatalogError(PsfirError):
    """A lever, probe or capture cannot be found, loaded or told apart."""


class RecordError(PsfirError):
    """The record cannot be read or written."""
