"""`psfir lint`: every problem of every file, before the night."""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import click

from psfir.cli import show
from psfir.cli.desk import Desk, common
from psfir.cli.paths import FILE

if TYPE_CHECKING:
    from psfir.loading.lint import LintReport

EPILOG = """\b
Examples:
  psfir lint
  psfir lint runbooks/support-assistant-disable.yaml
  psfir lint --strict --format github       for CI

\b
Exit codes: 0 no errors (with --strict no warnings either), 1 some, 2 no such path or workspace."""


FORMATS = click.Choice(["text", "json", "github", "sarif"])


@click.command(short_help="Check every file of a workspace.", epilog=EPILOG)
@click.argument("paths", nargs=-1, type=FILE, metavar="[PATH]...")
@click.option("--format", "style", type=FORMATS, default="text", show_default=True, help="How to print problems.")
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@common
def lint(desk: Desk, *, paths: tuple[Path, ...], style: str, strict: bool) -> int:
    """Check schema, references, arithmetic, ladders and people; print each runbook's critical path at worst.

    A runbook that can exceed its deadline is refused here, in daylight.
    """
    from psfir.app.catalog import installed_catalog
    from psfir.app.clock import RealClock
    from psfir.app.lint import lint as check
    from psfir.app.lint import root_of
    from psfir.cli import lint_formats

    root = root_of(desk.workspace, paths, os.environ)
    today = RealClock().now().astimezone(UTC).date()
    report = lint_formats.from_here(check(root, paths, catalog=installed_catalog(), today=today), root)
    if desk.json or style == "json":
        Desk(None, as_json=True).result("lint", lint_formats.as_json(report))
    elif style == "sarif":
        click.echo(lint_formats.sarif(report))
    elif style == "github":
        for line in lint_formats.github(report):
            click.echo(line)
    else:
        text(desk, report)
    return 1 if report.errors or (strict and report.warnings) else 0


def text(desk: Desk, report: LintReport) -> None:
    """Problems, worst cases and counts, for people; `psfir drill lint` tells them alike."""
    from psfir.domain.durations import show as span
    from psfir.domain.wording import plain

    for problem in report.problems:
        level = click.style("warning: ", fg="yellow") if problem.warning else ""
        desk.say(f"{plain(problem.place)}: {level}{plain(problem.sentence)}")
    for name, budget in report.budgets.items():
        desk.say(f"\n{show.heading(name)}  at worst {span(budget.total)} of {span(budget.deadline)}")
        for line in show.columns([(span(share.seconds).rjust(8), share.name, share.how) for share in budget.shares]):
            desk.say(line)
    counts = ((len(report.files), "file"), (report.errors, "error"), (report.warnings, "warning"))
    counted = ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)
    gap = "\n" if report.problems or report.budgets else ""
    desk.say(f"{gap}{click.style(counted, fg='red' if report.errors else 'green', bold=True)}")
