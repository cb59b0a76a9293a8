"""Look at the effect until every replica gave the same answer N times in a row, then keep looking through the soak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

from psfir.domain.change import Held
from psfir.domain.kinds import Kind
from psfir.domain.runbook import ProbeUse
from psfir.domain.verdict import Proof, Sight, Verdict, capped, judge
from psfir.engine.kit import Run
from psfir.engine.reread import look_again, reread_late
from psfir.engine.share import Left, Share, call
from psfir.engine.work import Pause, Work, together
from psfir.errors import PsfirError

SOAK_EVERY = 5.0

GAPS = 0.1
"""The share of looks in a soak that may go unanswered, beside a first one; more, and the soak was not watched."""


@dataclass
class _Tally:
    """What one probe has seen so far. Replicas that the newest look no longer names are gone and do not count."""

    answers: int = 0
    untold: int = 0
    first: float | None = None
    last: float = 0.0
    streaks: dict[str, int] = field(default_factory=dict)
    sights: dict[str, Sight] = field(default_factory=dict)

    def add(self, sights: Sequence[Sight], at: float) -> bool:
        """Take in one look; True if the picture changed."""
        before = {name: sight.held for name, sight in self.sights.items()}
        self.sights = {sight.replica: sight for sight in sights}
        self.streaks = {s.replica: self.streaks.get(s.replica, 0) + 1 if s.held is Held.HELD else 0 for s in sights}
        told = sum(sight.held is not Held.COULD_NOT_TELL for sight in sights)
        self.answers += told
        self.untold += len(sights) - told
        self.first = at if self.first is None else self.first
        self.last = at
        return before != {sight.replica: sight.held for sight in sights}

    def proven(self, times: int) -> bool:
        return bool(self.streaks) and all(streak >= times for streak in self.streaks.values())

    def looks(self, times: int) -> list[Held]:
        """One Held per replica: held only after N in a row; a streak that was cut short could not tell."""
        if not self.sights:
            return [Held.COULD_NOT_TELL]
        return [
            Held.COULD_NOT_TELL if sight.held is Held.HELD and self.streaks[name] < times else sight.held
            for name, sight in self.sights.items()
        ]

    def soaked(self) -> list[Held]:
        """The last sights, unless so many looks could not tell that nobody can say it was watched."""
        if self.untold > max(1, (self.answers + self.untold) * GAPS):
            return [Held.COULD_NOT_TELL]
        return self.looks(1)


class _Watch:
    """One phase of looking: `probes` (until N in a row), `soak` (for so long) or `verify`."""

    def __init__(self, run: Run, phase: str) -> None:
        self.run = run
        self.phase = phase
        self.tallies: dict[str, _Tally] = {}
        self.turned_back = False
        self._lock = Lock()

    def until_proven(self, use: ProbeUse) -> Work[None]:
        """Look every so often until proven, or the probe's share is used up."""
        share, tally = Share(self.run.kit.clock, use.within), self._tally(use)
        while share.left > 0 and not self.run.control.let_go.is_set():
            yield from self._look(use, tally, Share(share.clock, min(use.each, share.left)))
            if tally.proven(use.times):
                return
            yield Pause(min(use.every, share.left), self.run.control.let_go)

    def last_look(self, use: ProbeUse) -> Work[None]:
        """Once more when all are proven: the one that was proven first may have changed meanwhile."""
        tally = self._tally(use)
        if tally.proven(use.times):
            yield from self._look(use, tally, Share(self.run.kit.clock, use.each))

    def through_soak(self, use: ProbeUse) -> Work[None]:
        """Keep looking; the first look that does not hold, at any probe, ends the soak for all."""
        share, tally = Share(self.run.kit.clock, use.soak), self._tally(use)
        every = max(use.every, min(SOAK_EVERY, use.soak / 10))
        while not self._over():
            # The last look comes at the end of the soak, not one interval before it.
            yield from self._look(use, tally, Share(share.clock, use.each))
            if any(sight.held is Held.NOT_HELD for sight in tally.sights.values()):
                self.turned_back = True
            if share.left <= 0 or self._over():
                return
            yield Pause(min(every, share.left), self.run.control.leave_soak)

    def proof(self, soaked: float = 0.0) -> Proof:
        tallies = self.tallies.values()
        first = min((t.first for t in tallies if t.first is not None), default=0.0)
        last = max((t.last for t in tallies), default=0.0)
        replicas = tuple(dict.fromkeys(f"{p}/{r}" for p, t in self.tallies.items() for r in t.sights))
        answers, untold = sum(t.answers for t in tallies), sum(t.untold for t in tallies)
        return Proof(answers, untold, max(0.0, last - first), replicas, soaked)

    def why(self) -> str:
        """Names what does not hold, or could not be told."""
        blind = [
            f"{p}: {t.untold} of {t.answers + t.untold} looks could not tell"
            for p, t in self.tallies.items()
            if self.phase == "soak" and t.soaked() == [Held.COULD_NOT_TELL]
        ]
        bad = blind + [f"{p}/{s.replica}: {s.says}" for p, t in self.tallies.items() for s in _bad(t)]
        return "; ".join(bad[:5]) + (f"; and {len(bad) - 5} more" if len(bad) > 5 else "")  # noqa: PLR2004 - five are enough to read

    def _tally(self, use: ProbeUse) -> _Tally:
        with self._lock:
            return self.tallies.setdefault(use.id, _Tally())

    def _over(self) -> bool:
        return self.turned_back or self.run.control.leave_soak.is_set() or self.run.control.let_go.is_set()

    def _look(self, use: ProbeUse, tally: _Tally, share: Share) -> Work[None]:
        try:
            probe = self.run.kit.probes(use)
            what = f"probe {use.id}"
            stop = self.run.control.leave_soak if self.phase == "soak" else None
            look = partial(probe.look, use.target, use.expect)
            sights = list((yield from call(lambda within: look(within=within), share, what=what, stop=stop)))
        except Left:
            return  # nobody waited for what it would have seen
        except PsfirError as error:
            sights = [Sight(name, Held.COULD_NOT_TELL, str(error)) for name in tally.sights or ("all",)]
        sights = sights or [Sight("all", Held.COULD_NOT_TELL, "the probe named nothing to look at")]
        if tally.add(sights, share.clock.elapsed()):
            seen = [{"replica": s.replica, "held": s.held.value, "says": s.says} for s in sights]
            self.run.write(Kind.SEEN, probe=use.id, phase=self.phase, sights=seen)


def verify(run: Run, *, phase: str = "probes") -> Work[Verdict]:
    """Probe side by side until proven or out of time; the verdict is recorded with its proof."""
    uses = run.plan.runbook.verify
    watch = _Watch(run, phase)
    yield from together([watch.until_proven(use) for use in uses])
    if len(uses) > 1:
        yield from together([watch.last_look(use) for use in uses])
    run.keep_going()
    yield from reread_late(run)
    unasked = (yield from look_again(run)) if phase == "verify" else ""
    looks = [held for use in uses for held in watch.tallies[use.id].looks(use.times)]
    return _conclude(run, watch, judge(looks), unasked=unasked)


def soak(run: Run) -> Work[tuple[Verdict, bool]]:
    """Watch on for as long as the runbook says: the verdict, and whether the whole soak was watched."""
    uses = [use for use in run.plan.runbook.verify if use.soak > 0]
    watch = _Watch(run, "soak")
    run.write(Kind.SOAKING, seconds=run.plan.runbook.soak)
    share = Share(run.kit.clock, run.plan.runbook.soak)
    yield from together([watch.through_soak(use) for use in uses])
    run.keep_going()
    whole = not run.control.leave_soak.is_set() or watch.turned_back
    yield from reread_late(run)
    unasked = yield from look_again(run)
    if not whole and not all(tally.sights for tally in watch.tallies.values()):
        return run.facts.verdict, False  # left before anything was seen: what the probes said stands
    looks = [held for use in uses for held in watch.tallies[use.id].soaked()]
    return _conclude(run, watch, judge(looks), unasked=unasked, soaked=share.spent), whole


def _conclude(run: Run, watch: _Watch, seen: Verdict, *, unasked: str, soaked: float = 0.0) -> Verdict:
    held = run.facts.held_steps
    missed = [step.id for step in run.plan.runbook.steps if step.id not in held]
    verdict = capped(seen, steps_failed=bool(missed))
    why = watch.why()
    if missed:
        why = "; ".join(filter(None, (f"no rung holds for step {', '.join(missed)}", why)))
    if not run.plan.runbook.verify:
        why = why or "no probe looked at the effect"
    why = "; ".join(filter(None, (why, unasked)))
    proof = watch.proof(soaked)
    if watch.phase == "soak" and run.facts.verdicts:
        # The soak goes on where the probes left off: one proof for both.
        before = run.facts.verdicts[-1].proof
        proof = Proof(
            before.answers + proof.answers,
            before.untold + proof.untold,
            before.over + proof.over,
            proof.replicas,
            soaked,
        )
    run.write(Kind.VERDICT, phase=watch.phase, verdict=verdict.value, why=why, proof=proof.to_json())
    return verdict


def _bad(tally: _Tally) -> list[Sight]:
    if not tally.sights:
        return [Sight("all", Held.COULD_NOT_TELL, "was never looked at")]
    return [sight for sight in tally.sights.values() if sight.held is not Held.HELD]
