"""`psfir lever`: what psfir can pull, look at and keep, and how to add a lever of one's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from psfir.cli import complete
from psfir.cli.desk import Desk, common
from psfir.cli.paths import FOLDER
from psfir.cli.show import columns, dim, hanging, heading, loud

if TYPE_CHECKING:
    from psfir.app.lever import Described, Line
    from psfir.domain.about import Field, LeverAbout, MessengerAbout, Permission
    from psfir.domain.connecting import ConnectionKind


@click.group(epilog="\b\nExample: psfir lever list")
def lever() -> None:
    """List and describe levers; write a new one."""


@lever.command("list", epilog="\b\nExample: psfir lever list\n\nExit codes: 0 all can be used, 1 one cannot.")
@common
def list_(desk: Desk) -> int:
    """All levers, probes, captures and messengers, and where each comes from."""
    from psfir.app.catalog import installed_catalog
    from psfir.app.lever import GROUPS, listed

    lines = listed(installed_catalog())
    desk.result("lever.list", {group: [line.to_json() for line in lines if line.group == group] for group in GROUPS})
    for group in GROUPS:
        for text in _section(group, [line for line in lines if line.group == group]):
            desk.say(text)
    return 1 if any(line.broken for line in lines) else 0


@lever.command(epilog="\b\nExample: psfir lever describe http.request\n\nExit codes: 0 shown, 1 broken, 2 none such.")
@click.argument("name", shell_complete=complete.levers)
@common
def describe(desk: Desk, *, name: str) -> int:
    """All that a lever, probe, capture or messenger says about itself, with an example."""
    from psfir.app.catalog import installed_catalog
    from psfir.app.lever import described

    parts = described(installed_catalog(), name)
    desk.result("lever.describe", {"name": name, "parts": [part.to_json() for part in parts]})
    for number, part in enumerate(parts):
        for text in (*([""] if number else []), *_page(part)):
            desk.say(text)
        desk.say(heading("example"))
        for text in part.example.splitlines():
            desk.say(f"  {text}", verbatim=True)
    return 0


EPILOG = """\b
Example: psfir lever new acme.gate --dir ~/levers

Exit codes: 0 written, 2 no such name or folder, 3 it is there already."""


@lever.command(epilog=EPILOG)
@click.argument("name")
@click.option("--dir", "folder", type=FOLDER, default=Path(), help="Where its folder goes; default here.")
@common
def new(desk: Desk, *, name: str, folder: Path) -> int:
    """Write the skeleton of a lever of your own: it works, and its tests pass."""
    from psfir.app.catalog import installed_catalog
    from psfir.app.scaffold import write_package

    written = write_package(name, folder, installed_catalog())
    desk.result("lever.new", {"name": name, "root": str(written.root), "files": list(written.files)})
    desk.say(f"wrote {written.root}")
    for path in written.files:
        desk.say(f"  {path}")
    desk.say("its README.md says what to change; next:")
    desk.say(f"  cd {written.root} && pip install -e . pytest && python -m pytest")
    return 0


CHECK_EPILOG = """\b
Examples:
  psfir lever check support-assistant
  psfir lever check --all --json

Exit codes: 0 all would go well; 1 something would fail tonight; 2 wrong command or file;
6 nothing would fail, but something could not be told."""


@lever.command(epilog=CHECK_EPILOG)
@click.argument("system", required=False, shell_complete=complete.systems)
@click.option("--all", "everything", is_flag=True, help="Every system.")
@common
def check(desk: Desk, *, system: str | None, everything: bool) -> int:
    """Look at every rung beforehand: target, permissions, approvals, what would undo it. It changes nothing."""
    from psfir.app.choose import Aim
    from psfir.app.preflight import preflight
    from psfir.cli import preflight_view
    from psfir.domain.preflight import Ready

    session = desk.session()
    with preflight_view.progress(desk) as told:
        found = preflight(session, Aim(systems=(system,) if system else (), all=everything), told=told)
    rungs = [one.to_json() for one in found.rungs]
    counts = {ready.value: count for ready, count in found.counts.items()}
    desk.result("lever.check", {"rungs": rungs, "broken": found.broken, "counts": counts})
    for text in preflight_view.page(found):
        desk.say(text)
    if found.broken or any(one.ready is Ready.WOULD_FAIL for one in found.rungs):
        return 1
    return 6 if any(one.ready is Ready.COULD_NOT_TELL for one in found.rungs) else 0


def _section(group: str, lines: Sequence[Line]) -> Iterator[str]:
    if not lines:
        return
    yield heading("kinds of connections" if group == "connections" else group)
    whole = [line for line in lines if line.about is not None]
    yield from columns([_row(line) for line in whole])
    for line in lines:
        if line.about is None:
            yield loud(f"  {line.name} cannot be used: {line.broken}")


def _row(line: Line) -> tuple[str, ...]:
    from psfir.domain.about import LeverAbout

    assert line.about is not None  # noqa: S101 - the caller leaves broken ones out
    if isinstance(line.about, LeverAbout):
        modes, stops = ", ".join(mode.value for mode in line.about.modes), f"stops {line.about.stops.value}"
        return line.name, modes, stops, line.source, line.about.line
    return line.name, line.source, line.about.line


def _page(part: Described) -> Iterator[str]:
    from psfir.app.lever import permissions
    from psfir.domain.about import CaptureAbout, LeverAbout, MessengerAbout, ProbeAbout

    about = part.about
    yield heading(f"{part.group.removesuffix('s')} {about.name}")
    yield hanging("", about.line)
    yield hanging("from", part.source)
    yield hanging("connects", f"to connections of kind {' or '.join(about.connects)}")
    if isinstance(about, LeverAbout):
        yield from _lever(about)
    for kind in part.kinds:
        yield from _kind(kind)
    if isinstance(about, CaptureAbout):
        yield hanging("keeps", about.keeps)
    if isinstance(about, MessengerAbout):
        yield from _messenger(about)
    yield from _fields("target", about.target)
    if isinstance(about, (LeverAbout, MessengerAbout)):
        yield from _fields("set", about.settings)
    if isinstance(about, ProbeAbout):
        yield from _fields("expect", about.expect)
    yield from _rights(permissions(about))


def _kind(kind: ConnectionKind) -> Iterator[str]:
    yield heading(f"a connection of kind {kind.name}:")
    yield from columns(
        [(key.name, key.type.value, key.line + ("" if key.required else dim(" (optional)"))) for key in kind.keys]
    )


def _lever(about: LeverAbout) -> Iterator[str]:
    from psfir.domain.durations import show as span

    yield hanging("modes", ", ".join(mode.value for mode in about.modes))
    yield hanging("stops", {"new": "what has not begun", "in_flight": "what is under way"}.get(about.stops, "both"))
    yield hanging("blast radius", about.blast_radius)
    yield hanging("undo", f"{about.undo} {'Exact.' if about.exact else 'Not known to be exact.'}")
    yield hanging("vendor", about.vendor)
    yield hanging("propagation", span(about.propagation))


def _messenger(about: MessengerAbout) -> Iterator[str]:
    yield hanging("writes", "to each of a list by itself" if about.each else "once, where all can read it")
    found = "is looked for before it is sent again" if about.finds else "cannot be looked for: a person settles it"
    yield hanging("unanswered", found)
    if about.longest:
        yield hanging("longest", f"{about.longest:,} characters")


def _fields(block: str, fields: Sequence[Field]) -> Iterator[str]:
    if not fields:
        return
    yield heading(f"{block}:")
    yield from columns(list(_rows("", fields)))


def _rows(above: str, fields: Sequence[Field]) -> Iterator[tuple[str, str, str]]:
    """A field of a mapping is named with what it stands in: `read.pointer`."""
    for field in fields:
        yield f"{above}{field.name}", field.type.value, _field(field)
        yield from _rows(f"{above}{field.name}.", field.fields)


def _field(field: Field) -> str:
    from psfir.domain.canon import canonical

    needed = "" if field.required else dim(" (optional)")
    if field.default is not None:
        needed = dim(f" (default {canonical(field.default).decode()})")
    choices = f"; one of {', '.join(field.choices)}" if field.choices else ""
    return f"{field.line}{choices}{needed}"


def _rights(rights: Sequence[Permission]) -> Iterator[str]:
    if rights:
        yield heading("permissions")
        yield from columns([_right(right) for right in rights])


def _right(right: Permission) -> tuple[str, ...]:
    phases = "" if len(right.phases) > 2 else f"to {' and '.join(phase.value for phase in right.phases)}"  # noqa: PLR2004 - all three
    return right.system, right.action, right.resource, ", ".join(filter(None, (phases, right.only)))
