"""One run (a kill, a restore) as its entries tell it. `resume` starts from this and from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from psfir.domain.change import Change, Held, Look, Outcome, Result
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.plan import Plan, Verb
from psfir.domain.values import frozen, remade
from psfir.domain.verdict import Proof, Verdict

RungKey = tuple[str, int]


@frozen
class RungFacts:
    """What is recorded of one rung. A `change` without an `outcome`: intended, and nobody knows what became of it.

    `earlier` is what tries before this one left in the world: CHANGED, UNKNOWN, or None for nothing. A try that fails,
    or finds all done, takes none of that back. `seq` is the entry of the newest intention, of the end where
    nothing was intended.
    """

    step: str
    index: int
    attempt: int = 0
    change: Change | None = None
    outcome: Outcome | None = None
    look: Look | None = None
    late: tuple[Outcome, ...] = ()
    took: float = 0.0
    earlier: Result | None = None
    seq: int = 0

    @property
    def changed(self) -> bool:
        """Whether psfir is known to have changed the world here."""
        return self.change is not None and Result.CHANGED in {self.earlier, self.outcome and self.outcome.result}

    @property
    def unsure(self) -> bool:
        """Whether psfir may have changed the world here without knowing it."""
        if self.change is None or self.changed:
            return False
        return self.outcome is None or Result.UNKNOWN in {self.earlier, self.outcome.result}

    @property
    def leaves(self) -> Result | None:
        """What `earlier` is for a try that comes after this."""
        return Result.CHANGED if self.changed else Result.UNKNOWN if self.unsure else None

    @property
    def held(self) -> bool:
        return self.look is not None and self.look.held is Held.HELD


@frozen
class VerdictFacts:
    """A verdict, of which phase (`probes`, `soak`, `verify`), when and on what proof."""

    phase: str
    verdict: Verdict
    why: str
    proof: Proof
    at: str
    seq: int


@frozen
class RunFacts:
    """`seen` has the last sights of each probe as {probe: {replica: (held, says)}}.

    `asked` are rungs that wait for somebody inside a network, by the name of its runner.
    """

    id: str
    verb: Verb
    plan: Plan
    actor: str
    started: Mapping[str, Any]
    at: str
    resumed: tuple[Mapping[str, Any], ...] = ()
    rungs: Mapping[RungKey, RungFacts] = field(default_factory=dict)
    evidence: tuple[Mapping[str, Any], ...] = ()
    no_evidence: tuple[Mapping[str, Any], ...] = ()
    seen: Mapping[str, Mapping[str, tuple[Held, str]]] = field(default_factory=dict)
    asked: Mapping[RungKey, str] = field(default_factory=dict)
    verdicts: tuple[VerdictFacts, ...] = ()
    soaking: float | None = None
    ended: Mapping[str, Any] | None = None

    @property
    def verdict(self) -> Verdict:
        return self.verdicts[-1].verdict if self.verdicts else Verdict.UNKNOWN

    @property
    def unsoaked(self) -> bool:
        """Whether it contained, and nobody has watched to the end of the soak that it stays so."""
        if self.ended is None or self.verdict is not Verdict.CONTAINED:
            return False
        return self.plan.runbook.soak > 0 and not self.ended["soaked"]

    @property
    def held_steps(self) -> set[str]:
        """Those of which some rung is known to hold."""
        return {step for (step, _), rung in self.rungs.items() if rung.held}

    def step_held(self, step: str) -> bool:
        """Whether some rung of that step is known to hold."""
        return any(rung.held for (of, _), rung in self.rungs.items() if of == step)

    @property
    def left(self) -> tuple[RungKey, ...]:
        """Rungs that were not pulled: what `--climb` has left."""
        return tuple((p.step, p.index) for p in self.plan.rungs if (p.step, p.index) not in self.rungs)


def begin(entry: Entry, plan: Plan) -> RunFacts:
    """The facts of a run of which only `run.started` is known."""
    data = _data(entry)
    return RunFacts(data["run"], Verb(data["verb"]), plan, entry.actor, data, entry.at)


def add(run: RunFacts, entry: Entry) -> RunFacts:
    """The facts with one more entry of that run."""
    step = _STEPS.get(entry.kind)
    return step(run, entry, _data(entry)) if step else run


def _data(entry: Entry) -> Mapping[str, Any]:
    return entry.data or {}


def _known(run: RunFacts, data: Mapping[str, Any]) -> RungFacts:
    key = (data["step"], data["rung"])
    return run.rungs.get(key) or RungFacts(*key)


def _rung(run: RunFacts, data: Mapping[str, Any], **fields: Any) -> RunFacts:
    facts = remade(_known(run, data), **fields)
    return remade(run, rungs={**run.rungs, (facts.step, facts.index): facts})


def _intended(run: RunFacts, entry: Entry, data: Mapping[str, Any]) -> RunFacts:
    change, earlier = Change.from_json(data["change"]), _known(run, data).leaves
    again = {"outcome": None, "look": None, "earlier": earlier, "seq": entry.seq}
    return _rung(run, data, change=change, attempt=data["attempt"], **again)


def _ended(run: RunFacts, entry: Entry, data: Mapping[str, Any]) -> RunFacts:
    facts = _known(run, data)
    # A try that ended without an intention of its own touched nothing: what the one before it left is still there.
    earlier = facts.leaves if data["attempt"] > facts.attempt else facts.earlier
    seq = facts.seq or entry.seq
    ended = {"outcome": _outcome(data), "took": data["took"], "attempt": data["attempt"]}
    return _rung(run, data, earlier=earlier, seq=seq, **ended)


def _reread(run: RunFacts, _: Entry, data: Mapping[str, Any]) -> RunFacts:
    return _rung(run, data, outcome=_outcome(data))


def _verified(run: RunFacts, _: Entry, data: Mapping[str, Any]) -> RunFacts:
    return _rung(run, data, look=Look(Held(data["held"]), data["says"]))


def _late(run: RunFacts, _: Entry, data: Mapping[str, Any]) -> RunFacts:
    return _rung(run, data, late=(*_known(run, data).late, _outcome(data)))


def _outcome(data: Mapping[str, Any]) -> Outcome:
    return Outcome(Result(data["result"]), data["says"], data.get("found"))


def _handed(run: RunFacts, _: Entry, data: Mapping[str, Any]) -> RunFacts:
    key = (data["step"], data["rung"])
    rest = {other: runner for other, runner in run.asked.items() if other != key}
    return remade(run, asked={**rest, key: data["runner"]} if data["state"] in {"asked", "taken"} else rest)


def _seen(run: RunFacts, _: Entry, data: Mapping[str, Any]) -> RunFacts:
    sights = {s["replica"]: (Held(s["held"]), s["says"]) for s in data["sights"]}
    return remade(run, seen={**run.seen, data["probe"]: sights})


def _verdict(run: RunFacts, entry: Entry, data: Mapping[str, Any]) -> RunFacts:
    proof = Proof(**{**data["proof"], "replicas": tuple(data["proof"]["replicas"])})
    facts = VerdictFacts(data["phase"], Verdict(data["verdict"]), data["why"], proof, entry.at, entry.seq)
    return remade(run, verdicts=(*run.verdicts, facts))


_STEPS: dict[str, Callable[[RunFacts, Entry, Mapping[str, Any]], RunFacts]] = {
    Kind.RUN_RESUMED: lambda run, _, data: remade(run, resumed=(*run.resumed, data), ended=None),
    Kind.RUN_ENDED: lambda run, _, data: remade(run, ended=data),
    Kind.EVIDENCE: lambda run, _, data: remade(run, evidence=(*run.evidence, data)),
    Kind.NO_EVIDENCE: lambda run, _, data: remade(run, no_evidence=(*run.no_evidence, data)),
    Kind.SOAKING: lambda run, _, data: remade(run, soaking=data["seconds"]),
    Kind.INTENDED: _intended,
    Kind.ENDED: _ended,
    Kind.REREAD: _reread,
    Kind.VERIFIED: _verified,
    Kind.LATE: _late,
    Kind.HANDED: _handed,
    Kind.SEEN: _seen,
    Kind.VERDICT: _verdict,
}
