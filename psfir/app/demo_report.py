"""What the demo shows of itself in the end: figures, a chart, and one page with all of it on one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import ceil, inf

from psfir.charts.axis import Chart, Mark, Series, Tone
from psfir.charts.incident import Span, Traffic, chart
from psfir.charts.svg import svg
from psfir.domain import instants
from psfir.domain.durations import show
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.timeline import line
from psfir.domain.values import frozen
from psfir.domain.wording import plain
from psfir.pages.report import Page, Table, html
from psfir.range.assistant.counts import WIDTH, Bin


@frozen
class Seen:
    """What was recorded, and what customers got meanwhile. `told` is what happened to the estate, and when."""

    entries: Sequence[Entry]
    bins: Sequence[Bin]
    told: Sequence[tuple[datetime, Mark]]
    until: datetime

    @property
    def early(self) -> int:
        """How many bins lie between the first that happened to the estate and the first answer."""
        first = min((when.timestamp() for when, _ in self.told), default=inf)
        return max(0, ceil((self.bins[0].at - first) / WIDTH)) if self.bins and self.told else 0

    @property
    def since(self) -> datetime:
        if not self.bins:
            return self.until - timedelta(seconds=1)
        return datetime.fromtimestamp(self.bins[0].at - self.early * WIDTH, UTC)


@frozen
class Figures:
    """Seconds from the kill; None for what did not happen."""

    contained: float | None
    proven: float | None
    harmful_before: int
    harmful_after: int

    @property
    def lines(self) -> list[tuple[str, str]]:
        """As people read them."""
        return [
            ("last harmful answer", _after(self.contained)),
            ("containment proven", _after(self.proven)),
            ("harmful answers before", str(self.harmful_before)),
            ("harmful answers after the proof", str(self.harmful_after)),
        ]


def figures(seen: Seen) -> Figures:
    """What the customers' side says about the record: the last harmful answer, and that none came after the proof."""
    began = _moment(seen, Kind.RUN_STARTED)
    proven = _moment(seen, Kind.VERDICT)
    back = _moment(seen, Kind.RUN_STARTED, verb="restore")
    harmful = [one for one in seen.bins if one.harmful and (back is None or one.at < back)]
    last = max((one.at + WIDTH for one in harmful), default=None)
    return Figures(
        contained=None if last is None or began is None else round(max(0.0, last - began), 1),
        proven=None if proven is None or began is None else round(proven - began, 1),
        harmful_before=sum(one.harmful for one in harmful if proven is None or one.at < proven),
        harmful_after=sum(one.harmful for one in harmful if proven is not None and one.at >= proven),
    )


def picture(seen: Seen) -> Chart:
    """Harmful answers and all answers a second, above what the record says was done."""
    nothing = [0.0] * seen.early
    harmful = Series("harmful answers", [*nothing, *(one.harmful / WIDTH for one in seen.bins)], Tone.BAD)
    everything = Series("all answers of the model", [*nothing, *(_by_model(one) / WIDTH for one in seen.bins)])
    span = Span(seen.since, seen.until, seen.told)
    return chart(seen.entries, span, Traffic([harmful, everything], "a second", WIDTH), title="What customers got")


def report(seen: Seen, title: str, facts: Sequence[tuple[str, str]]) -> str:
    """One self-contained page."""
    rows = [(one.at[11:19], plain(one.actor.partition(":")[2]), line(one)) for one in seen.entries]
    table = Table("Timeline (UTC)", ("at", "who", "what"), rows)
    foot = "Made by psfir demo from the record of this incident and from what its simulated customers got."
    return html(Page(title, facts, svg(picture(seen)), [table], foot))


def _by_model(one: Bin) -> int:
    return one.answers - one.prepared - one.refused


def _moment(seen: Seen, kind: Kind, **wanted: str) -> float | None:
    """When the first such entry was written."""
    for entry in seen.entries:
        if entry.kind == kind and all((entry.data or {}).get(key) == value for key, value in wanted.items()):
            return instants.read(entry.at).timestamp()
    return None


def _after(seconds: float | None) -> str:
    return "never" if seconds is None else f"{show(seconds)} after the kill"
