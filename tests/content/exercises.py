"""Each rung, probe and capture of the reference runbooks done by itself, by somebody who may do only so much."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from time import perf_counter
from typing import Any

from psfir.app.rights import uses
from psfir.app.runbooks import shelf
from psfir.app.session import Session
from psfir.domain.about import CaptureAbout, LeverAbout, Phase
from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.needs import Use, needs
from psfir.domain.runbook import CaptureUse, ProbeUse, Rung
from psfir.domain.values import frozen
from psfir.errors import PsfirError
from psfir.testing.waiting import PATIENCE, pause
from tests.content.applied_rights import Applied
from tests.levers.deeds import WITHIN, Deeds, Pull
from tests.levers.lines import Line

ELSEWHERE: Mapping[str, Mapping[str, Json]] = {
    # Before a kill the pods that are looked for serve: this asks for others, so that all there is to look at is.
    "kubernetes.endpoints": {"none_of": ["support-agent-runs-"]}
}


@frozen
class Exercise:
    """One use in one phase, and all that could be needed for it."""

    use: Use
    phase: Phase

    def touches(self, line: Line) -> bool:
        wanted = ((need.permission.action, _tail(need.resource)) for need in needs(self.use, self.phase))
        return (line.action, _tail(line.resource)) in wanted

    def __str__(self) -> str:
        return f"{self.use.about.name} on {dict(self.use.target)}"


def exercises(session: Session, connection: str, phase: Phase) -> list[Exercise]:
    """Those on that connection, each once."""
    found: list[Exercise] = []
    for book in shelf(session).books:
        for use in uses(session, book):
            alike = [one.use for one in found if _key(one.use) == _key(use)]
            if use.target.get("connection") == connection and not alike and list(needs(use, phase)):
                found.append(Exercise(use, phase))
    return found


def _key(use: Use) -> tuple[Any, ...]:
    return use.about.name, use.target, use.settings


class Somebody:
    """Does exercises with rights that are applied; `admin` prepares for them and tidies up."""

    def __init__(self, admin: Session, narrow: Session, applied: Applied) -> None:
        self._admin, self._narrow, self._applied = admin, narrow, applied

    def spared(self, exercise: Exercise, lines: Sequence[Line]) -> Iterator[tuple[Line | None, str]]:
        """Without each of these lines in turn, why it did not go then; "" if it went well all the same.

        The last one is with all of them: "" if they are enough.
        """
        for line in (*lines, None):
            self._applied.without([line] if line else [])
            yield line, self._fails(exercise)

    def _fails(self, exercise: Exercise) -> str:
        use = exercise.use
        if not isinstance(use.about, LeverAbout):
            return self._tried(lambda: self._looked(use))
        rung = Rung(use.about.name, use.target, use.settings or {}, WITHIN)
        admin, narrow = (session.binder.lever(rung) for session in (self._admin, self._narrow))
        deeds = Deeds(admin, narrow, self._applied.counting)
        return deeds.fails(Pull(use.target, rung.set, use.about.modes[0]), exercise.phase)

    def _looked(self, use: Use) -> str:
        binder = self._narrow.binder
        if isinstance(use.about, CaptureAbout):
            taken = binder.capture(CaptureUse(use.about.name, use.target)).take(use.target, within=WITHIN)
            return "there is less of it" if b"could not be read" in taken.content else ""
        told = {key: value for key, value in (use.settings or {}).items() if key not in use.target}
        expect = ELSEWHERE.get(use.about.name, told)
        probe = binder.probe(ProbeUse("it", use.about.name, use.target, expect))
        sights = probe.look(use.target, expect, within=WITHIN)
        return "; ".join(sight.says for sight in sights if sight.held is Held.COULD_NOT_TELL)

    def _tried(self, deed: Callable[[], str]) -> str:
        """A pod that an exercise before has made anew has no log until it has started: that says nothing of rights."""
        end = perf_counter() + PATIENCE
        with self._applied.counting():
            while True:
                try:
                    return deed()
                except PsfirError as error:
                    if "ContainerCreating" not in error.what or perf_counter() > end:
                        return error.what
                pause()


def _tail(resource: str) -> str:
    """Without the region and the account of an ARN, which the rights at hand leave open."""
    return resource.split(":", 5)[-1] if resource.startswith("arn:") else resource
