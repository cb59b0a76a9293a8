"""What a run is handed, and the run itself: its facts, told entry by entry, and its clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from queue import SimpleQueue
from threading import Event

from psfir.contracts import Capture, Clock, Evidence, Journal, Lever, Probe
from psfir.domain import instants
from psfir.domain.canon import Json
from psfir.domain.entries import Draft, Entry, Kind
from psfir.domain.plan import Plan
from psfir.domain.run import RunFacts, RungFacts, RungKey, add, begin
from psfir.domain.runbook import CaptureUse, ProbeUse, Rung
from psfir.domain.values import frozen
from psfir.engine.writing import Line, Writing, find


@frozen
class Kit:
    """The real parts. `levers`, `probes` and `captures` may raise any PsfirError: then that part cannot be had."""

    levers: Callable[[Rung], Lever]
    probes: Callable[[ProbeUse], Probe]
    captures: Callable[[CaptureUse], Capture]
    journal: Journal
    evidence: Evidence
    clock: Clock
    actor: str
    channel: str


@frozen
class Control:
    """How a run under way is steered from outside: pull no further rung, leave the soak, let go of it altogether.

    `rival` waits for a restore that was under way when a kill began, and says whether there was one; `overtaken` tells
    a restore that a kill of the same system has begun since.
    """

    stop_pulling: Event = field(default_factory=Event)
    leave_soak: Event = field(default_factory=Event)
    let_go: Event = field(default_factory=Event)
    rival: Callable[[], bool] = field(default=lambda: False)
    overtaken: Callable[[], bool] = field(default=lambda: False)


class LetGo(Exception):
    """The run was let go of between two records; `resume` carries it on."""


@frozen
class Late:
    """An abandoned call has answered after all."""

    key: RungKey
    says: str
    result: str


class Run:
    """One run. Every entry it writes goes through `write`, which moves its facts; safe from many threads."""

    def __init__(self, kit: Kit, incident: str, control: Control) -> None:
        self.kit = kit
        self.incident = incident
        self.control = control
        self.late: SimpleQueue[Late] = SimpleQueue()
        self._facts: RunFacts | None = None
        self._writing = Writing(self._append, self._tell, self._find)
        self._told = 0

    @property
    def facts(self) -> RunFacts:
        assert self._facts is not None  # noqa: S101 - a run begins or is taken up before it is asked
        return self._facts

    @property
    def plan(self) -> Plan:
        return self.facts.plan

    def begin(self, plan: Plan, *, run: str, trigger_at: str, age: float) -> None:
        """Start anew. `age` is how long ago the trigger was, by the wall; from here on the run clock counts."""
        data: dict[str, Json] = {
            "run": run,
            "verb": plan.verb.value,
            "plan": plan.digest,
            "system": plan.runbook.system,
            "trigger_at": trigger_at,
            "age": round(age, 3),
            **self._boot(),
        }
        self._facts = begin(self._append([Line(Kind.RUN_STARTED, data)])[0], plan)

    def take_up(self, facts: RunFacts) -> None:
        """Carry on what another process left. On another boot the run clock has to guess from the wall."""
        self._facts = facts
        origin = facts.resumed[-1] if facts.resumed else facts.started
        same_boot = origin["boot_id"] == self.kit.clock.boot_id()
        if same_boot:
            age = origin["age"] + self.kit.clock.elapsed() - origin["boot_at"]
        else:
            age = (self.kit.clock.now() - instants.read(facts.started["trigger_at"])).total_seconds()
        self.write(Kind.RUN_RESUMED, age=round(age, 3), certain=same_boot, **self._boot())

    def look_at(self, facts: RunFacts) -> None:
        """Look at a run's effect again, without carrying it on."""
        self._facts = facts

    def write(self, kind: Kind, **data: Json) -> Entry:
        """Durable when this returns."""
        return self._writing.write(kind, {"run": self.facts.id, **data})

    def rung(self, key: RungKey) -> RungFacts | None:
        return self.facts.rungs.get(key)

    def keep_going(self) -> None:
        """Called between two records: raises LetGo if somebody asked for it."""
        if self.control.let_go.is_set():
            raise LetGo

    def _append(self, lines: Sequence[Line]) -> list[Entry]:
        kit, drafts = self.kit, []
        for one in lines:
            one.at = one.at or kit.clock.now()
            drafts.append(Draft(one.at, self.incident, kit.actor, kit.channel, one.kind, one.data))
        return kit.journal.append(drafts)

    def _find(self, lines: Sequence[Line]) -> list[Entry | None]:
        """Among what this run has written since it last heard of an entry."""
        since = self.kit.journal.read(self.incident, after=self._told)
        return find(lines, (entry for entry in since if (entry.data or {}).get("run") == self.facts.id))

    def _tell(self, entry: Entry) -> None:
        self._told = entry.seq
        self._facts = add(self.facts, entry)

    def _boot(self) -> dict[str, Json]:
        return {"boot_id": self.kit.clock.boot_id(), "boot_at": round(self.kit.clock.elapsed(), 3)}
