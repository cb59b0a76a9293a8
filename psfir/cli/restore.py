"""`psfir restore`: put back exactly what was found."""

from __future__ import annotations

import click

from psfir.app import restore as deed
from psfir.app.carry import new_run_id
from psfir.app.restore_part import Part
from psfir.app.session import Session
from psfir.cli import complete, planview
from psfir.cli.desk import Desk, common
from psfir.cli.ending_restore import finish_restore
from psfir.cli.live import Watched, view
from psfir.cli.steer import Crew

EPILOG = """\b
Examples:
  psfir restore                          the first person: draws the plan and says yes
  psfir approve 3f2a9c01d4e7             the second person, elsewhere
  psfir restore                          carries it out
  psfir restore --mistake                take back a kill of a few minutes ago, alone
  psfir restore --leave run-1a2b3c4d/stop-tools     all but what somebody has changed since
  psfir restore --system support-assistant          of many systems this one

Exit codes: 0 all reads as it was before, 1 something does not, 2 wrong words, or nobody is here to say yes,
3 refused (yeses missing, drift, no right, a run has not ended)."""


@click.command(short_help="Put back exactly what a containment changed.", epilog=EPILOG)
@click.argument("incident", required=False, default="", shell_complete=complete.incidents)
@click.option("--mistake", is_flag=True, help="Take back a fresh kill alone, where the runbook allows it.")
@click.option("--system", "systems", multiple=True, shell_complete=complete.systems, help="This system alone.")
@click.option("--leave", multiple=True, metavar="RUN/STEP", help="Leave it as it is: one step, a run, or a system.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@common
def restore(desk: Desk, *, incident: str, mistake: bool, yes: bool, **part: tuple[str, ...]) -> int:
    """Put back what psfir changed, newest first, if it still is what psfir left; refused on drift.

    Going back on needs more people than going off: two, by default. The digest names exactly what is put back.
    """
    session = desk.session(reaching=True)
    asked = deed.ask(session, session.incident(incident), part=Part(**part), mistake=mistake)
    desk.say("\n".join(planview.several([asked.plan], {}, session.catalog)))
    _confirm(desk, asked, yes=yes)
    return _carry(desk, session, deed.say_yes(session, asked))


def _confirm(desk: Desk, asked: deed.Restoring, *, yes: bool) -> None:
    if yes:
        return
    if not desk.ask(f"\nput this back for {asked.incident.id}?"):
        raise click.Abort


def _carry(desk: Desk, session: Session, asked: deed.Restoring) -> int:
    deed.check(session, asked)
    run_id = new_run_id()
    watched = Watched(session.clock, {run_id: asked.plan})
    shown = view(desk, watched)
    session.journal.tell(shown.add)
    crew = Crew(desk, session, shown, watched)
    runs = crew.run([deed.restoring(session, asked, run_id, crew.control)])
    return finish_restore(desk, session, "restore", session.incident(asked.incident.id), runs)
