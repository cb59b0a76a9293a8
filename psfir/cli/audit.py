"""`psfir audit`: prove the record, take it out of the house, erase what people typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.desk import Desk, common
from psfir.cli.paths import FILE
from psfir.errors import UsageError

if TYPE_CHECKING:
    from psfir.app.audit import Audit, Head


VERIFY = """\b
Examples:
  psfir audit verify
  psfir audit verify --head 42:sha256:9f86...   # also shows a tail that was cut off

Exit codes: 0 all is as it was written, 1 something is not (the first bad entry is named), 2 wrong words or file."""

EXPORT = """\b
Examples:
  psfir audit export --out record.jsonl
  psfir audit export --incident INC-20261121-k7q2xa > incident.jsonl

Exit codes: 0 written, 1 the record cannot be read, 2 wrong words, no such incident, or the file is there already."""

ERASE = """\b
Examples:
  psfir audit erase 17 --reason "a customer's name, asked for by her" --request dsar-2026-113
  psfir audit erase 17 23 --reason "her screenshot and the note on it" --copies

\b
Exit codes: 0 erased, 1 the record cannot be written, 2 wrong words, or nobody said yes,
3 refused (no right, a legal hold, or an entry that stays readable)."""


@click.group(epilog="\b\nExample: psfir audit verify")
def audit() -> None:
    """Verify and export the record; erase what people typed in it."""


@audit.command(epilog=VERIFY)
@click.option("--head", "heads", multiple=True, metavar="SEQ:HASH", help="A head kept elsewhere. May be repeated.")
@click.option("--file", "file", type=FILE, help="Verify an exported file, without the record.")
@common
def verify(desk: Desk, heads: Sequence[str], file: Path | None) -> int:
    """Look at every entry of the record, and at the evidence it names."""
    from psfir.app.audit import verify_session
    from psfir.app.audit_export import verify_export

    kept = [_head(text) for text in heads]
    seen = verify_session(desk.session(), heads=kept) if file is None else verify_export(file, heads=kept)
    _say(desk, seen)
    desk.result("audit.verify", _json(seen))
    return 0 if seen.sound else 1


@audit.command(epilog=EXPORT)
@click.option("--incident", metavar="ID", help="One incident only; by itself it proves less than the whole record.")
@click.option("--out", type=FILE, help="A new file; without it, standard output.")
@common
def export(desk: Desk, incident: str | None, out: Path | None) -> int:
    """Write the record as JSON lines that `psfir audit verify --file` can prove."""
    from psfir.app.audit_export import export as export_record
    from psfir.app.audit_export import write_export

    session = desk.session()
    lines = export_record(session.journal, incident=session.incident(incident).id if incident else None)
    if out is None:
        for line in lines:
            click.echo(line)
        return 0
    count = write_export(lines, out)
    seq, tip = session.journal.heads()
    desk.say(f"{count} entries in {out}. Keep the head elsewhere: {seq}:{tip}")
    desk.result("audit.export-file", {"file": str(out), "entries": count, "head": {"seq": seq, "hash": tip}})
    return 0


@audit.command(epilog=ERASE)
@click.argument("seqs", metavar="SEQ...", type=int, nargs=-1, required=True)
@click.option("--reason", required=True, help="Why; it stays in the record for ever.")
@click.option("--request", default="", metavar="ID", help="By which request; it stays as well.")
@click.option("--copies", "with_copies", is_flag=True, help="Discard older copies of the record too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
def erase(desk: Desk, *, seqs: tuple[int, ...], reason: str, request: str, with_copies: bool, yes: bool) -> int:
    """Erase what people typed, captured or sent to in these entries, for good. The chain still verifies.

    Of a note, a claim or a draft the words go, with a draft's list of recipients; of evidence the file.
    """
    from psfir.app.erasing import erase as erase_all
    from psfir.domain.people import Deed

    session = desk.session()
    session.need(Deed.ERASE)
    if not yes and not (desk.interactive and click.confirm(f"Erase {len(seqs)} entries for good?", err=True)):
        raise UsageError("nothing was erased", todo="say --yes")
    done = erase_all(session, seqs, why=reason, request=request, with_copies=with_copies)
    says = f" Entry {done.tombstones[-1].seq} says so." if done.tombstones else ""
    desk.say(f"Erased: {', '.join(str(seq) for seq in sorted(set(seqs)))}.{says}")
    for file in done.files:
        desk.say(f"Discarded: {file.thing.value} {file.name}, {file.size} bytes")
    for path in done.left:
        desk.warn(f"{path} is older and may still hold it: say --copies, or delete it when it is no longer needed")
    told = {"erased": sorted(set(seqs)), "tombstones": [one.seq for one in done.tombstones]}
    files = [{"thing": one.thing.value, "name": one.name, "sha256": one.sha256} for one in done.files]
    desk.result("audit.erase", {**told, "discarded": files, "copies": [str(path) for path in done.left]})
    return 0


def _head(text: str) -> Head:
    seq, _, digest = text.partition(":")
    digest = digest.removeprefix("sha256:").lower()
    if not (seq.isascii() and seq.isdigit() and re.fullmatch("[0-9a-f]{64}", digest)):
        raise UsageError(f"{text!r} is not a head", todo="SEQ:sha256:HASH, as psfir prints it at each end of a run")
    return int(seq), f"sha256:{digest}"


def _say(desk: Desk, seen: Audit) -> None:
    if seen.flaw is not None:
        desk.say(click.style(f"NOT AS IT WAS WRITTEN: entry {seen.flaw.seq} {seen.flaw.says}", fg="red", bold=True))
    elif seen.whole:
        desk.say(click.style(f"The record is whole: {seen.entries} entries.", fg="green"))
        desk.say(f"Head: {seen.head[0]}:{seen.head[1]}  (kept elsewhere, it shows a tail that was cut off)")
    else:
        desk.say(click.style(f"Each of the {seen.entries} entries is as it was written.", fg="green"))
        desk.say("They are one incident's: that none between them is missing, only the whole record can show.")
    for piece in seen.evidence:
        told = f"Evidence {piece.state.value}: {piece.name} of {piece.incident}, entry {piece.seq}, {piece.sha256}"
        desk.say(click.style(told, fg="red", bold=True))


def _json(seen: Audit) -> dict[str, Any]:
    flaw = None if seen.flaw is None else {"seq": seen.flaw.seq, "says": seen.flaw.says}
    head = {"seq": seen.head[0], "hash": seen.head[1]}
    evidence = [{**vars(piece), "state": piece.state.value} for piece in seen.evidence]
    found = {"sound": seen.sound, "whole": seen.whole, "entries": seen.entries, "head": head}
    return {**found, "flaw": flaw, "evidence": evidence}
