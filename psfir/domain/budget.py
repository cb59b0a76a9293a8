"""The fifteen minutes as arithmetic. Lint adds these shares up before; the run spends the very same ones."""

from __future__ import annotations

from psfir.domain.durations import show
from psfir.domain.runbook import ProbeUse, Runbook, Rung, Step
from psfir.domain.values import frozen

READ_SHARE = 5.0
"""What planning may take: all rungs are read side by side, and one that does not answer by then stays in the ladder."""

_EACH_READ = 0.02
"""Where very many are read, some wait for the others: what each adds then."""

CONFIRM_SHARE = 30.0
"""What the yes at the prompt may take of a person who has the plan before their eyes."""

REREAD_SHARE = 5.0
"""What one look at rungs with an unknown outcome may take; all are read side by side."""


@frozen
class Share:
    """One stretch of the critical path: what it is, how long it can take at worst, and how that was worked out."""

    name: str
    seconds: float
    how: str = ""


@frozen
class Budget:
    """The worst case along the critical path. The soak lies outside it."""

    shares: tuple[Share, ...]
    deadline: float

    @property
    def total(self) -> float:
        return sum(share.seconds for share in self.shares)

    @property
    def fits(self) -> bool:
        return self.total <= self.deadline


def reading_share(rungs: int) -> float:
    """What planning so many rungs may take."""
    return max(READ_SHARE, rungs * _EACH_READ)


def rung_share(rung: Rung) -> float:
    """One try and its retries, each with a whole share."""
    return rung.within * (1 + rung.retries)


def step_share(step: Step) -> float:
    """Every rung in turn, since at worst none but the last holds."""
    return sum(rung_share(rung) for rung in step.ladder)


def probe_share(use: ProbeUse) -> float:
    """From the first look to N in a row."""
    return use.within


def capture_share(runbook: Runbook) -> float:
    """Captures run side by side, and the kill waits for the slowest no longer than its own share."""
    return max((use.within for use in runbook.capture), default=0.0)


def approval_share(runbook: Runbook) -> float:
    """The prompt, and the wait for others where more than one yes is asked."""
    return CONFIRM_SHARE + (runbook.approval.within if runbook.approval.kill > 1 else 0.0)


def critical_path(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The chain of steps that ends last. Steps in a cycle, or behind one, are left out: lint names those on its own."""
    known = {step.id for step in steps}
    ends: dict[str, float] = {}
    came_from: dict[str, Step | None] = {}
    by_id = {step.id: step for step in steps}
    for step in ordered(steps):
        before = max((a for a in step.after if a in known), key=lambda a: ends[a], default=None)
        came_from[step.id] = by_id[before] if before else None
        ends[step.id] = (ends[before] if before else 0.0) + step_share(step)
    path: list[Step] = []
    last = by_id[max(ends, key=lambda i: ends[i])] if ends else None
    while last:
        path.append(last)
        last = came_from[last.id]
    return tuple(reversed(path))


def ordered(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Each step behind those it comes `after`; what is in a cycle, or behind one, is left out. One step for each id."""
    steps = tuple({step.id: step for step in steps}.values())
    known = {step.id for step in steps}
    needs = {step.id: {a for a in step.after if a in known} for step in steps}
    followers: dict[str, list[Step]] = {}
    for step in steps:
        for earlier in needs[step.id]:
            followers.setdefault(earlier, []).append(step)
    ready = [step for step in steps if not needs[step.id]]
    for step in ready:  # grows while it is walked
        for follower in followers.get(step.id, ()):
            needs[follower.id].discard(step.id)
            if not needs[follower.id]:
                ready.append(follower)
    return tuple(ready)


def worst_case(runbook: Runbook) -> Budget:
    """Every share on the way from the command to the verdict, in the order in which they are spent."""
    count = sum(len(step.ladder) for step in runbook.steps)
    shares = [Share("plan", reading_share(count), "all rungs read side by side")]
    if runbook.capture:
        shares.append(Share("evidence", capture_share(runbook), "the slowest capture's share"))
    how = f"and {runbook.approval.kill} people's yes" if runbook.approval.kill > 1 else "one yes at the prompt"
    shares.append(Share("approval", approval_share(runbook), how))
    for step in critical_path(runbook.steps):
        rungs = " + ".join(_rung_sum(rung) for rung in step.ladder)
        shares.append(Share(f"step {step.id}", step_share(step), rungs))
    shares.append(Share("unknown rungs read again", 2 * REREAD_SHARE, "before the probes, and before the verdict"))
    if runbook.verify:
        slowest = max(runbook.verify, key=probe_share)
        shares.append(Share(f"probe {slowest.id}", probe_share(slowest), f"{slowest.times} in a row"))
    if len(runbook.verify) > 1:
        last = max(use.each for use in runbook.verify)
        shares.append(Share("last look", last, "at every probe once more when all are proven"))
    return Budget(tuple(shares), runbook.deadline)


def _rung_sum(rung: Rung) -> str:
    return f"{rung.lever} {show(rung.within)}" + (f" x{rung.retries + 1}" if rung.retries else "")
