"""`psfir demo`: the whole of it, by the very commands a person would type, on the range or on a tiny estate."""

from __future__ import annotations

import os
from pathlib import Path

import click

from psfir.cli.desk import Desk
from psfir.cli.paths import FILE, FOLDER
from psfir.errors import UsageError

EPILOG = """\b
Examples:
  psfir demo
  psfir demo --dir /tmp/try-psfir --report /tmp/try-psfir.html
  psfir demo --tiny --dir /tmp/try-tiny --json

\b
Exit codes: 0 contained, proven and restored; 1 some step did not end as it should."""


@click.command(short_help="Kill, prove and restore on a simulated estate.", epilog=EPILOG)
@click.option("--dir", "folder", type=FOLDER, default=Path("psfir-demo"), show_default=True)
@click.option("--report", type=FILE, help="Write a page with a chart of it all, for a browser.")
@click.option("--tiny", is_flag=True, help="On a file that stands for production: nothing is started, in 10 seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def demo(*, folder: Path, report: Path | None, tiny: bool, as_json: bool) -> int:
    """Bring up a range, kill its assistant while the flag vendor is down, prove it, restore it, and show the record.

    On the range a support assistant answers customers, on loopback servers that the real clients talk to. The workspace
    stays: psfir range up --workspace brings its estate back, and every other command can be tried on it.
    """
    desk = Desk(None, as_json=as_json)
    if tiny:
        from psfir.cli.demo_tiny import play as play_tiny

        if report:
            raise click.UsageError("--report needs the traffic of the range; leave --tiny out")
        return play_tiny(desk, folder)
    if report:
        _writable(report, folder)
    from psfir.cli.demo_range import play

    return play(desk, folder, report)


def _writable(page: Path, folder: Path) -> None:
    """Known before the demo, not after it. The demo's own folder need not be there yet."""
    parent = page.absolute().parent
    todo = "name a file in a folder that is yours"
    if page.is_dir():
        raise UsageError("is a folder, so no page can be written there", where=str(page), todo=todo)
    if not parent.is_dir() and parent != folder.absolute():
        raise UsageError(f"the page cannot be written: there is no folder {parent}", where=str(page), todo=todo)
    there = page if page.exists() else parent
    if there.exists() and not os.access(there, os.W_OK):
        raise UsageError("the page cannot be written: that is not yours to write", where=str(page), todo=todo)
