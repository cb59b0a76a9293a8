"""The drawings of an analysis that is exported: how the incident went, and what led to what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from psfir.charts.axis import Band, Chart, Mark, clock
from psfir.charts.graph import Box, graph
from psfir.charts.incident import Span, Traffic, chart
from psfir.charts.svg import svg
from psfir.domain import instants
from psfir.domain.values import remade
from psfir.pages.blocks import Figure, plain, table
from psfir.pages.inline import runs
from psfir.review.nameless import nameless
from psfir.review.rca.factors import ContributingFactor, FactorAbout, FactorKind
from psfir.review.rca.material import Material
from psfir.review.rca.sections import milestones

_BANDS, _MARKS = 60, 24
"""More than these nobody can tell apart on one sheet; the timeline has them all."""

_TITLE = "How it went"


def course(material: Material) -> Figure:
    """Rungs, probes and verdicts on one axis. Nobody is named on it."""
    start = material.incident.trigger_at
    whole = chart(material.entries, Span(start, instants.read(material.entries[-1].at)), Traffic(), title=_TITLE)
    bands = [remade(one, label=nameless(material.team, one.label)) for one in whole.bands[:_BANDS]]
    marks = [remade(one, label=nameless(material.team, one.label)) for one in whole.marks[:_MARKS]]
    left = len(whole.bands) - len(bands) + len(whole.marks) - len(marks)
    more = f"; {left} more are in the timeline only" if left else ""
    return _drawn(
        remade(whole, title=f"{_TITLE}, from the trigger at {start:%Y-%m-%d %H:%M:%S} UTC{more}"), bands, marks
    )


def milestone_course(material: Material) -> Figure:
    """What everybody may know of it: no lever, no probe, no word of the record."""
    found = milestones(material)
    start = found[0][0] if found else instants.read(material.entries[0].at)
    span = max(((at - start) for at, _ in found), default=timedelta()).total_seconds()
    marks = [Mark((at - start).total_seconds(), name) for at, name in found]
    title = f"{_TITLE}, from {start:%Y-%m-%d %H:%M:%S} UTC"
    return _drawn(Chart(title, "", max(1.0, span), 1), (), marks)


def _drawn(whole: Chart, bands: Sequence[Band], marks: Sequence[Mark]) -> Figure:
    shown = remade(whole, bands=bands, marks=marks)
    rows = [(one.at, clock(one.at), "", one.label) for one in marks]
    rows += [(one.start, f"{clock(one.start)} to {clock(one.end)}", one.row, one.label) for one in bands]
    told = [row[1:] for row in sorted(rows)]
    return Figure(whole.title, svg(shown), table(("after", "where", "what"), told))


def causes(found: Sequence[ContributingFactor]) -> Figure:
    """The factors and what each led to; a hypothesis has a broken edge."""
    known = {one.id for one in found}
    led = {one.id: [other for other in one.led_to if other in known] for one in found}
    named = {one.id: plain(runs(one.title)) for one in found}
    boxes = [Box(one.id, named[one.id], _under(one), led[one.id], certain=not one.hypothesis) for one in found]
    rows = [(one.id, named[one.id], _under(one), ", ".join(led[one.id]) or "-") for one in found]
    title = "What led to what; a broken line is a hypothesis"
    return Figure(title, graph(boxes, title=title), table(("factor", "what", "kind", "led to"), rows))


def _under(one: ContributingFactor) -> str:
    """Only the words that psfir knows: anything else is told as missing by the check."""
    kind = one.kind.replace("_", " ") if one.kind in set(FactorKind) else ""
    about = one.about if one.about in set(FactorAbout) else ""
    return ", ".join(word for word in (kind, about, "hypothesis" if one.hypothesis else "") if word)
