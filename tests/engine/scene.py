"""A run on doubles: what every engine test needs, so that each test says only what is special about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from psfir.contracts import Capture, Lever, Probe
from psfir.domain import instants
from psfir.domain.entries import Draft
from psfir.domain.fold import fold
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.modes import Mode
from psfir.domain.plan import Plan
from psfir.domain.runbook import ApprovalRule, CaptureUse, OnFailure, ProbeUse, Runbook, Rung, Step
from psfir.domain.verdict import Verdict
from psfir.engine.contain import contain
from psfir.engine.kit import Control, Kit, Run
from psfir.engine.plan import Desk, draw
from psfir.errors import CatalogError
from psfir.testing import FakeCapture, FakeLever, FakeProbe, MemoryEvidence, MemoryJournal, SettableClock

INCIDENT = "INC-20261121-aaaaaa"


def rung(name: str, *, within: float = 10.0, retries: int = 0) -> Rung:
    """A rung that switches one named fake off."""
    return Rung(f"fake.{name}", {"connection": "fake", "switch": name}, {"on": False}, within, retries)


def probe(name: str = "effect", *, times: int = 3, within: float = 30.0, soak: float = 0.0) -> ProbeUse:
    target, expect = {"connection": "fake"}, {"state": {"on": False}}
    return ProbeUse(name, f"fake.{name}", target, expect, times=times, every=1.0, within=within, soak=soak)


def book(*steps: Step, verify: Sequence[ProbeUse] = (), on_failure: OnFailure = OnFailure.GO_ON) -> Runbook:
    uses = tuple(verify) or (probe(),)
    rule = ApprovalRule(kill=1, restore=2)
    return Runbook("off", "Off", "assistant", Mode.DISABLE, steps, uses, approval=rule, on_failure=on_failure)


@dataclass
class Scene:
    """Levers, probes and captures by name; the real journal's double; time that passes in a blink."""

    levers: Mapping[str, FakeLever]
    probes: Mapping[str, FakeProbe] = field(default_factory=dict)
    captures: Mapping[str, FakeCapture] = field(default_factory=dict)
    clock: SettableClock = field(default_factory=SettableClock)
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    control: Control = field(default_factory=Control)
    evidence: MemoryEvidence = field(default_factory=MemoryEvidence)

    def __post_init__(self) -> None:
        trigger = {"at": instants.write(self.clock.now()), "source": "test"}
        declared = {"systems": ["assistant"], "severity": "sev2", "case": None, "trigger": trigger}
        if self.journal.heads()[0] == 0:
            self.record(Kind.DECLARED, declared)

    def record(self, kind: Kind, data: Mapping[str, object]) -> None:
        self.journal.append([Draft(self.clock.now(), INCIDENT, "asserted:dana", "test", kind, data)])  # type: ignore[arg-type]  # plain JSON, written by hand

    def lever(self, use: Rung) -> Lever:
        name = use.lever.removeprefix("fake.")
        if name not in self.levers:
            raise CatalogError(f"there is no lever {use.lever}")
        return self.levers[name]

    def look(self, use: ProbeUse) -> Probe:
        if use.id not in self.probes:
            raise CatalogError(f"there is no probe {use.id}")
        return self.probes[use.id]

    def capture(self, use: CaptureUse) -> Capture:
        return self.captures[use.source]

    @property
    def kit(self) -> Kit:
        return Kit(
            levers=self.lever,
            probes=self.look,
            captures=self.capture,
            journal=self.journal,
            evidence=self.evidence,
            clock=self.clock,
            actor="asserted:dana",
            channel="test",
        )

    @property
    def desk(self) -> Desk:
        return Desk(readers=self.lever, sources=lambda _: "test 1", clock=self.clock)

    def plan(self, runbook: Runbook) -> Plan:
        plan = draw(runbook, self.desk)
        self.record(Kind.PLANNED, {"plan": plan.to_json()})
        return plan

    def begin(self, plan: Plan, *, run: str = "run-1", age: float = 0.0) -> Run:
        begun = Run(self.kit, INCIDENT, self.control)
        begun.begin(plan, run=run, trigger_at=instants.write(self.clock.now()), age=age)
        return begun

    def kill(self, runbook: Runbook) -> Verdict:
        return contain(self.begin(self.plan(runbook)))

    @property
    def incident(self) -> Incident:
        return fold(self.journal.read())

    def said(self, kind: Kind) -> list[Mapping[str, object]]:
        """The data of every entry of a kind."""
        return [dict(entry.data or {}) for entry in self.journal.read() if entry.kind == kind]


def switch(*, on: bool = True, name: str = "a") -> FakeLever:
    return FakeLever({"on": on}, name=f"fake.{name}")


def seeing(*levers: FakeLever) -> dict[str, FakeProbe]:
    """A probe `effect` with one replica a lever, showing what each really does."""
    return {"effect": FakeProbe(lambda: {f"r{i}": lever.state for i, lever in enumerate(levers, 1)})}
