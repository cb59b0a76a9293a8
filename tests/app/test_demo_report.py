"""What the demo draws in the end begins when something first happened to the estate, not with the first answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from psfir.app.demo_report import Seen, picture
from psfir.charts.axis import Mark, Tone
from psfir.range.assistant.counts import WIDTH, Bin

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_what_happened_before_the_first_answer_is_on_the_axis() -> None:
    """A busy machine takes seconds to answer; the fault stays in the legend, and each value at its moment."""
    at = BEGAN + timedelta(seconds=3)
    bins = [Bin(at.timestamp(), 5, 2, 0, 0, 0)]
    shown = picture(Seen([], bins, [(BEGAN, Mark(0.0, "it goes wrong", Tone.BAD))], at + timedelta(seconds=2)))
    assert [(one.at, one.label, one.tone) for one in shown.marks] == [(0, "it goes wrong", Tone.BAD)]
    assert shown.seconds == 5
    assert shown.series[0].values == [0.0] * round(3 / WIDTH) + [2 / WIDTH]


def test_it_begins_with_the_first_answer_where_nothing_happened_before() -> None:
    """Nothing is put in front of it."""
    bins = [Bin(BEGAN.timestamp(), 5, 2, 0, 0, 0)]
    later = BEGAN + timedelta(seconds=1)
    shown = picture(Seen([], bins, [(later, Mark(0.0, "it goes wrong"))], later))
    assert shown.marks[0].at == 1
    assert len(shown.series[0].values) == 1
