"""What was simulated, drawn: how many runs end when, beside the deadline, and one page that holds everything."""

from __future__ import annotations

import numpy as np

from psfir.charts.axis import Chart, Mark, Series, Tone
from psfir.charts.svg import svg
from psfir.domain.durations import show
from psfir.pages.report import Page, Table, html
from psfir.rehearsal.odds.count import FINE, Tally
from psfir.rehearsal.odds.priors import Said
from psfir.rehearsal.odds.tables import changes, costs, facts
from psfir.rehearsal.odds.whatif import Answer

CAUTION = (
    "This is arithmetic on assumptions: it tells what to rehearse, and is never evidence that the deadline is kept."
)

_COLUMNS = 60


def picture(base: Tally) -> Chart:
    """The contained runs by when, up to twice the deadline."""
    deadline = base.model.deadline
    seconds = 2 * deadline
    each = max(1, round(seconds / _COLUMNS / FINE))
    wanted = base.times[: round(seconds / FINE)]
    padded = np.concatenate([wanted, np.zeros(-len(wanted) % each, dtype=np.int64)])
    values = [float(one) for one in padded.reshape(-1, each).sum(axis=1) / base.runs * 100]
    marks = [Mark(deadline, f"deadline: {base.made / base.runs:.1%} of all runs are contained by then", Tone.BAD)]
    for share in (0.5, 0.9):
        at = base.quantile(share)
        if at is not None and at < seconds:
            marks.append(Mark(at, f"{share:.0%} of all runs are contained"))
    marks.sort(key=lambda mark: mark.at)
    series = Series("runs by when they are contained", values)
    title = f"{base.model.title}: from the trigger to the verdict"
    return Chart(title, f"% each {show(each * FINE)}", seconds, each * FINE, (series,), (), marks)


def page(answer: Answer, said: tuple[Said, ...]) -> str:
    """Self-contained: it can be mailed and opened offline."""
    priors = [(one.name.replace("_", " "), one.why, one.source, one.grade) for one in said]
    return html(
        Page(
            title=f"Would we make {show(answer.base.model.deadline)}? {answer.base.model.title}",
            facts=facts(answer),
            figure=svg(picture(answer.base)),
            tables=(
                Table("What costs most", ("part", "on the way there, mean", "share of the misses"), costs(answer.base)),
                Table("What would help", ("change", "deadlines more, in points", "how"), changes(answer)),
                Table("What is assumed", ("name", "what", "source", "grade"), priors),
            ),
            foot=CAUTION,
        )
    )
