"""`psfir drill list`, `show`, `lint` and `new`: scenarios to rehearse, and whether they are worth an afternoon."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.complete import drills
from psfir.cli.desk import Desk, common
from psfir.cli.show import columns, dim, hanging, heading, loud

if TYPE_CHECKING:
    from psfir.rehearsal.expectation import Expectation
    from psfir.rehearsal.inject import Trigger
    from psfir.rehearsal.scenario import Scenario


@click.command("list", epilog="\b\nExample: psfir drill list\n\nExit codes: 0 all can be read, 1 one cannot.")
@common
def list_(desk: Desk) -> int:
    """All scenarios with level and duration, and when each was last played."""
    from psfir.app.drill_run_folder import runs
    from psfir.app.drill_run_record import last_runs
    from psfir.app.drills import shelf
    from psfir.domain.durations import show as span

    root = _root(desk)
    found, last = shelf(root), last_runs(root, desk.door())
    drills = [{**_head(one), "last_run": last.get(one.id)} for one in found.drills]
    now = [{"run": run.name, "scenario": run.about["scenario"]} for run in runs(root) if run.led()]
    desk.result("drill.list", {"drills": drills, "broken": dict(found.broken), "running": now})
    rows = [(one.id, one.level.value, span(one.duration), _last(last.get(one.id)), one.title) for one in found.drills]
    for line in columns(rows, indent=""):
        desk.say(line)
    for playing in now:
        desk.say(f"running now: {playing['run']}, {playing['scenario']}")
    for name, why in found.broken.items():
        desk.say(loud(f"{name} cannot be read: {why}"))
    if not found.drills and not found.broken:
        desk.say("no scenario here; psfir drill new NAME writes one")
    return 1 if found.broken else 0


@click.command(
    "show",
    epilog="\b\nExamples:\n  psfir drill show refund-policy\n  psfir drill show refund-policy --spoil"
    "\n\n\b\nExit codes: 0 shown, 2 none such.",
)
@click.argument("name", metavar="ID", shell_complete=drills)
@click.option("--spoil", is_flag=True, help="Also what players must not know: for whoever leads it.")
@common
def show(desk: Desk, *, name: str, spoil: bool) -> int:
    """One scenario: what players may know of it beforehand, and with --spoil all of it."""
    from psfir.app.drills import one

    scenario = one(_root(desk), name)
    shown = {**_head(scenario), "summary": scenario.summary, "roles": list(scenario.roles)}
    secret = {"injects": [_inject(scenario, number) for number in range(len(scenario.injects))]} if spoil else {}
    desk.result("drill.show", {"drill": {**shown, **secret}})
    for line in (*_page(scenario), *(_plot(scenario) if spoil else [dim("--spoil shows what happens")])):
        desk.say(line)
    return 0


@click.command(
    "lint",
    epilog="\b\nExample: psfir drill lint refund-policy --strict"
    "\n\n\b\nExit codes: 0 no errors (with --strict no warnings either), 1 some, 2 none such.",
)
@click.argument("names", metavar="[ID]...", nargs=-1, shell_complete=drills)
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@common
def lint_(desk: Desk, *, names: tuple[str, ...], strict: bool) -> int:
    """Check scenarios: that they can be played, that all of it can happen, and that nothing gives the plot away."""
    from psfir.app.catalog import installed_catalog
    from psfir.app.clock import RealClock
    from psfir.app.drills import FOLDER, path_of
    from psfir.app.lint import lint as check
    from psfir.cli import lint_formats
    from psfir.cli.lint import text

    root = _root(desk)
    paths = [path_of(root, name) for name in names] or [root / FOLDER]
    report = check(root, paths, catalog=installed_catalog(), today=RealClock().now().astimezone(UTC).date())
    shown = lint_formats.from_here(report, root)
    desk.result("drill.lint", lint_formats.as_json(shown))
    text(desk, shown)
    return 1 if report.errors or (strict and report.warnings) else 0


@click.command(
    "new",
    epilog="\b\nExample: psfir drill new wrong-prices\n\nExit codes: 0 written, 2 no such name, 3 it is there already.",
)
@click.argument("name", metavar="ID")
@common
def new(desk: Desk, *, name: str) -> int:
    """Write a scenario of ten lines that can be played as it is."""
    from psfir.app.drills import new as write

    path = write(_root(desk), name)
    desk.result("drill.new", {"file": str(path)})
    desk.say(f"{path} is written; psfir drill lint {name} checks it")
    return 0


def _root(desk: Desk) -> Path:
    """Files alone: no record and no identity is needed to look at a scenario."""
    from psfir.app.lint import root_of

    return root_of(desk.workspace, (), os.environ)


def _head(scenario: Scenario) -> dict[str, Any]:
    return {
        "id": scenario.id,
        "title": scenario.title,
        "version": scenario.version,
        "level": scenario.level.value,
        "duration": scenario.duration,
        "difficulty": scenario.difficulty,
        "systems": list(scenario.systems),
        "statements": sorted({one.psf for one in scenario.objectives}),
        "cuts": [cut.name for cut in scenario.cuts],
        "last_run": None,
    }


def _last(run: Mapping[str, Any] | None) -> str:
    if run is None:
        return "last run: none"
    return f"last run: {run['at'][:10]} {run['result'] or 'no rating'}{'' if run['counts'] else ' (practice)'}"


def _page(scenario: Scenario) -> Iterator[str]:
    from psfir.domain.durations import show as span

    yield heading(f"{scenario.id}: {scenario.title}")
    cuts = f", also in {', '.join(cut.name for cut in scenario.cuts)}" if scenario.cuts else ""
    yield f"  {scenario.level.value}, {span(scenario.duration)}{cuts}; it shows {scenario.level.shows}"
    if scenario.summary:
        yield hanging("", scenario.summary)
    yield from columns([(name, role.brief or "no brief") for name, role in scenario.roles.items()])


def _plot(scenario: Scenario) -> Iterator[str]:
    yield ""
    yield loud("not for players")
    if scenario.backstage.summary:
        yield hanging("", scenario.backstage.summary)
    for number, inject in enumerate(scenario.injects, start=1):
        yield ""
        to = ", ".join(inject.shown.to) or "all"
        yield heading(f"{number}. {inject.id}, {_when(inject.trigger)}, for {to}")
        yield hanging("", inject.shown.body)
        for one in inject.expect:
            yield hanging("expect", _expected(one))


def _when(trigger: Trigger) -> str:
    from psfir.domain.durations import show as span
    from psfir.rehearsal.inject import After, At

    if isinstance(trigger, At):
        return f"at {span(trigger.seconds)}"
    if isinstance(trigger, After):
        return f"{span(trigger.delay)} after {trigger.expectation} is {trigger.state.value}"
    return "by hand"


def _expected(one: Expectation) -> str:
    from psfir.domain.durations import show as span

    due = f" within {span(one.due)}" if one.due else ""
    return f"{one.id}: {one.title}{due}{', critical' if one.critical else ''}"


def _inject(scenario: Scenario, number: int) -> dict[str, Any]:
    inject = scenario.injects[number]
    expect = [{"id": one.id, "kind": one.kind.value, "title": one.title, "due": one.due} for one in inject.expect]
    return {"id": inject.id, "when": _when(inject.trigger), "body": inject.shown.body, "expect": expect}
