"""`psfir resume`: carry on what a dead process left."""

from __future__ import annotations

import click

from psfir.app.resume import resumable
from psfir.app.resume import resume as carry_on
from psfir.cli import complete, ending
from psfir.cli.desk import Desk, common
from psfir.cli.ending_restore import finish_restore
from psfir.cli.live import Watched, view
from psfir.cli.steer import Crew
from psfir.domain.plan import Verb

EPILOG = """\b
Examples:
  psfir resume
  psfir resume INC-20260131-k7q2xa --json

Exit codes: of a kill those of `psfir kill`, of a restore 0 all is back or 1 it is not; 2 no such incident;
3 refused (nothing is left unfinished, somebody is at work on it, or no right)."""


@click.command(short_help="Carry on a run whose process died.", epilog=EPILOG)
@click.argument("incident", required=False, default="", shell_complete=complete.incidents)
@common
def resume(desk: Desk, *, incident: str) -> int:
    """Carry on every unfinished run of an incident, from the record alone.

    What is recorded as done is not done again; what was begun and has no recorded outcome is read first.
    """
    session = desk.session()
    found = session.incident(incident)
    left = resumable(session, found)
    watched = Watched(session.clock, {run.id: run.plan for run in left})
    for run in left:
        watched.know(run)
        desk.say(f"{found.id}  taking up {run.id}: {run.verb.value} {run.plan.runbook.system}")
    shown = view(desk, watched)
    session.journal.tell(shown.add)
    crew = Crew(desk, session, shown, watched)
    runs = crew.run(carry_on(session, found, left, crew.control))
    known = session.incident(found.id)
    kills = [run for run in runs if run.verb is Verb.KILL]
    if kills:
        return ending.finish(desk, session, ending.End("resume", known, kills))
    return finish_restore(desk, session, "resume", known, runs)
