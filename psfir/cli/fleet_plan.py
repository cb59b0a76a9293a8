"""The plan of many systems before somebody says yes: what would change by lever and connection, and what is odd."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from psfir.cli import show
from psfir.cli.planview import about_of
from psfir.domain import durations
from psfir.domain.budget import worst_case
from psfir.domain.canon import digest
from psfir.domain.catalog import Catalog
from psfir.domain.plan import Plan, PlannedRung, Verb
from psfir.domain.wording import NAMED, plain, some
from psfir.errors import PsfirError


def lines(plans: Sequence[Plan], left_out: Mapping[str, PsfirError], catalog: Catalog) -> list[str]:
    """All of them as one text that fits a screen."""
    verb = plans[0].verb
    systems = list(dict.fromkeys(plan.runbook.system for plan in plans))
    modes = ", ".join(dict.fromkeys(plan.runbook.mode.value for plan in plans))
    out = [show.heading(_head(plans, systems, modes)), *_systems(plans, systems)]
    for (lever, connection), rungs in _by_lever(plans).items():
        out.append(show.hanging("", f"{len(rungs)} x {lever} via {connection}: {_what(rungs)}"))
        about = about_of(catalog, lever)
        if about is not None and verb is Verb.KILL:
            out.append(show.dim(show.hanging("", about.blast_radius, indent="    ")))
    if verb is Verb.KILL:
        out += _odd(plans)
        out += [show.loud(show.hanging("left out", f"{plain(str(error))}")) for error in _first(left_out)]
    return out


def _head(plans: Sequence[Plan], systems: Sequence[str], modes: str) -> str:
    verb = plans[0].verb
    if verb is Verb.KILL:
        count = systems[0] if len(systems) == 1 else f"{len(systems)} systems"
        return f"{verb.value} {count}  ({modes})"
    return f"{verb.value} {sum(len(plan.rungs) for plan in plans)} changes"


def _systems(plans: Sequence[Plan], systems: Sequence[str]) -> Iterator[str]:
    if plans[0].verb is Verb.KILL and len(systems) > 1:
        yield show.hanging("", some(systems, NAMED))


def _by_lever(plans: Sequence[Plan]) -> dict[tuple[str, str], list[PlannedRung]]:
    found: dict[tuple[str, str], list[PlannedRung]] = {}
    for plan in plans:
        for planned in plan.rungs:
            found.setdefault((planned.rung.lever, planned.rung.connection), []).append(planned)
    return found


def _what(rungs: Sequence[PlannedRung]) -> str:
    counts = Counter(_kind(planned) for planned in rungs)
    behind = sum(planned.index > 0 for planned in rungs)
    said = [f"{count} {kind}" for kind, count in counts.items()]
    return "; ".join([*said, *([f"{behind} of them only where a rung before it fails"] if behind else [])])


def _kind(planned: PlannedRung) -> str:
    if planned.unreadable:
        return "cannot be read now and will be tried all the same"
    return "change" if planned.change else "have nothing to do"


def _odd(plans: Sequence[Plan]) -> Iterator[str]:
    for what, names in _shared(plans).items():
        yield show.hanging("shared", f"{what} by {some(names, NAMED)}")
    blind = [plan.runbook.system for plan in plans if not plan.runbook.verify]
    if blind:
        yield show.loud(show.hanging("NO PROOF", some(blind, NAMED)))
    slowest = max(plans, key=lambda plan: worst_case(plan.runbook).total)
    worst = worst_case(slowest.runbook)
    of = f"{durations.show(worst.total)} of {durations.show(worst.deadline)}"
    yield show.hanging("worst ", of if len(plans) == 1 else f"{of}, for {slowest.runbook.system}")
    more = [plan.runbook.system for plan in plans if plan.runbook.approval.kill > 1]
    if more:
        yield show.hanging("people", f"more than one for {some(more, NAMED)}; the others do not wait for them")
    yield show.hanging("full  ", f"psfir plan {plans[0].runbook.system}")


def _shared(plans: Sequence[Plan]) -> dict[str, list[str]]:
    """Targets that several systems pull."""
    found: dict[str, tuple[str, list[str]]] = {}
    for plan in plans:
        for planned in plan.rungs:
            target = {key: value for key, value in planned.rung.target.items() if key != "connection"}
            name = ", ".join(str(value) for value in target.values() if isinstance(value, str))
            words = f"{planned.rung.lever} {plain(name)} via {planned.rung.connection}"
            key = digest([planned.rung.lever, dict(planned.rung.target)])
            found.setdefault(key, (words, []))[1].append(plan.runbook.system)
    several = {words: list(dict.fromkeys(names)) for words, names in found.values()}
    return {words: names for words, names in several.items() if len(names) > 1}


def _first(left_out: Mapping[str, PsfirError]) -> list[str]:
    said = [f"{system}: {str(error).removeprefix(f'{system}: ')}" for system, error in left_out.items()]
    return said[:NAMED] + ([f"and {len(said) - NAMED} more systems"] if len(said) > NAMED else [])
