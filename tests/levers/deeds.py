"""What a credential of each phase is for, done once with somebody's lever: look, kill or put back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext

from psfir.contracts import Lever, Target
from psfir.domain.about import Phase
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Result
from psfir.domain.modes import Mode
from psfir.domain.values import frozen
from psfir.engine.restore import reversed_change
from psfir.errors import PsfirError

WITHIN = 10.0


@frozen
class Pull:
    """One rung, by itself."""

    target: Target
    settings: Mapping[str, Json]
    mode: Mode

    def plan(self, lever: Lever) -> Change:
        planned = lever.plan(self.target, lever.read(self.target, within=WITHIN), self.mode, self.settings)
        assert isinstance(planned, Change), planned
        return planned


@frozen
class Deeds:
    """`narrow` may do only so much, while `counting`; `admin` prepares for it and tidies up."""

    admin: Lever
    narrow: Lever
    counting: Callable[[], AbstractContextManager[object]] = nullcontext

    def fails(self, pull: Pull, phase: Phase) -> str:
        """Why it did not go; "" if it went well."""
        return {Phase.READ: self._look, Phase.KILL: self._kill, Phase.RESTORE: self._restore}[phase](pull)

    def _look(self, pull: Pull) -> str:
        """To plan, and to look after a kill as `psfir verify` does."""
        planned: list[Change] = []

        def before() -> str:
            planned.append(pull.plan(self.narrow))
            return ""

        if why := self.tried(before):
            return why
        assert self.admin.apply(planned[0], within=WITHIN).result is Result.CHANGED, pull

        def after() -> str:
            looked = self.narrow.verify(planned[0], within=WITHIN)
            return "" if looked.held is Held.HELD else looked.says

        why = self.tried(after)
        self._back(planned[0])
        return why

    def _kill(self, pull: Pull) -> str:
        planned: list[Change] = []

        def deed() -> str:
            planned.append(pull.plan(self.narrow))
            outcome = self.narrow.apply(planned[0], within=WITHIN)
            looked = self.narrow.verify(planned[0], within=WITHIN)
            return "" if outcome.result is Result.CHANGED and looked.held is Held.HELD else looked.says

        why = self.tried(deed)
        for change in planned:
            self._back(change)
        return why

    def _restore(self, pull: Pull) -> str:
        change = pull.plan(self.admin)
        assert self.admin.apply(change, within=WITHIN).result is Result.CHANGED, pull

        def deed() -> str:
            if self.narrow.read(change.target, within=WITHIN).state != change.after:
                return "it is not seen as it was left"
            outcome = self.narrow.restore(change, within=WITHIN)
            looked = self.narrow.verify(reversed_change(change), within=WITHIN)
            return "" if outcome.result is Result.CHANGED and looked.held is Held.HELD else looked.says

        why = self.tried(deed)
        self._back(change)
        return why

    def _back(self, change: Change) -> None:
        """However far it got: from where it is to where it was."""
        outcome = self.admin.restore(change, within=WITHIN)
        assert outcome.result in {Result.CHANGED, Result.ALREADY_SO}, outcome

    def tried(self, deed: Callable[[], str]) -> str:
        with self.counting():
            try:
                return deed()
            except PsfirError as error:
                return error.what
