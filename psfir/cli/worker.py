"""`psfir worker`: carry what nobody carries, until told to stop."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import click

from psfir.cli.desk import Desk, common
from psfir.domain.near import near
from psfir.errors import UsageError

if TYPE_CHECKING:
    from psfir.app.session import Session

CHANNEL = "worker"
EPILOG = """\b
Examples:
  psfir worker
  psfir worker --runner eu-prod
  psfir worker --once --json

Exit codes: 0 stopped when told to, or nothing left and all it carried is proven; 1 with --once: something it carried
is not, or could not be carried; 2 wrong words or file."""


@click.command(short_help="Carry what nobody carries; any number of them.", epilog=EPILOG)
@click.option(
    "--runner", default="", metavar="NAME", envvar="PSFIR_RUNNER", help="The network it is inside of: pull its rungs."
)
@click.option("--once", is_flag=True, help="Carry what there is now to its end, and stop.")
@common
def worker(desk: Desk, *, runner: str, once: bool) -> int:
    """Carry out approved containments that nobody carries, take over runs whose owner died, watch soaks that were left.

    With --runner it also pulls the rungs that name it, for whoever kills. Warns of what is late. Any number of workers
    go side by side, on one machine or many; a kill needs none of them.
    SIGTERM or ^C lets go at the next record, and others take over.
    """
    from psfir.app.bind import RUNNER
    from psfir.app.session import open_session
    from psfir.app.worker import Voice, Worker

    def say(incident: str, word: str, what: str) -> None:
        desk.event(word, {"incident": incident, "what": what})
        desk.say(f"{incident}  {what}")

    def opening(*, killing: bool) -> Session:
        session = open_session(desk.door(killing=killing, channel=CHANNEL, **env), workspace=desk.workspace)
        known = session.workspace.runners
        if session.binder.runner not in {"", *known}:
            session.close()
            raise UsageError(f"psfir.yaml has no runner {runner!r}", todo=near(runner, known))
        return session

    env = {RUNNER: runner} if runner else {}
    working = Worker(opening, Voice(say, desk.warn))
    before = {sign: signal.signal(sign, lambda *_: working.stop()) for sign in (signal.SIGTERM, signal.SIGINT)}
    try:
        desk.event("watching", {})
        working.run(once=once)
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
    runs = [{"run": run.id, "verdict": run.verdict.value, "ended": bool(run.ended)} for run in working.carried]
    desk.event("result", {"schema": "psfir.out.worker/1", "carried": runs, "failed": working.failed})
    return 1 if once and not working.proven else 0
