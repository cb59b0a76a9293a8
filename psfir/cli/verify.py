"""`psfir verify`: look at the effect again."""

from __future__ import annotations

import click

from psfir.app.verify import to_verify
from psfir.app.verify import verify as look_again
from psfir.cli import complete, ending
from psfir.cli.desk import Desk, common
from psfir.cli.live import Watched, view
from psfir.cli.steer import Crew

EPILOG = """\b
Examples:
  psfir verify
  psfir verify INC-20260131-k7q2xa --no-soak

Exit codes: 0 contained; 1 not contained; 2 no such incident; 3 refused (nothing to look at); 4 partly contained;
5 contained, but the soak was not watched to its end; 6 the probes could not tell."""


@click.command(short_help="Look at the effect again.", epilog=EPILOG)
@click.argument("incident", required=False, default="", shell_complete=complete.incidents)
@click.option("--soak/--no-soak", default=True, show_default=True, help="Whether to watch through the soak as well.")
@common
def verify(desk: Desk, *, incident: str, soak: bool) -> int:
    """Probe the last containment of each system of an incident, and record the verdict.

    Changes nothing in the world. The exit code is that of the verdict, as with kill.
    """
    session = desk.session(reaching=True)
    found = session.incident(incident)
    runs = to_verify(found)
    watched = Watched(session.clock, {run.id: run.plan for run in runs})
    for run in runs:
        watched.know(run)
    shown = view(desk, watched)
    session.journal.tell(shown.add)
    crew = Crew(desk, session, shown, watched)
    looked = crew.run([look_again(session, found, run, crew.control, soaking=soak) for run in runs])
    return ending.finish(desk, session, ending.End("verify", session.incident(found.id), looked))
