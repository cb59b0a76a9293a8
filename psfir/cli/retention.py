"""`psfir retention`: what lies beside the record, for how long, and what may go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.desk import Desk, common
from psfir.cli.show import columns

if TYPE_CHECKING:
    from psfir.review.retention import Kept

APPLY = """\b
Example: psfir retention apply

Exit codes: 0 done, or there was nothing to do; 1 a file or the record cannot be written; 2 nobody said yes;
3 refused (no right)."""


@click.group(epilog="\b\nExample: psfir retention list")
def retention() -> None:
    """See how long evidence, lists of recipients and older copies stay, and let go of what is past its time."""


@retention.command("list", epilog="\b\nExample: psfir retention list\n\nExit codes: 0 shown, 1 no record to read.")
@common
def list_(desk: Desk) -> int:
    """List what is kept, how long, and what is past its time. Touches nothing."""
    from psfir.app.retention import keeping

    found = keeping(desk.session())
    desk.result("retention.list", {"files": [_json(one) for one in found]})
    for line in _lines(found):
        desk.say(line)
    past = sum(one.past for one in found)
    desk.say(f"{past} of {len(found)} files are past their time" if found else "nothing lies beside the record")
    if past:
        desk.say("next: psfir retention apply")
    return 0


@retention.command(epilog=APPLY)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@common
def apply(desk: Desk, *, yes: bool) -> int:
    """Discard what is past its time, for good. Each file leaves an entry with its digest, size and why."""
    from psfir.app import retention as app
    from psfir.domain.people import Deed
    from psfir.errors import UsageError

    session = desk.session()
    session.need(Deed.ERASE)
    past = [one for one in app.keeping(session) if one.past]
    for line in _lines(past):
        desk.say(line)
    if past and not yes and not desk.ask(f"Discard {len(past)} files for good?"):
        raise UsageError("nothing was discarded", todo="say --yes")
    gone = app.apply(session) if past else []
    desk.result("retention.apply", {"discarded": [_json(one) for one in gone]})
    many = "1 file is" if len(gone) == 1 else f"{len(gone)} files are"
    desk.say(f"{many} gone; the record says which" if gone else "nothing is past its time")
    return 0


def _lines(found: Iterable[Kept]) -> Iterator[str]:
    """A row for what is of one incident and one kind, and has the same time."""
    rows: dict[tuple[str, str, str], list[Kept]] = {}
    for one in found:
        rows.setdefault((one.file.incident or "the record", one.file.thing.value, one.line), []).append(one)
    told = [(of, f"{len(files)} x {thing}", _size(files), says) for (of, thing, says), files in rows.items()]
    yield from columns(told)


def _size(files: Iterable[Kept]) -> str:
    return f"{sum(one.file.size for one in files) / 1024:,.0f} KiB"


def _json(one: Kept) -> dict[str, Any]:
    return {
        "thing": one.file.thing.value,
        "incident": one.file.incident or None,
        "name": one.file.name,
        "sha256": one.file.sha256,
        "size": one.file.size,
        "days": one.days,
        "since": one.since.isoformat() if one.since else None,
        "until": one.until.isoformat() if one.until else None,
        "waits": one.waits or None,
        "holds": [hold.name for hold in one.holds],
        "past": one.past,
    }
