"""`psfir drill simulate`: how likely it is that a system is contained in time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.complete import runbooks, systems
from psfir.cli.desk import Desk, common
from psfir.cli.paths import FILE
from psfir.cli.show import columns, dim, hanging, heading, width

if TYPE_CHECKING:
    from psfir.app.simulate import Simulated
    from psfir.rehearsal.odds.whatif import Interval

EPILOG = """\b
Examples:
  psfir drill simulate support-assistant
  psfir drill simulate support-assistant --seed 7 --report odds.html

Exit codes: 0 simulated, whatever came out, 2 no such system or runbook."""


@click.command(epilog=EPILOG)
@click.argument("system", default="", shell_complete=systems)
@click.option("--runs", type=click.IntRange(100, 10_000_000), default=100_000, help="How many; default 100000.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="The same seed gives the same answer; default 0.")
@click.option("--mode", type=click.Choice(["disable", "degrade", "isolate"]), default=None, help="Default disable.")
@click.option("--runbook", default="", shell_complete=runbooks, help="This one, not the one psfir.yaml names.")
@click.option("--report", type=FILE, default=None, metavar="FILE", help="Write a page with all of it.")
@click.option("--priors", is_flag=True, help="Show what is assumed, each with its source and grade.")
@common
def simulate(desk: Desk, *, system: str, report: Path | None, priors: bool, **asked: Any) -> int:
    """Would we make the deadline? Arithmetic, never evidence.

    People and levers are sampled, with vendors that are down and people who are away; what follows one another is added
    up as by psfir lint. Times of your own record count as soon as there are some.
    """
    from psfir.app.simulate import Luck, write_page
    from psfir.app.simulate import simulate as app
    from psfir.domain.modes import Mode

    mode = Mode(asked["mode"]) if asked["mode"] else None
    luck = Luck(asked["runs"], asked["seed"])
    done = app(desk.session(), system, luck=luck, mode=mode, book=asked["runbook"])
    if report is not None:
        write_page(report, done)
    desk.result("drill.simulate", _json(done, luck.seed))
    for line in _page(done, luck.seed, priors=priors):
        desk.say(line, verbatim=True)
    if report is not None:
        desk.say(f"\nall of it: {report}")
    return 0


def _page(done: Simulated, seed: int, *, priors: bool) -> Iterator[str]:
    from psfir.charts.lines import Paper, lines
    from psfir.rehearsal.odds.picture import CAUTION, picture
    from psfir.rehearsal.odds.tables import changes, costs, facts

    yield heading(f"{done.book.id}: would it be contained in time? (seed {seed})")
    yield from (hanging(name.ljust(16), says) for name, says in facts(done.answer))
    yield ""
    yield from lines(picture(done.answer.base), Paper(width() or 80))
    yield ""
    yield heading("what costs most: mean time on the way to the verdict, share of the misses")
    yield from columns([(name, mean.rjust(7), share.rjust(6)) for name, mean, share in costs(done.answer.base)])
    yield ""
    yield heading("what would help: deadlines more, in points, the same runs once more")
    yield from (hanging(f"{name} {gained}", says) for name, gained, says in changes(done.answer))
    yield ""
    yield hanging("", _own(done))
    if priors:
        yield from _assumed()
    yield dim(hanging("", CAUTION))


def _own(done: Simulated) -> str:
    seen = done.history
    pulls = sum(tried for _, tried in seen.tries.values())
    counts = f"{len(seen.declared)} declarations, {len(seen.decided)} decisions, {len(seen.agreed)} further yeses"
    proofs = sum(len(one) for one in seen.settled.values())
    return f"from your own record: {counts}, {pulls} pulls, {proofs} proofs; all else is assumed (--priors)"


def _assumed() -> Iterator[str]:
    from psfir.rehearsal.odds.priors import shipped

    yield ""
    yield heading("what is assumed")
    for one in shipped().said:
        yield hanging(f"{one.name.replace('_', ' ')}:", f"{one.why} [{one.grade}] {one.source}")
    yield ""


def _json(done: Simulated, seed: int) -> dict[str, Any]:
    from psfir.rehearsal.odds.picture import CAUTION
    from psfir.rehearsal.odds.whatif import wilson

    base = done.answer.base
    return {
        "runbook": done.book.id,
        "system": done.book.system,
        "deadline": base.model.deadline,
        "runs": base.runs,
        "seed": seed,
        "in_time": _interval(wilson(base.made, base.runs)),
        "contained": _interval(wilson(base.contained, base.runs)),
        "quantiles": {str(share): base.quantile(share) for share in (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)},
        "mean_seconds": {name: spent / base.runs / 1000 for name, spent in base.cost.items()},
        "misses": {name: found for name, found in base.misses.items() if found},
        "changes": [
            {"name": one.name, "says": one.says, "in_time": one.made, "gain": _interval(one.gain)}
            for one in done.answer.changes
        ],
        "observed": {
            "declared": len(done.history.declared),
            "decided": len(done.history.decided),
            "agreed": len(done.history.agreed),
            "pulls": {name: tried for name, (_, tried) in done.history.tries.items()},
            "proofs": sum(len(one) for one in done.history.settled.values()),
        },
        "evidence": False,
        "caution": CAUTION,
    }


def _interval(one: Interval) -> dict[str, float]:
    return {"value": one.value, "low": one.low, "high": one.high}
