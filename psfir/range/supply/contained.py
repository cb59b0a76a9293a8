"""When a system that the range knows nothing of counts as contained: a stand-in for what its feature would do.

A runbook does not say how its system works, only what is pulled and what is then to be seen. So the stand-in goes by
one rule: the feature is on while no runbook is pulled, and a runbook is pulled once in each of its steps some rung is,
whoever pulled it. Whether a rung is pulled is read from the range's own state and not from what psfir reports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from psfir.domain.modes import Mode
from psfir.domain.runbook import Runbook, Rung, Step

_WEIGHT = {Mode.DEGRADE: 0, Mode.ISOLATE: 1, Mode.DISABLE: 2}

_BY_RULE = {"http", "prometheus"}
"""Probes that see what the stand-in shows; any other one looks at what was pulled."""

Pulled = Callable[[Rung], bool]


class Contained:
    """`seen` tells by a lever's name how to find out about a rung of it; other levers' rungs nobody here can see."""

    def __init__(self, runbooks: Sequence[Runbook], seen: Mapping[str, Pulled]) -> None:
        self._runbooks = sorted(runbooks, key=lambda book: _WEIGHT[book.mode])
        self._seen = seen

    def __call__(self) -> list[str]:
        """The runbooks that are pulled now. The one whose mode goes furthest is the last, and has the last word."""
        return [book.id for book in self._runbooks if self._pulled(book)]

    def doubts(self) -> Iterator[str]:
        """The steps, or whole runbooks, that the rule cannot see where a probe goes by it, in sentences."""
        for book in self._runbooks:
            if not any(use.probe in _BY_RULE for use in book.verify):
                continue
            seen = [step for step in book.steps if self._ladder(step)]
            if not seen:
                yield f"runbook {book.id}: the range sees none of its rungs, so to its probes it is never pulled"
                continue
            for step in book.steps:
                if step not in seen:
                    yield f"runbook {book.id}, step {step.id}: the range sees none of its rungs and goes by the others"

    def _pulled(self, book: Runbook) -> bool:
        ladders = [ladder for step in book.steps if (ladder := self._ladder(step))]
        return bool(ladders) and all(any(self._seen[rung.lever](rung) for rung in ladder) for ladder in ladders)

    def _ladder(self, step: Step) -> list[Rung]:
        return [rung for rung in step.ladder if rung.lever in self._seen]
