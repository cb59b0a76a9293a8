"""A plan as people read it before they say yes: what changes, how long at worst, and what to approve.

In short it is what somebody has to see who is about to kill at night; in full it says also what each rung hits, and
which permissions it takes. What stands in the way of a rung, and what its lever warns of, both say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from psfir.cli import show
from psfir.domain import differences, durations
from psfir.domain.about import LeverAbout, Phase
from psfir.domain.budget import worst_case
from psfir.domain.canon import Json
from psfir.domain.catalog import Catalog
from psfir.domain.needs import Need, Use, needs
from psfir.domain.plan import Plan, PlannedRung, Verb
from psfir.domain.runbook import Rung
from psfir.domain.tally import crowded
from psfir.domain.wording import plain, short
from psfir.errors import CatalogError, PsfirError

LONG = 60
FEW = 2
"""So many differences of a rung a kill tells in short; a restore tells as many as in full."""


def several(
    plans: Sequence[Plan], left_out: Mapping[str, PsfirError], catalog: Catalog, *, in_full: bool = False
) -> list[str]:
    """Each in short or in full, or all in counts where they are many; and which systems have none, and why."""
    if crowded(plans):
        from psfir.cli.fleet_plan import lines as counted  # few plans are of many

        return counted(plans, left_out, catalog)
    shown = lines if in_full else brief
    out = [text for plan in plans for text in shown(plan, catalog)]
    return out + [show.loud(show.hanging("left out", plain(f"{name}: {error}"))) for name, error in left_out.items()]


def lines(plan: Plan, catalog: Catalog) -> list[str]:
    """The whole plan as text."""
    return [*_head(plan), *_rungs(plan, lambda one: _rung(one, plan, catalog)), *_foot(plan, in_full=True)]


def brief(plan: Plan, catalog: Catalog) -> list[str]:
    """In a line or two for each rung; of several that cannot be read for one reason, it is told once."""
    told: set[str] = set()

    def rung(planned: PlannedRung) -> list[str]:
        known = bool(planned.unreadable) and planned.unreadable in told
        told.add(planned.unreadable)
        return _brief(planned, plan, catalog, again=known)

    said = [*_head(plan), *_rungs(plan, rung), *_foot(plan, in_full=False)]
    more = show.dim("  --details shows what each rung hits and needs")
    return [*said, more] if plan.verb is Verb.KILL else said


def _head(plan: Plan) -> list[str]:
    book = plan.runbook
    head = f"{plan.verb.value} {book.system}"
    if plan.verb is Verb.KILL:
        head += f"  ({book.mode.value}, runbook {book.id})"
    return [show.heading(head)]


def _rungs(plan: Plan, rung: Callable[[PlannedRung], list[str]]) -> Iterator[str]:
    step = ""
    for planned in plan.rungs:
        if planned.step != step:
            step = planned.step
            yield f"  {plain(step)}"
        yield from rung(planned)


def _foot(plan: Plan, *, in_full: bool) -> list[str]:
    kill = [*_reads(plan), *_proof(plan, in_full=in_full)] if plan.verb is Verb.KILL else []
    return [*kill, f"  plan {short(plan.digest)}  {show.dim(plan.digest)}"]


def _first(planned: PlannedRung) -> str:
    rung = planned.rung
    target = " ".join(f"{key}={value(v)}" for key, v in rung.target.items() if key != "connection")
    return f"{planned.index + 1}. {rung.lever}  {plain(target)}  via {rung.connection}"


def _brief(planned: PlannedRung, plan: Plan, catalog: Catalog, *, again: bool) -> list[str]:
    kill = plan.verb is Verb.KILL
    what = "; ".join(what_of(planned, plan, most=FEW if kill else differences.MOST))
    if planned.unreadable and again:
        what = "cannot be read now either, will be tried all the same"
    about = about_of(catalog, planned.rung.lever)
    if planned.change and about is not None and kill:
        what += f"   stops {_stops(about)}"
    first = f"{_first(planned)}   within {durations.show(planned.rung.within)}"
    notes = [show.hanging("note:", plain(note), indent="       ") for note in planned.notes]
    return [show.hanging("", first, indent="    "), show.hanging("", what, indent="       "), *notes]


def _rung(planned: PlannedRung, plan: Plan, catalog: Catalog) -> list[str]:
    rung = planned.rung
    out = [show.hanging("", _first(planned), indent="    ")]
    what, within = what_of(planned, plan), f"within {durations.show(rung.within)}"
    said = [f"{what[0]}   {within}"] if len(what) == 1 else [*what, within]
    out += [show.hanging("", text, indent="       ") for text in said]
    out += [show.hanging("note:", plain(note), indent="       ") for note in planned.notes]
    about = about_of(catalog, rung.lever)
    if about is not None and plan.verb is Verb.KILL:
        out.append(show.dim(show.hanging("", f"stops {_stops(about)}; {about.blast_radius}", indent="       ")))
        rights = "; ".join(f"{n.permission.action} on {n.resource}" for n in _needs(about, rung, plan, Phase.KILL))
        out.append(
            show.dim(show.hanging("", f"needs {rights or 'no permission'}; from {planned.source}", indent="       "))
        )
    return out


def _stops(about: LeverAbout) -> str:
    return "new and running work" if about.stops == "both" else about.stops.replace("_", " ") + " work"


def what_of(planned: PlannedRung, plan: Plan, *, most: int = differences.MOST) -> list[str]:
    """What a rung would do to today's world: a line for each place that it changes."""
    if planned.unreadable:
        return [f"cannot be read now, will be tried all the same: {plain(planned.unreadable)}"]
    if planned.nothing:
        return [f"nothing to do: {plain(planned.nothing.why)}"]
    change = planned.change
    assert change is not None  # noqa: S101 - one of the three is set
    now, then = (change.before, change.after) if plan.verb is Verb.KILL else (change.after, change.before)
    return differences.lines(now, then, most=most) or ["nothing differs in what can be read"]


def readable(plan: Plan) -> int:
    """Of how many rungs the target could be read: a plan of which none could shows what is meant, not what is."""
    return sum(not planned.unreadable for planned in plan.rungs)


def _reads(plan: Plan) -> list[str]:
    seen, count = readable(plan), len(plan.rungs)
    if seen == count:
        return []
    rest = "them" if not seen else "the other one" if count - seen == 1 else f"the other {count - seen}"
    text = f"{seen} of {count} rungs could be read: a kill would try {rest} all the same"
    return [show.hanging("", text if seen else show.loud(text))]


def _proof(plan: Plan, *, in_full: bool) -> list[str]:
    book, budget = plan.runbook, worst_case(plan.runbook)
    probes = ", ".join(f"{use.id} x{use.times}" for use in book.verify) or "NO probe: nothing can be proven"
    out = [f"  proof   {probes}; then {durations.show(book.soak)} of soak"]
    shares = " + ".join(f"{share.name} {durations.show(share.seconds)}" for share in budget.shares)
    out.append(f"  worst   {durations.show(budget.total)} of {durations.show(budget.deadline)}")
    if in_full:
        out.append(show.dim(show.hanging("", shares, indent="          ")))
    people = f"{book.approval.kill} to kill, {book.approval.restore} to restore"
    out.append(f"  people  {people}")
    return out


def about_of(catalog: Catalog, lever: str) -> LeverAbout | None:
    """None for a lever that cannot be loaded: the plan says why at its rung."""
    try:
        return catalog.lever(lever)
    except CatalogError:
        return None


def value(state: Json) -> str:
    """A field of a target in a few words."""
    text = state if isinstance(state, str) else json.dumps(state, ensure_ascii=False, sort_keys=True)
    text = plain(text)
    return text if len(text) <= LONG else text[: LONG - 3] + "..."


def as_json(plan: Plan, catalog: Catalog) -> dict[str, Any]:
    """The plan with all that its text shows."""
    budget = worst_case(plan.runbook)
    rungs = []
    for planned in plan.rungs:
        about = about_of(catalog, planned.rung.lever)
        more = {"stops": about.stops, "blast_radius": about.blast_radius, "undo": about.undo} if about else {}
        rights = (
            [{**need.permission.to_json(), "resource": need.resource} for need in _needs(about, planned.rung, plan)]
            if about
            else []
        )
        rungs.append({**planned.to_json(), **more, "permissions": rights})
    worst = {
        "total": budget.total,
        "deadline": budget.deadline,
        "fits": budget.fits,
        "shares": [vars(share) for share in budget.shares],
    }
    return {**plan.to_json(), "rungs": rungs, "readable": readable(plan), "worst_case": worst}


def _needs(about: LeverAbout, rung: Rung, plan: Plan, phase: Phase | None = None) -> Iterator[Need]:
    return needs(Use(about, rung.target, plan.runbook.id, rung.set), phase)
