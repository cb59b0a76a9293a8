"""`psfir drill report`: what a drill came to, for those who were there and for those who were not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from psfir.cli.complete import people
from psfir.cli.desk import Desk, common
from psfir.cli.paths import FILE
from psfir.cli.show import hanging, heading

if TYPE_CHECKING:
    from psfir.rehearsal.report.material import Material
    from psfir.review.remediation_item import RemediationItem

EPILOG = """\b
Examples:
  psfir drill report
  psfir drill report RUN-20261121-k7q2xa --format docx -o afterwards.docx
  psfir drill report --answer 1 'A probe, and not the dashboard'
  psfir drill report --add-remediation --owner bob

Exit codes: 0 written, 2 no such run or question, 3 refused."""


@click.command(epilog=EPILOG)
@click.argument("run", default="", metavar="[RUN]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["md", "html", "docx", "pdf"]),
    default="md",
    show_default=True,
    help="As what.",
)
@click.option("-o", "--out", type=FILE, default=None, help="Where to; default the run's id, here.")
@click.option("--every", type=click.IntRange(1, 3660), default=90, show_default=True, help="Days to the next drill.")
@click.option("--answer", "answers", type=(int, str), multiple=True, help="An answer of the hot wash, by question.")
@click.option("--add-remediation", "add", is_flag=True, help="Make each improvement a remediation item, once.")
@click.option("--owner", default="", shell_complete=people, help="Who does them; default whoever answers for it.")
@click.option("--due", default="", metavar="DAY", help="By when; default by their priority.")
@common
def report(
    desk: Desk, *, run: str, form: str, out: Path | None, every: int, answers: Sequence[tuple[int, str]], **items: str
) -> int:
    """Write the after-action report of a drill and its improvement plan; without RUN of the newest.

    The same scenario, log and record give the same report, to the byte.
    """
    from psfir.app import drill_report as app
    from psfir.app.drill_runs import played
    from psfir.app.save import save
    from psfir.rehearsal.report.document import document

    session = desk.session()
    found = played(session, run)
    for question, text in answers:
        app.answer(session, found, question, text)
    if other := app.altered(session, found):
        desk.warn(other)
    told = app.material(session, found, every=every)
    adding = bool(items.pop("add"))
    added = app.add_remediation(session, told, **items) if adding else []
    told = app.material(session, found, every=every) if added else told
    path = out or Path(f"{found.id}.{form}")
    save(path, app.render(document(told), form))
    _tell(desk, told, path, added, adding=adding)
    return 0


def _tell(desk: Desk, told: Material, path: Path, added: Sequence[RemediationItem], *, adding: bool) -> None:
    from psfir.rehearsal.report.improve import improvements
    from psfir.rehearsal.report.times import in_time, measures
    from psfir.rehearsal.report.verdict import deadline

    score, plan = told.score, improvements(told)
    desk.result(
        "drill.report",
        {
            "run": told.run,
            "scenario": told.scenario.id,
            "level": told.scenario.level.value,
            "file": str(path),
            "rating": score.rating.value if score.rating else None,
            "percent": score.whole.percent,
            "evidence": score.counts,
            "practice": list(score.practice),
            "in_time": in_time(told),
            "seconds": {one.name: None if one.took is None else one.took / 1_000_000 for one in measures(told)},
            "improvements": [{"title": one.title, "priority": one.priority} for one in plan],
            "added": [one.ref for one in added],
            "next": told.following.isoformat() if told.following else None,
        },
    )
    rating = score.rating.value if score.rating else "nothing was asked"
    desk.say(heading(f"{told.run}: {told.scenario.title}"))
    desk.say(f"  {rating}, {score.whole.percent} % before caps; {told.scenario.level.value}")
    desk.say(hanging("", deadline(told)))
    for one in added:
        desk.say(hanging("", f"{one.ref}: {one.title}; owner {one.owner or 'nobody yet'}, due {one.due.isoformat()}"))
    if adding and not added:
        desk.say("  nothing to add: every improvement is an item already")
    if plan and not adding:
        desk.say(f"  {len(plan)} improvements; --add-remediation tracks them")
    desk.say(f"all of it: {path}")
