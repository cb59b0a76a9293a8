"""A small workspace, people at its keyboard, a clock that stands still, and runs made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from psfir.app.incident import Declared, declare
from psfir.app.session import Door, Session, open_session
from psfir.domain.change import Change
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.modes import Mode
from psfir.domain.people import Actor, Identity
from psfir.domain.plan import Plan, PlannedRung, Verb
from psfir.domain.runbook import ApprovalRule, ProbeUse, Runbook, Rung, Step

NOW = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
WORDS = """\
schema: psfir.workspace/1
name: Test Works
people:
  alice: {{name: Alice, roles: [on_call, incident_commander]{keys}}}
  bob: {{name: Bob, roles: [on_call]}}
  carol: {{name: Carol, roles: [comms]}}
  dora: {{name: Dora, roles: [auditor]}}
connections:
  estate: {{kind: memory, path: estate.json}}
systems:
  support-assistant: {{title: Support assistant, owner: alice}}
  search: {{title: Search, owner: alice}}
"""


class StandingClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at
        self.boot = "boot-1"

    def now(self) -> datetime:
        return self.at

    def elapsed(self) -> float:
        return (self.at - NOW).total_seconds() + 1000.0

    def boot_id(self) -> str:
        return self.boot

    def wait(self, event: Event, seconds: float) -> bool:
        self.at += timedelta(seconds=seconds)
        return event.is_set()


def lay_out(root: Path, *, keys: tuple[str, ...] = ()) -> Path:
    """psfir.yaml and an estate; `keys` are alice's."""
    root.mkdir(parents=True, exist_ok=True)
    listed = f", ssh_keys: [{', '.join(repr(key) for key in keys)}]" if keys else ""
    (root / "psfir.yaml").write_text(WORDS.format(keys=listed))
    (root / "estate.json").write_text("{}")
    return root


def at_work(root: Path, me: str = "alice", *, login: str = "", clock: StandingClock | None = None) -> Session:
    """A session of somebody; `login` is the machine's word for who types, each person's own by default."""
    session = open_session(Door(env={"PSFIR_ME": me, "HOME": str(root)}), workspace=root)
    actor = replace(session.who.actor, login=login or f"{me or 'nobody'}@box")
    return replace(session, who=replace(session.who, actor=actor), clock=clock or StandingClock())


def opened(session: Session, *systems: str, **words: Any) -> Incident:
    return declare(session, systems or ("support-assistant",), words=Declared(**words))


def plan(
    verb: Verb = Verb.KILL, *, system: str = "support-assistant", containment: str = "", after: str = "off", **rule: Any
) -> Plan:
    """One rung of one step."""
    rung = Rung("memory.switch", {"connection": "estate", "switch": system}, {"state": after}, 5.0)
    step = f"{containment}/stop" if containment else "stop"
    change = Change("memory.switch", rung.target, "on", after, f"turn {system} {after}")
    book = Runbook(
        id=f"{system}-off",
        title="Off",
        system=system,
        mode=Mode.DISABLE,
        steps=(Step("stop", (rung,)),),
        verify=(ProbeUse("seen", "memory", rung.target, {"state": "off"}),),
        approval=ApprovalRule(**rule),
        playbook="harmful-output",
    )
    return Plan(verb, book, (PlannedRung(step, 0, rung, change=change, source="psfir"),), containment)


def planned(session: Session, incident: Incident, plan: Plan) -> Incident:
    session.record(session.draft(incident.id, Kind.PLANNED, {"plan": plan.to_json()}))
    return session.incident(incident.id)


def ran(
    session: Session,
    incident: Incident,
    plan: Plan,
    run: str = "run-1",
    *,
    verdict: str = "contained",
    end: bool = True,
    soaked: bool = True,
) -> Incident:
    """A run of this plan that changed its rung and came to this verdict."""
    rung = plan.rungs[0]
    where = {"run": run, "step": rung.step, "rung": 0}
    assert rung.change is not None
    proof = {"answers": 5, "untold": 0, "over": 4.0, "replicas": ["a"], "soaked": 0.0}
    started = {"run": run, "verb": plan.verb.value, "plan": plan.digest, "system": plan.runbook.system}
    boot = {"trigger_at": "2026-11-21T03:12:00.000000Z", "age": 0.0, "boot_id": "b", "boot_at": 0.0}
    entries: list[tuple[Kind, dict[str, Any]]] = [
        (Kind.PLANNED, {"plan": plan.to_json()}),
        (Kind.RUN_STARTED, {**started, **boot}),
        (Kind.INTENDED, {**where, "attempt": 1, "change": rung.change.to_json()}),
        (Kind.ENDED, {**where, "attempt": 1, "result": "changed", "says": "done", "found": None, "took": 0.1}),
        (Kind.VERIFIED, {**where, "held": "held", "says": "it is off"}),
    ]
    if plan.verb is Verb.KILL:
        entries.append((Kind.VERDICT, {"run": run, "phase": "probes", "verdict": verdict, "why": "", "proof": proof}))
    if end:
        entries.append((Kind.RUN_ENDED, {"run": run, "verdict": verdict, "soaked": soaked, "why": ""}))
    session.record(*(session.draft(incident.id, kind, data) for kind, data in entries))
    return session.incident(incident.id)


def put_back(session: Session, incident: Incident, run: str = "run-1") -> Incident:
    """Restore what that run changed."""
    return ran(session, incident, plan(Verb.RESTORE, containment=run), f"back-{run}", verdict="restored")


def verified(person: str) -> Actor:
    return Actor(person, Identity.VERIFIED, f"{person}@box")
