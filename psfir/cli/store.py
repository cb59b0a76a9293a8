"""`psfir store`: where the record is kept. Bring it to today's format, check it, move it, say what its login needs."""

from __future__ import annotations

import click

from psfir.cli.desk import Desk, common
from psfir.errors import UsageError

MIGRATE = """\b
Example: psfir store migrate

A database is laid out or brought up by this command alone, with a login that owns it; a file by any command that opens
it, which keeps a copy.

Exit codes: 0 it is of today's format, 1 it cannot be had or changed, 2 wrong words or file."""

CHECK = """\b
Example: psfir store check

Exit codes: 0 fit, 1 it cannot be had, or something should be changed, 2 wrong words or file."""

MOVE = """\b
Examples:
  psfir store move --to postgresql://psfir@db.example.com/psfir?sslmode=verify-full
  psfir store move --to .psfir/record.sqlite3

Broken off, the same words carry it on. psfir.yaml is left to you: change `store:` when it is done.

Exit codes: 0 moved and proven the same, 1 it was not, 2 wrong words, 3 refused (a run goes on, or another record is \
there)."""

GRANTS = """\b
Example: psfir store grants --role psfir_app | psql psfir

Exit codes: 0 printed, 2 wrong words."""


@click.group(epilog="\b\nExample: psfir store check")
def store() -> None:
    """Where the record is kept: migrate, check, move it; what its login needs."""


@store.command(epilog=MIGRATE)
@common
def migrate(desk: Desk) -> int:
    """Lay the record out, or bring it to today's format."""
    from psfir.app.store_deeds import migrate as bring_up

    where, found, now = bring_up(desk.door(), desk.workspace)
    desk.result("store.migrate", {"where": where, "from": found, "to": now})
    desk.say(f"{where}: format {now}, as it was" if found == now else f"{where}: format {found} -> {now}")
    return 0


@store.command(epilog=CHECK)
@common
def check(desk: Desk) -> int:
    """Look whether the record can be read and written, and is kept as it should be."""
    from psfir.app.store_deeds import check as look

    fit = look(desk.door(), desk.workspace)
    desk.result("store.check", fit.to_json())
    desk.say(f"{fit.where}: can be written, {fit.head[0]} entries, format {fit.format}, {fit.server}")
    for finding in fit.findings:
        desk.say(f"- {finding}")
    return 1 if fit.findings else 0


@store.command(epilog=MOVE)
@click.option("--to", required=True, metavar="STORE", help="A file, or postgresql://…, as `store:` would say it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
def move(desk: Desk, to: str, *, yes: bool) -> int:
    """Copy the whole record to another store, and prove that it is the same."""
    from psfir.app.store_deeds import move_to
    from psfir.loading.workspace import STORE

    if not STORE.fits(to):
        raise UsageError(f"--to is not {STORE.like}")
    session = desk.session()
    if not yes and not desk.ask("Does nobody use this record until it is moved?"):
        raise UsageError("nothing was moved", todo="say --yes")
    where, (seq, digest) = move_to(session, to, told=lambda seq: desk.event("moved", {"seq": seq}))
    desk.event("result", {"schema": "psfir.out.store.move/1", "where": where, "seq": seq, "hash": digest})
    desk.say(f"{where}: {seq} entries, each proven the same. Head {seq}:{digest}")
    desk.say("Now say so in psfir.yaml on every machine, then keep the old one as it is:")
    desk.say(f"store: {to}", verbatim=True)
    return 0


@store.command(epilog=GRANTS)
@click.option("--role", default="psfir_app", show_default=True, help="The login of whoever works with psfir.")
@click.option("--eraser", default="psfir_eraser", show_default=True, help="The login that `psfir audit erase` needs.")
@common
def grants(desk: Desk, role: str, eraser: str) -> int:
    """Print the SQL that allows a login what psfir needs, and nothing else: to append and read."""
    from psfir.records.grants import grants as allow

    lines = allow(role, eraser)
    desk.result("store.grants", {"sql": lines})
    for line in lines:
        desk.say(line, verbatim=True)
    return 0
