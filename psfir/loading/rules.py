"""What makes a runbook that can be read a runbook that will work: its steps, its arithmetic, its probes, its people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psfir.domain.budget import Budget, Share, ordered, worst_case
from psfir.domain.durations import show
from psfir.domain.people import Deed, Team
from psfir.domain.runbook import PSF_DEADLINE, Runbook, Step
from psfir.domain.system import Workspace
from psfir.domain.values import frozen
from psfir.loading.files import Loaded
from psfir.loading.nodes import Node
from psfir.loading.problems import Problems

_MANY = 12
"""So many parts of a sum or a path are named; a thousand would not be read."""


@frozen
class Draft:
    """A runbook as a rule sees it, with where each part of it stands."""

    book: Runbook
    root: Node
    problems: Problems

    def add(self, where: Sequence[str | int], says: str, rule: str, *, warning: bool = False) -> None:
        self.problems.add(self.root.at(*where), says, rule=rule, warning=warning)


def check_runbook(loaded: Loaded, workspace: Workspace | None) -> Budget | None:
    """Every rule that asks nothing of the catalog; the worst case, where there is one to be worked out."""
    draft = Draft(loaded.value, loaded.root, loaded.problems)
    budget = arithmetic(draft) if steps(draft) else None
    purpose(draft)
    probes(draft)
    if workspace is not None:
        people(draft, workspace.team)
    return budget


def steps(draft: Draft) -> bool:
    """Ids are used once, `after` names steps, no step waits for itself. Otherwise there is no path to add up."""
    before = len(draft.problems.found)
    ids: dict[str, int] = {}
    for index, step in enumerate(draft.book.steps):
        if ids.setdefault(step.id, index) != index:
            where = ("steps", index, "id")
            draft.add(where, f"the step {step.id!r} stands here a second time", "duplicate-id")
    if len(ids) == len(draft.book.steps):
        cycles(draft, ids)
    known = all(earlier in ids for step in draft.book.steps for earlier in step.after)
    return known and len(draft.problems.found) == before


def cycles(draft: Draft, ids: Mapping[str, int]) -> None:
    """Each round of steps that wait for each other, named from its first step in the file."""
    through = {step.id for step in ordered(draft.book.steps)}
    stuck = {step.id: step for step in draft.book.steps if step.id not in through}
    told: set[str] = set()
    for start in stuck:
        path: dict[str, None] = {}
        name = start
        while name not in path and name not in told:
            path[name] = None
            name = _stuck_before(stuck[name], stuck)
        if name in path:
            way = list(path)
            _tell_cycle(draft, ids, way[way.index(name) :])
        told |= set(path)


def _stuck_before(step: Step, stuck: Mapping[str, Step]) -> str:
    return next(earlier for earlier in step.after if earlier in stuck)


def _tell_cycle(draft: Draft, ids: Mapping[str, int], names: list[str]) -> None:
    first = names.index(min(names, key=lambda name: ids[name]))
    around = names[first:] + names[:first]
    more = [f"({len(around) - _MANY} more)"] if len(around) > _MANY else []
    path = " after ".join([*around[:_MANY], *more, around[0]])
    draft.add(("steps", ids[around[0]], "after"), f"these steps wait for each other: {path}", "cycle")


def arithmetic(draft: Draft) -> Budget:
    """The worst case fits the deadline, and the deadline is 15 minutes unless the file says why not."""
    book, budget = draft.book, worst_case(draft.book)
    if not budget.fits:
        says = f"the worst case is {show(budget.total)}, over the deadline of {show(book.deadline)}: {_sum(budget)}"
        draft.add(("deadline",), says, "deadline")
    if book.deadline > PSF_DEADLINE and not book.deadline_reason.strip():
        says = f"a deadline of {show(book.deadline)} is above 15m; say why under `deadline_reason`, or shorten it"
        draft.add(("deadline",), says, "deadline")
    return budget


def _sum(budget: Budget) -> str:
    """Every share of the path; of a very long one the largest, since those are the ones to shorten."""
    if len(budget.shares) <= _MANY:
        return " + ".join(_share(share) for share in budget.shares)
    largest = sorted(budget.shares, key=lambda share: -share.seconds)[:_MANY]
    rest = budget.total - sum(share.seconds for share in largest)
    parts = [_share(share) for share in budget.shares if share in largest][:_MANY]
    return " + ".join([*parts, f"{len(budget.shares) - len(parts)} more {show(rest)}"])


def _share(share: Share) -> str:
    how = f" ({share.how})" if share.name.startswith("step ") else ""
    return f"{share.name} {show(share.seconds)}{how}"


def probes(draft: Draft) -> None:
    """A probe must be able to succeed within its share; ids are used once."""
    seen: set[str] = set()
    for index, use in enumerate(draft.book.verify):
        where = ("verify", index)
        if use.id in seen:
            draft.add((*where, "id"), f"the probe {use.id!r} stands here a second time", "duplicate-id")
        seen.add(use.id)
        least = (use.times - 1) * use.every
        if least >= use.within:
            looks = f"{use.times} looks {show(use.every)} apart take at least {show(least)}"
            says = f"{looks}, and its whole share is {show(use.within)}: it could never be proven"
            draft.add((*where, "within"), says, "probe")
        if use.each > use.within:
            says = f"one look may take {show(use.each)}, more than its whole share of {show(use.within)}"
            draft.add((*where, "each"), says, "probe")
        if not any(value not in ({}, [], "", None) for value in use.expect.values()):
            says = f"the probe {use.id!r} is told to expect nothing: whatever it sees would hold"
            draft.add((*where, "expect"), says, "probe")
        if use.soak == 0:
            says = f"the probe {use.id!r} does not soak: a controller that turns it back on would not be noticed"
            draft.add((*where, "soak"), says, "soak", warning=True)


def purpose(draft: Draft) -> None:
    """A rung that sets nothing changes nothing, and would be `already so` for ever."""
    for s, step in enumerate(draft.book.steps):
        for r, rung in enumerate(step.ladder):
            if not rung.set:
                draft.add(("steps", s, "ladder", r, "set"), f"{rung.lever} is told to set nothing", "purpose")


def people(draft: Draft, team: Team) -> None:
    """Enough people may say the yeses that are asked for, and can sign them where they must."""
    rule = draft.book.approval
    for key, wanted, deed in (("kill", rule.kill, Deed.APPROVE_KILL), ("restore", rule.restore, Deed.APPROVE_RESTORE)):
        may = team.who_may(deed)
        # Whoever presses kill counts for one, whatever their role: a kill switch asks for no papers.
        presser = 1 if key == "kill" and not rule.signed else 0
        if wanted > len(may) + presser:
            says = f"a {key} takes {wanted} people's yes, and {len(may)} may say it: {', '.join(may) or 'nobody'}"
            draft.add(("approval", key), says, "people")
            continue
        signers = [name for name in may if team.people[name].ssh_keys]
        if rule.signed and len(signers) < wanted:
            said = f"only {', '.join(signers)} of those" if signers else "nobody"
            says = (
                f"a {key} takes {wanted} signed yes{'es' if wanted > 1 else ''}, and {said} who may say it has ssh_keys"
            )
            draft.add(("approval", "signed"), says, "people")
    if rule.restore < 2:  # noqa: PLR2004 - two people is the promise
        says = "one person alone can put this back; two is the rule"
        draft.add(("approval", "restore"), says, "people", warning=True)
