"""What a run is handed, and the run itself: its facts, told entry by entry, and its clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from queue import SimpleQueue

from psfir.contracts import Capture, Clock, Evidence, Hold, Journal, Lever, Probe
from psfir.domain import instants
from psfir.domain.canon import Json
from psfir.domain.entries import Draft, Entry
from psfir.domain.kinds import Kind
from psfir.domain.plan import Plan
from psfir.domain.run import RunFacts, RungFacts, RungKey, add, begin
from psfir.domain.runbook import CaptureUse, ProbeUse, Rung
from psfir.domain.values import frozen
from psfir.engine.work import Signal
from psfir.engine.writing import Line, Writing, find


@frozen
class Kit:
    """The real parts. `levers`, `probes` and `captures` may raise any PsfirError: then that part cannot be had.

    `runner` is the network that this process is inside of; `heard` is told what others have written in a run of ours.
    """

    levers: Callable[[Rung], Lever]
    probes: Callable[[ProbeUse], Probe]
    captures: Callable[[CaptureUse], Capture]
    journal: Journal
    evidence: Evidence
    clock: Clock
    actor: str
    channel: str
    runner: str = ""
    heard: Callable[[Entry], None] = field(default=lambda _: None)


@frozen
class Control:
    """How a run under way is steered from outside: pull no further rung, leave the soak, let go of it altogether.

    `rival` waits for a restore that was under way when a kill began, and says whether there was one; `overtaken` tells
    a restore that the system which a run contained is being killed again, and `system_of` which one that is: what
    belongs to different ones is put back side by side.
    """

    stop_pulling: Signal = field(default_factory=Signal)
    leave_soak: Signal = field(default_factory=Signal)
    let_go: Signal = field(default_factory=Signal)
    rival: Callable[[], bool] = field(default=lambda: False)
    overtaken: Callable[[str], bool] = field(default=lambda _: False)
    system_of: Callable[[str], str] = field(default=lambda _: "")


class LetGo(Exception):
    """The run was let go of between two records; `resume` carries it on."""


@frozen
class Late:
    """An abandoned call has answered after all."""

    key: RungKey
    says: str
    result: str


class Run:
    """One run. Every entry it writes goes through `write`, which moves its facts; safe from many threads.

    `under` are the leases it is carried under: once another process has one of them, nothing can be written any more,
    and so no rung is pulled.
    """

    def __init__(self, kit: Kit, incident: str, control: Control, *, under: Sequence[Hold] = ()) -> None:
        self.kit = kit
        self.under = tuple(under)
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
        begin_all([(self, plan, run)], trigger_at=trigger_at, age=age)

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

    def hear(self, entry: Entry) -> None:
        """Somebody else has written this in our run: it belongs to its facts."""
        self._writing.hear(entry)
        self.kit.heard(entry)

    def rung(self, key: RungKey) -> RungFacts | None:
        return self.facts.rungs.get(key)

    def keep_going(self) -> None:
        """Called between two records: raises LetGo if somebody asked for it."""
        if self.control.let_go.is_set():
            raise LetGo

    def opening(self, plan: Plan, run: str, *, trigger_at: str, age: float) -> Draft:
        """The entry that a run begins with."""
        data: dict[str, Json] = {
            "run": run,
            "verb": plan.verb.value,
            "plan": plan.digest,
            "system": plan.runbook.system,
            "trigger_at": trigger_at,
            "age": round(age, 3),
            **self._boot(),
        }
        return self._draft(Line(Kind.RUN_STARTED, data))

    def opened(self, entry: Entry, plan: Plan) -> None:
        """It is durable."""
        self._told = entry.seq
        self._facts = begin(entry, plan)

    def _append(self, lines: Sequence[Line]) -> list[Entry]:
        return self.kit.journal.append([self._draft(line) for line in lines], under=self.under)

    def _draft(self, line: Line) -> Draft:
        kit = self.kit
        line.at = line.at or kit.clock.now()
        return Draft(line.at, self.incident, kit.actor, kit.channel, line.kind, line.data)

    def _find(self, lines: Sequence[Line]) -> list[Entry | None]:
        """Among what this run has written since it last heard of an entry."""
        since = self.kit.journal.read(self.incident, after=self._told)
        return find(lines, (entry for entry in since if (entry.data or {}).get("run") == self.facts.id))

    def _tell(self, entry: Entry) -> None:
        self._told = max(self._told, entry.seq)
        self._facts = add(self.facts, entry)

    def _boot(self) -> dict[str, Json]:
        return {"boot_id": self.kit.clock.boot_id(), "boot_at": round(self.kit.clock.elapsed(), 3)}


def begin_all(runs: Sequence[tuple[Run, Plan, str]], *, trigger_at: str, age: float) -> None:
    """Start many runs of one kit in one durable append: none of them can be forgotten once the first rung is pulled."""
    drafts = [run.opening(plan, name, trigger_at=trigger_at, age=age) for run, plan, name in runs]
    under = [hold for run, _, _ in runs for hold in run.under]
    entries = runs[0][0].kit.journal.append(drafts, under=under)
    for (run, plan, _), entry in zip(runs, entries, strict=True):
        run.opened(entry, plan)
