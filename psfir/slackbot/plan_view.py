"""A plan as lines of a message: each rung and what it hits, the proof, the worst case, the digest that is approved."""

from __future__ import annotations

from collections.abc import Iterator

from psfir.domain import durations
from psfir.domain.budget import worst_case
from psfir.domain.catalog import Catalog
from psfir.domain.plan import Plan, PlannedRung, Verb
from psfir.domain.wording import short
from psfir.errors import CatalogError
from psfir.slackbot.mrkdwn import bold, safe

MANY = 24


def plan_lines(plan: Plan, catalog: Catalog) -> Iterator[str]:
    book, budget = plan.runbook, worst_case(plan.runbook)
    yield f"{bold(plan.verb.value)} {safe(book.system)}: {book.mode.value}, runbook {safe(book.id)}"
    step = ""
    for planned in plan.rungs[:MANY]:
        if planned.step != step:
            step = planned.step
            yield bold(safe(step))
        yield f"  {_rung(planned)}"
        if plan.verb is Verb.KILL:
            yield f"      hits {_hits(planned, catalog)}; within {durations.show(planned.rung.within)}"
    if len(plan.rungs) > MANY:
        yield f"and {len(plan.rungs) - MANY} more rungs"
    if plan.verb is Verb.KILL:
        probes = ", ".join(safe(f"{use.id} x{use.times}") for use in book.verify) or "NO probe: nothing can be proven"
        yield f"{bold('Proof')} {probes}; then {durations.show(book.soak)} of soak"
        yield f"{bold('Worst case')} {durations.show(budget.total)} of {durations.show(budget.deadline)}"
    yield f"{bold('People')} {book.approval.kill} to kill, {book.approval.restore} to restore"
    yield f"{bold('Digest')} {short(plan.digest)}"


def _rung(planned: PlannedRung) -> str:
    rung = planned.rung
    target = " ".join(f"{key}={value}" for key, value in rung.target.items() if isinstance(value, str))
    if planned.unreadable:
        what = f"cannot be read now, will be tried all the same: {planned.unreadable}"
    elif planned.nothing:
        what = f"nothing to do: {planned.nothing.why}"
    else:
        what = planned.change.why if planned.change else ""
    return f"{planned.index + 1}. {safe(rung.lever)} {safe(target)}: {safe(what)}"


def _hits(planned: PlannedRung, catalog: Catalog) -> str:
    try:
        return safe(catalog.lever(planned.rung.lever).blast_radius)
    except CatalogError as error:
        return safe(str(error))
