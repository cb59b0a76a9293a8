"""`psfir sync`: merge what was spooled while the record was away. Every command does it on opening; this one tells."""

from __future__ import annotations

import click

from psfir.cli.desk import Desk, common
from psfir.cli.show import loud

EPILOG = """\b
Example: psfir sync

Exit codes: 0 nothing waits any more, 1 something could not be merged, or the record is still away."""


@click.command(short_help="Merge entries spooled while the record was away.", epilog=EPILOG)
@common
def sync(desk: Desk) -> int:
    """Merge entries spooled while the record was away, and say what overlapped.

    What one of two did not know of the other, of incidents that are not over: both killed the same system, or one
    restored what the other had killed.
    """
    from psfir.app.doctor import spools
    from psfir.app.overlaps import overlaps

    session = desk.session()
    left = spools(session)
    merged = [{"spool": name, "count": count} for name, count in session.merged]
    found = [one.says for one in overlaps(session)]
    head = session.journal.heads()[0]
    desk.result("sync", {"merged": merged, "waiting": list(left), "overlaps": found, "head": head})
    for name, count in session.merged:
        desk.say(f"merged {count} entries from {name}")
    for name in left:
        desk.say(loud(f"{name} still waits: its writer is at work, or it cannot be merged"))
    for text in found:
        desk.say(loud(text))
    if not merged and not left:
        desk.say("nothing was waiting")
    return 1 if left else 0
