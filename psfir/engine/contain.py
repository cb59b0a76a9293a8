"""Carry out a plan: evidence, steps side by side, probes, soak. Fresh and resumed runs take the very same path."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from psfir.domain.budget import ordered
from psfir.domain.kinds import Kind
from psfir.domain.runbook import OnFailure, Step
from psfir.domain.verdict import Verdict
from psfir.engine.capture import capture
from psfir.engine.hands import through
from psfir.engine.kit import Run
from psfir.engine.ladder import climb, climb_again
from psfir.engine.reread import reread
from psfir.engine.verify import soak, verify
from psfir.engine.work import Call, Together, Work, together


def contain(run: Run) -> Verdict:
    """From wherever the run's facts stand to its end."""
    return through(containing(run), run.kit.clock)


def containing(run: Run) -> Work[Verdict]:
    """The same as a piece of work, to go beside others; what is recorded as done is not done again."""
    if not run.facts.verdicts:
        yield from capture(run)
        yield from _Steps(run, climb).pull()
        run.keep_going()
        if (yield Call(run.control.rival)).get():
            # A restore was under way beside us: what it put back meanwhile is pulled once more.
            yield from _Steps(run, climb_again).pull()
            run.keep_going()
        yield from reread(run)
        yield from verify(run)
    verdict = run.facts.verdict
    whole = True
    if verdict is Verdict.CONTAINED and run.plan.runbook.soak > 0 and not _soaked(run):
        run.keep_going()
        verdict, whole = yield from soak(run)
    soaked = whole and verdict is Verdict.CONTAINED
    stopped = "stopped by a person: rungs were left unpulled" if run.control.stop_pulling.is_set() else ""
    left = "" if whole else "the soak was left before its end, and no lever was asked again"
    run.write(Kind.RUN_ENDED, verdict=verdict.value, soaked=soaked, why="; ".join(filter(None, (stopped, left))))
    return verdict


def _soaked(run: Run) -> bool:
    return any(verdict.phase == "soak" for verdict in run.facts.verdicts)


class _Steps:
    """Steps without `after` go side by side; a step starts when all it comes after are through, held or not."""

    def __init__(self, run: Run, pull_step: Callable[[Run, str], Work[bool]]) -> None:
        self.run = run
        self.stopped = False
        self._pull_step = pull_step
        self._steps = {step.id: step for step in ordered(run.plan.runbook.steps)}
        self._waits = {name: {a for a in step.after if a in self._steps} for name, step in self._steps.items()}
        self._next: dict[str, list[str]] = {}
        for name, waits in self._waits.items():
            for earlier in waits:
                self._next.setdefault(earlier, []).append(name)
        self._lock = Lock()

    def pull(self) -> Work[None]:
        first = [step for step in self._steps.values() if not self._waits[step.id]]
        yield from together([self._one(step) for step in first])

    def _one(self, step: Step) -> Work[None]:
        """The step, and then whatever waited for it alone, also where it broke."""
        broke: Exception | None = None
        try:
            yield from self._climb(step)
        except Exception as error:  # noqa: BLE001 - raised again below
            broke = error
        if freed := self._freed(step.id):
            yield Together([self._one(self._steps[name]) for name in freed])
        if broke is not None:
            raise broke

    def _climb(self, step: Step) -> Work[None]:
        if self.stopped:
            return
        held = yield from self._pull_step(self.run, step.id)
        if not held and self.run.plan.runbook.on_failure is OnFailure.STOP:
            self.stopped = True

    def _freed(self, done: str) -> list[str]:
        with self._lock:
            freed = []
            for name in self._next.get(done, ()):
                self._waits[name].discard(done)
                if not self._waits[name]:
                    freed.append(name)
            return freed
