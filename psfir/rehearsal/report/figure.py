"""What was planned and what happened, on one axis of scenario time, as a drawing and as the same in a table."""

from __future__ import annotations

from collections.abc import Iterator

from psfir.charts.axis import Band, Chart, Mark, Tone
from psfir.charts.svg import svg
from psfir.domain.durations import show
from psfir.pages.blocks import Figure, table
from psfir.rehearsal.clock import SECOND
from psfir.rehearsal.inject import After, At, Inject
from psfir.rehearsal.report.material import Material, shown
from psfir.rehearsal.state import ExpectationState, Stage
from psfir.rehearsal.words import Met

PLANNED, CAME = "planned", "came"
_SHORTEST = 2
_MARKS = 30
"""More than these nobody can tell apart on one sheet; the table has them all."""
_TONES = {Met.MET: Tone.GOOD, Met.PARTIAL: Tone.UNSURE, Met.MISSED: Tone.BAD}


def course(material: Material) -> Figure:
    """Injects as they were planned, as marks when they came, and each expectation from when it was asked for."""
    seconds = max(1.0, material.end / SECOND, float(material.scenario.duration))
    bands = [*_planned(material, seconds), *_expected(material, seconds)]
    marks = sorted(_came(material), key=lambda one: one.at)
    title = "Planned and actual, in scenario time from the start"
    drawn = Chart(title, "", seconds, 1, bands=bands, marks=marks[:_MARKS])
    return Figure(title, svg(drawn), table(("planned", "came", "what", "how"), _rows(material)))


def plan_of(inject: Inject) -> str:
    """When it was to come, as the scenario says it."""
    trigger = inject.trigger
    if isinstance(trigger, At):
        return shown(trigger.seconds * SECOND)
    if isinstance(trigger, After):
        delay = f"{show(trigger.delay)} after" if trigger.delay else "after"
        return f"{delay} {trigger.expectation} is {trigger.state.value}"
    return "by hand"


def _planned(material: Material, seconds: float) -> Iterator[Band]:
    for one in material.scenario.injects:
        if isinstance(one.trigger, At) and one.trigger.seconds <= seconds:
            start = float(one.trigger.seconds)
            yield Band(start, min(seconds, start + _SHORTEST), "injects planned", one.id)


def _came(material: Material) -> Iterator[Mark]:
    state = material.state
    for one in material.scenario.injects:
        stands = state.injects[one.id]
        if stands.stage is Stage.FIRED:
            yield Mark(stands.at / SECOND, f"{one.id} (planned: {plan_of(one)})")
    for added in state.added:
        yield Mark(added.at / SECOND, f"made up on the spot: {added.shown.title or added.shown.body[:40]}")
    if state.over:
        tone = Tone.BAD if state.aborted else Tone.PLAIN
        yield Mark(material.end / SECOND, "broken off" if state.aborted else "the end", tone)


def _expected(material: Material, seconds: float) -> Iterator[Band]:
    """A row each: the span in which it was due, and from when it was asked for to when it was settled."""
    for name in material.scenario.expected:
        stands = material.state.expectations[name]
        if stands.asked is None:
            continue
        start = stands.asked / SECOND
        if stands.due is not None:
            due = stands.due / SECOND
            yield Band(start, max(start, min(seconds, due)), name, f"due {shown(stands.due)}")
        end = (material.end if stands.at is None else stands.at) / SECOND
        tone = _TONES.get(stands.met, Tone.PLAIN)
        yield Band(start, max(start + _SHORTEST, min(seconds, end)), name, _word(stands), tone)


def _word(stands: ExpectationState) -> str:
    word = "too late" if stands.late else stands.met.value
    return word if stands.at is None else f"{word} {shown(stands.at)}"


def _rows(material: Material) -> list[tuple[str, str, str, str]]:
    """By when it came, then what never came in the order of the scenario."""
    state, rows = material.state, list[tuple[int | None, tuple[str, str, str, str]]]()
    for one in material.scenario.injects:
        stands = state.injects[one.id]
        fired = stands.stage is Stage.FIRED
        how = stands.stage.value if not stands.why else f"{stands.stage.value}: {stands.why}"
        came = shown(stands.at) if fired else "never"
        rows.append((stands.at if fired else None, (plan_of(one), came, f"inject {one.id}", how)))
    for added in state.added:
        rows.append((added.at, ("not planned", shown(added.at), "inject made up on the spot", added.shown.title)))
    for name, exp in state.expectations.items():
        if exp.asked is not None:
            due = f"by {shown(exp.due)}" if exp.due is not None else "by the end"
            at = "never" if exp.at is None else shown(exp.at)
            rows.append((exp.at, (due, at, f"expected: {name}", "too late" if exp.late else exp.met.value)))
    for number, fault in enumerate(material.scenario.faults):
        began = fault.at * SECOND if number in state.faults else None
        came = "never" if began is None else shown(began)
        rows.append((began, (shown(fault.at * SECOND), came, f"fault {fault.fault}", "")))
    rows.sort(key=lambda row: (row[0] is None, row[0] or 0))
    return [row for _, row in rows]
