"""Carry out a plan: evidence, steps side by side, probes, soak. Fresh and resumed runs take the very same path."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, Thread

from psfir.domain.budget import ordered
from psfir.domain.entries import Kind
from psfir.domain.runbook import OnFailure, Step
from psfir.domain.verdict import Verdict
from psfir.engine.capture import capture
from psfir.engine.kit import Run
from psfir.engine.ladder import climb, climb_again
from psfir.engine.reread import reread
from psfir.engine.verify import soak, verify


def contain(run: Run) -> Verdict:
    """From wherever the run's facts stand to its end; what is recorded as done is not done again."""
    if not run.facts.verdicts:
        capture(run)
        _Steps(run, climb).pull()
        run.keep_going()
        if run.control.rival():
            # A restore was under way beside us: what it put back meanwhile is pulled once more.
            _Steps(run, climb_again).pull()
            run.keep_going()
        reread(run)
        verify(run)
    verdict = run.facts.verdict
    whole = True
    if verdict is Verdict.CONTAINED and run.plan.runbook.soak > 0 and not _soaked(run):
        run.keep_going()
        verdict, whole = soak(run)
    soaked = whole and verdict is Verdict.CONTAINED
    stopped = "stopped by a person: rungs were left unpulled" if run.control.stop_pulling.is_set() else ""
    left = "" if whole else "the soak was left before its end, and no lever was asked again"
    run.write(Kind.RUN_ENDED, verdict=verdict.value, soaked=soaked, why="; ".join(filter(None, (stopped, left))))
    return verdict


def _soaked(run: Run) -> bool:
    return any(verdict.phase == "soak" for verdict in run.facts.verdicts)


class _Steps:
    """Steps without `after` run side by side; a step starts when all it comes after are through, held or not."""

    def __init__(self, run: Run, pull_step: Callable[[Run, str], bool]) -> None:
        self.run = run
        self._pull_step = pull_step
        self.stopped = False
        self._errors: list[BaseException] = []
        self._lock = Lock()

    def pull(self) -> None:
        steps = ordered(self.run.plan.runbook.steps)
        if len(steps) == 1:
            self._one(steps[0])
            return
        threads: dict[str, Thread] = {}
        for step in steps:
            before = [threads[earlier] for earlier in step.after if earlier in threads]
            threads[step.id] = Thread(target=self._guarded, args=(step, before), name=f"psfir {step.id}", daemon=True)
            threads[step.id].start()
        for thread in threads.values():
            thread.join()
        if self._errors:
            raise self._errors[0]

    def _guarded(self, step: Step, before: list[Thread]) -> None:
        for thread in before:
            thread.join()
        try:
            self._one(step)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
            with self._lock:
                self._errors.append(error)

    def _one(self, step: Step) -> None:
        with self._lock:
            if self.stopped:
                return
        held = self._pull_step(self.run, step.id)
        if not held and self.run.plan.runbook.on_failure is OnFailure.STOP:
            with self._lock:
                self.stopped = True
