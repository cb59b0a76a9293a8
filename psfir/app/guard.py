"""What a lever answers, held to its socket before the engine sees it: one broken lever costs its own rung, not the run.

The engine calls levers in threads and takes in their errors. What it cannot take in is an answer of the wrong kind, a
state that no record can hold, or a plan that breaks: those become sentences here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from psfir.contracts import BoundConnection, Lever, Preflight, Target
from psfir.domain.about import LeverAbout
from psfir.domain.canon import Json, canonical
from psfir.domain.change import Change, Look, NothingToDo, Outcome, Reading
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding
from psfir.errors import LeverError, NoAnswer, PsfirError

T = TypeVar("T")


class Guarded:
    """A Lever around another, of whoever's making."""

    def __init__(self, lever: Lever) -> None:
        self.about: LeverAbout = lever.about
        self._lever = lever

    def read(self, target: Target, *, within: float) -> Reading:
        reading = self._of(Reading, self._lever.read(target, within=within), "read")
        self._plain(reading.state, "read")
        return replace(reading, notes=tuple(map(str, reading.notes)))

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        try:
            planned = self._lever.plan(target, reading, mode, settings)
        except PsfirError:
            raise
        except Exception as error:  # a third party's code: whatever it raises is told in a sentence
            what = f"{self.about.name} broke while planning: {type(error).__name__}: {error}"
            raise LeverError(what, todo="tell its author") from error
        if isinstance(planned, NothingToDo):
            self._plain(planned.after, "plan")
            return planned
        change = self._of(Change, planned, "plan")
        self._plain(change.to_json(), "plan")
        return change

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        if not isinstance(self._lever, Preflight):
            return ()
        findings = self._lever.check(target, settings, within=within)
        return [self._of(Finding, one, "check") for one in findings]

    def apply(self, change: Change, *, within: float) -> Outcome:
        return self._outcome(self._lever.apply(change, within=within), "apply")

    def verify(self, change: Change, *, within: float) -> Look:
        return self._of(Look, self._lever.verify(change, within=within), "verify")

    def restore(self, change: Change, *, within: float) -> Outcome:
        return self._outcome(self._lever.restore(change, within=within), "restore")

    def _outcome(self, said: object, deed: str) -> Outcome:
        """It may have changed the world: without an answer that can be understood, only a reading can tell."""
        if not isinstance(said, Outcome):
            raise NoAnswer(f"{self.about.name}: {deed} answered {type(said).__name__}, which is no Outcome")
        try:
            canonical(said.found)
        except (TypeError, ValueError, AttributeError):
            return replace(said, found=None)
        return said

    def _of(self, kind: type[T], said: object, deed: str) -> T:
        if not isinstance(said, kind):
            what = f"{self.about.name}: {deed} answered {type(said).__name__}, which is no {kind.__name__}"
            raise LeverError(what, todo="tell its author")
        return said

    def _plain(self, value: Json, deed: str) -> None:
        """TypeError and the like come from what is no JSON at all, ValueError from numbers no record can hold."""
        try:
            canonical(value)
        except (TypeError, ValueError, AttributeError) as error:
            what = f"{self.about.name}: {deed} answered what is no plain JSON: {error}"
            raise LeverError(what, todo="tell its author") from error


def guarded(make: Callable[[BoundConnection], Lever]) -> Callable[[BoundConnection], Lever]:
    """The same class, its levers guarded."""
    return lambda connection: Guarded(make(connection))
