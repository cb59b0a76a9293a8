"""A drill run in memory: its log, its record, and a clock that tests turn by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from psfir.domain.entries import GENESIS, Draft, Entry, seal
from psfir.domain.kinds import Kind
from psfir.rehearsal import deeds
from psfir.rehearsal.clock import SECOND
from psfir.rehearsal.log import LogDraft, LogEntry, written
from psfir.rehearsal.scenario import Scenario
from psfir.rehearsal.state import DrillState, fold
from psfir.rehearsal.step import step
from psfir.rehearsal.words import Met

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BEGAN = 1_800_000_000 * SECOND


class Drill:
    """Real time in seconds from the start; `tick` is what the facilitator's process does now and then."""

    def __init__(self, scenario: Scenario, *, ticking: bool = True) -> None:
        self.scenario = scenario
        self.log: list[LogEntry] = []
        self.record: list[Entry] = []
        self.now = 0.0
        self.ticking = ticking
        self.do(deeds.start(scenario, by="fay"))

    @property
    def real(self) -> int:
        return BEGAN + round(self.now * SECOND)

    @property
    def state(self) -> DrillState:
        return fold(self.scenario, self.log)

    @property
    def at(self) -> int:
        return self.state.clock.at(self.real)

    def do(self, draft: LogDraft) -> None:
        self.log.extend(written(self.log, [draft], self.real))

    def tick(self) -> None:
        self.log.extend(step(self.scenario, self.log, now=self.real, entries=self.record))

    def wait(self, seconds: float) -> None:
        self.now += seconds
        if self.ticking:
            self.tick()

    def happens(self, kind: Kind, **data: Any) -> None:
        """Something was written into the record of the drill."""
        at = EPOCH + timedelta(microseconds=self.real)
        draft = Draft(at, "INC-1", "asserted:ada", "cli", kind, data)
        self.record.append(seal(draft, seq=len(self.record) + 1, prev=GENESIS, salt="s"))

    def kill(self, *verdicts: str, book: str = "all-off", run: str = "r1") -> None:
        """A kill by that runbook, and what it came to: first by probes, then by the soak."""
        plan = {"digest": f"sha256:{run}", "runbook": {"id": book}}
        self.happens(Kind.PLANNED, plan=plan)
        self.happens(Kind.RUN_STARTED, run=run, verb="kill", plan=plan["digest"])
        for phase, verdict in zip(("probes", "soak"), verdicts, strict=False):
            self.verdict(run, verdict, phase)

    def verdict(self, run: str, verdict: str, phase: str) -> None:
        self.happens(Kind.VERDICT, run=run, phase=phase, verdict=verdict, why="", proof={})

    def told(self) -> list[tuple[str, str, float | None]]:
        """What was logged by psfir itself: kind, of what, and when in scenario seconds."""
        return [(one.kind.value, _of(one.data), one.data["at"] / SECOND) for one in self.log if one.by == "psfir"]

    def met(self) -> Mapping[str, Met]:
        return {name: one.met for name, one in self.state.expectations.items()}


def _of(data: Mapping[str, Any]) -> str:
    return str(next((data[key] for key in ("inject", "expectation", "fault") if key in data), ""))
