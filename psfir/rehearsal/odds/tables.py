"""What was simulated, in words and rows that a terminal and a page share."""

from __future__ import annotations

from psfir.charts.axis import clock
from psfir.domain.durations import show
from psfir.rehearsal.odds.count import Tally
from psfir.rehearsal.odds.whatif import Answer, Change, Interval, wilson

_LEAST = 0.001
"""A part below both of a thousandth of the time and of the misses is not worth a line."""


def facts(answer: Answer) -> list[tuple[str, str]]:
    """The answer in a few lines, each with what it is about."""
    base = answer.base
    made, all_ = wilson(base.made, base.runs), wilson(base.contained, base.runs)
    halves = (f"{share:.0%} of runs {_by(base.quantile(share))}" for share in (0.5, 0.9, 0.95))
    return [
        (f"within {show(base.model.deadline)}", f"{percent(made)} of {base.runs:,} runs are contained and proven"),
        ("at all", f"{percent(all_)} are contained, by this runbook and without a second try"),
        ("from the trigger", ", ".join(halves)),
        ("from the harm", f"with its detection: half {_by(base.quantile(0.5, harm=True))}; no deadline counts that"),
    ]


def percent(one: Interval) -> str:
    return f"{one.value:.1%} ({one.low:.1%} to {one.high:.1%})"


def _by(seconds: float | None) -> str:
    return "never" if seconds is None else f"by {clock(seconds)}"


def costs(base: Tally) -> list[tuple[str, str, str]]:
    """Each part or failure that costs time or deadlines: mean seconds on the path that ends last, share of the misses.

    The dearest first.
    """
    missed, whole = max(1, base.runs - base.made), max(1, sum(base.cost.values()))
    names = sorted({*base.cost, *base.misses}, key=lambda name: (-base.misses.get(name, 0), -base.cost.get(name, 0)))
    found = []
    for name in names:
        share, spent = base.misses.get(name, 0) / missed, base.cost.get(name)
        if share >= _LEAST or (spent or 0) / whole >= _LEAST:
            mean = "" if spent is None else f"{spent / base.runs / 1000:.1f}s"
            found.append((name, mean, f"{share:.1%}"))
    return found


def changes(answer: Answer) -> list[tuple[str, str, str]]:
    return [(one.name, _gained(one), one.says) for one in answer.changes]


def _gained(one: Change) -> str:
    low, high = one.gain.low * 100, one.gain.high * 100
    return f"{one.gain.value * 100:+.2f} ({low:+.2f} to {high:+.2f})"
