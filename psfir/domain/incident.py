"""The incident as its entries tell it: the one source of all that is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from psfir.domain.approval import Approval
from psfir.domain.grown import Grown
from psfir.domain.modes import PlanCase, Severity
from psfir.domain.people import Seat
from psfir.domain.plan import Plan, Verb
from psfir.domain.run import RunFacts, RungKey
from psfir.domain.standing import Pull, not_overtaken
from psfir.domain.values import frozen
from psfir.domain.verdict import Verdict, worst
from psfir.domain.wording import NAMED, some


class Status(StrEnum):
    """Where an incident stands. One that was reopened is open."""

    OPEN = "open"
    RESOLVED = "resolved"
    CLOSED = "closed"
    FALSE_ALARM = "false_alarm"
    MERGED = "merged"


@frozen
class Note:
    """Words that somebody typed; `text` is None once erased."""

    seq: int
    at: str
    actor: str
    about: str
    text: str | None


@frozen
class Tick:
    """One step of a playbook that somebody has done, or skipped for a reason."""

    playbook: str
    step: str
    state: str
    reason: str
    at: str
    actor: str


@frozen
class Published:
    """The written analysis as it went out; `late` are business days after it was due."""

    at: str
    actor: str
    digest: str
    late: int


@frozen
class Incident:
    """All that is known of one incident. `heads` is the last entry folded in.

    `duties`: a legal clock was opened. `messages`: some were drafted. `remediation`: items were added. `published`
    answers for what happened until then: once the incident was opened again, another analysis is asked for.
    """

    id: str
    systems: tuple[str, ...]
    severity: Severity
    case: PlanCase | None
    trigger_at: datetime
    trigger_source: str
    declared_at: datetime
    declared_by: str
    status: Status = Status.OPEN
    merged_into: str = ""
    resolved_at: str = ""
    seats: Mapping[Seat, str] = field(default_factory=dict)
    seated_at: Mapping[Seat, str] = field(default_factory=dict)
    notes: Grown[Note] = field(default_factory=Grown)
    claims: Grown[Note] = field(default_factory=Grown)
    plans: Mapping[str, Plan] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()
    runs: Mapping[str, RunFacts] = field(default_factory=dict)
    ticks: Grown[Tick] = field(default_factory=Grown)
    duties: bool = False
    messages: bool = False
    published: Published | None = None
    remediation: bool = False
    head: int = 0

    @property
    def open(self) -> bool:
        return self.status is Status.OPEN

    @property
    def unfinished(self) -> bool:
        """Whether somebody still has to do something: work on it, put something back, or close it."""
        return self.open or self.status is Status.RESOLVED or bool(self.standing)

    @property
    def title(self) -> str:
        """What somebody called it, else the systems."""
        titles = [note.text for note in self.notes if note.about == "title" and note.text]
        return titles[-1] if titles else some(self.systems, NAMED)

    @property
    def broke_glass(self) -> tuple[Approval, ...]:
        """Shown in the headline for ever."""
        return tuple(a for a in self.approvals if a.break_glass)

    @property
    def running(self) -> tuple[RunFacts, ...]:
        """Runs that have begun and not ended; whether somebody is at work on one, its lease tells."""
        return tuple(run for run in self.runs.values() if run.ended is None)

    def last_kill(self, system: str = "") -> RunFacts | None:
        kills = [r for r in self.runs.values() if r.verb is Verb.KILL and system in {"", r.plan.runbook.system}]
        return kills[-1] if kills else None

    @property
    def verdict(self) -> Verdict | None:
        """The last word of all: None if nothing was ever contained, or all of it was restored since."""
        last = self.contained
        return worst(run.verdict for run in last) if last else None

    @property
    def contained(self) -> tuple[RunFacts, ...]:
        """The last containment of each system that was not put back since."""
        still = {self.runs[pull.run].plan.runbook.system for pull in self.standing}
        last: dict[str, RunFacts] = {}
        for run in self.runs.values():
            if run.verb is Verb.KILL:
                last[run.plan.runbook.system] = run
                continue
            for of in run.plan.containment.split(","):
                system = self.runs[of].plan.runbook.system if of in self.runs else ""
                if system not in still:
                    last.pop(system, None)
        return tuple(last.values())

    @property
    def standing(self) -> tuple[Pull, ...]:
        """What psfir changed, or may have, and is not seen to be back: oldest first, one pull for a run's rung."""
        pulls: list[Pull] = []
        back: set[tuple[str, RungKey]] = set()
        for run in self.runs.values():
            for key, facts in run.rungs.items():
                if run.verb is Verb.KILL and facts.leaves:
                    pulls.append(Pull(run.id, key, facts))
                elif run.verb is Verb.RESTORE and facts.held:
                    # A restore names each rung by the run that pulled it: `run/step`.
                    of, _, step = key[0].partition("/")
                    back.add((of, (step, key[1])))
        return tuple(pull for pull in not_overtaken(pulls) if (pull.run, pull.key) not in back)
