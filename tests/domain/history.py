"""A hand-made history of an incident, entry by entry, as the kill path writes it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from psfir.domain.approval import Approval
from psfir.domain.canon import Json
from psfir.domain.change import Change
from psfir.domain.entries import GENESIS, Draft, Entry, seal
from psfir.domain.fold import fold
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.modes import Mode
from psfir.domain.people import Actor, Identity
from psfir.domain.plan import Plan, PlannedRung, Verb
from psfir.domain.runbook import ProbeUse, Runbook, Rung, Step

AT = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
INCIDENT = "INC-20261121-abcd"
SYSTEM = "support-assistant"
SPANS: Mapping[str, Json] = {"age": 0.0, "boot_id": "boot", "boot_at": 1.0}
PROOF: Mapping[str, Json] = {"answers": 5, "untold": 0, "over": 4.0, "replicas": ["effect/a"], "soaked": 0.0}

FLAG = Rung("flag", {"connection": "flags", "flag": "assistant"}, {"on": False}, 30.0, 1)
PODS = Rung("replicas", {"connection": "prod", "deployment": "assistant"}, {"replicas": 0}, 90.0)
EGRESS = Rung("egress", {"connection": "prod", "namespace": "assistants"}, {"deny": True}, 60.0)


def book(system: str = SYSTEM) -> Runbook:
    """Two steps side by side: a ladder of two rungs, and one of one."""
    steps = (Step("stop", (FLAG, PODS)), Step("cut", (EGRESS,)))
    return Runbook(f"{system}-off", "Off", system, Mode.DISABLE, steps, (ProbeUse("effect", "http", {}, {}),))


def change(rung: Rung, before: Json, after: Json) -> Change:
    return Change(rung.lever, rung.target, before, after, "turned off")


OFF = change(FLAG, {"on": True}, {"on": False})
NO_PODS = change(PODS, {"replicas": 5}, {"replicas": 0})
NO_EGRESS = change(EGRESS, {"deny": False}, {"deny": True})
CHANGES: Mapping[tuple[str, int], Change] = {("stop", 0): OFF, ("stop", 1): NO_PODS, ("cut", 0): NO_EGRESS}


def kill_plan(system: str = SYSTEM) -> Plan:
    found = book(system)
    planned = [
        PlannedRung(step.id, index, rung, change=CHANGES[step.id, index])
        for step in found.steps
        for index, rung in enumerate(step.ladder)
    ]
    return Plan(Verb.KILL, found, tuple(planned))


def restore_plan(*runs: str, system: str = SYSTEM) -> Plan:
    rungs = tuple(
        PlannedRung(f"{run}/{planned.step}", planned.index, planned.rung, change=planned.change)
        for run in reversed(runs)
        for planned in kill_plan(system).rungs
    )
    return Plan(Verb.RESTORE, book(system), rungs, ",".join(reversed(runs)))


class History:
    """Entries in the order in which they are told; each deed adds what the engine or the app would write for it."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.run = ""

    @property
    def incident(self) -> Incident:
        return fold(self.entries)

    def tell(self, kind: Kind, /, **data: Any) -> Entry:
        last = self.entries[-1].hash if self.entries else GENESIS
        seq = len(self.entries) + 1
        draft = Draft(AT + timedelta(seconds=seq), INCIDENT, "asserted:alice", "cli", kind, data)
        self.entries.append(seal(draft, seq=seq, prev=last, salt=f"salt {seq}"))
        return self.entries[-1]

    def of_run(self, kind: Kind, /, **data: Any) -> Entry:
        return self.tell(kind, run=self.run, **data)

    def declare(self, *systems: str, **more: Any) -> None:
        trigger = {"at": "2026-11-21T03:02:00.000000Z", "source": "pager"}
        self.tell(Kind.DECLARED, systems=list(systems or (SYSTEM,)), severity="sev2", trigger=trigger, **more)

    def approve(self, person: str, digest: str, *, of: str = "kill", glass: bool = False) -> None:
        actor = Actor(person, Identity.ASSERTED, f"{person}@laptop")
        given = Approval(digest, of, actor, AT, AT + timedelta(hours=1), break_glass=glass)
        self.tell(Kind.APPROVED, approval=given.to_json())

    def begin(self, run: str, plan: Plan) -> None:
        """Draw a plan and start a run of it."""
        self.run = run
        self.tell(Kind.PLANNED, plan=plan.to_json())
        where = {"run": run, "verb": plan.verb.value, "plan": plan.digest, "system": plan.runbook.system}
        self.tell(Kind.RUN_STARTED, **where, trigger_at="2026-11-21T03:02:00.000000Z", **SPANS)

    def resume(self) -> None:
        self.of_run(Kind.RUN_RESUMED, certain=True, **SPANS)

    def intend(self, step: str, rung: int, *, what: Change, attempt: int = 1) -> None:
        self.of_run(Kind.INTENDED, step=step, rung=rung, attempt=attempt, change=what.to_json())

    def end(self, step: str, rung: int, *, result: str, attempt: int = 1) -> None:
        where = {"step": step, "rung": rung, "attempt": attempt}
        self.of_run(Kind.ENDED, **where, result=result, says=result, found=None, took=0.5)

    def reread(self, step: str, rung: int, result: str) -> None:
        self.of_run(Kind.REREAD, step=step, rung=rung, result=result, says=result, found=None)

    def verify(self, step: str, rung: int, held: str = "held") -> None:
        self.of_run(Kind.VERIFIED, step=step, rung=rung, held=held, says=held)

    def pull(self, step: str, rung: int, *, what: Change, result: str = "changed", attempt: int = 1) -> None:
        """A whole pull: intended, ended, and verified if there is anything to verify."""
        self.intend(step, rung, what=what, attempt=attempt)
        self.end(step, rung, result=result, attempt=attempt)
        if result in {"changed", "already_so"}:
            self.verify(step, rung)

    def conclude(self, verdict: str, phase: str = "probes") -> None:
        self.of_run(Kind.VERDICT, phase=phase, verdict=verdict, why="", proof=dict(PROOF))

    def stop(self, verdict: str) -> None:
        self.of_run(Kind.RUN_ENDED, verdict=verdict, soaked=False, why="")

    def kill(self, run: str, *, verdict: str = "contained", system: str = SYSTEM) -> None:
        """A kill by its two first rungs."""
        self.begin(run, kill_plan(system))
        self.pull("stop", 0, what=OFF)
        self.pull("cut", 0, what=NO_EGRESS)
        self.conclude(verdict)
        self.stop(verdict)

    def restore(self, *runs: str, left_out: str = "", system: str = SYSTEM) -> None:
        """Put back what `kill` of these runs did, newest first, but for one step."""
        self.begin(f"back-{len(self.entries)}", restore_plan(*runs, system=system))
        for run in reversed(runs):
            for step, what in (("cut", NO_EGRESS), ("stop", OFF)):
                if step != left_out:
                    self.pull(f"{run}/{step}", 0, what=what)
        self.stop("restored")
