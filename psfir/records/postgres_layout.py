"""The formats of a record in PostgreSQL, the one way forward between them, and the least that a login must be allowed.

All of it is in a schema of its own. The format changes only where a person says so: `psfir store migrate`, by a login
that owns the schema. Those who work need, and have, less.
"""

from __future__ import annotations

from collections.abc import Iterable

from psfir.domain.kinds import CATALOGUE
from psfir.errors import RecordError
from psfir.records.server import Server, Turn
from psfir.records.wire import Said, Statement

FORMAT = 1
APPLICATION = "psfir record"
LOCK = 0x70736672
"""The advisory lock by which appends take turns: "psfr", as in the head of a record in SQLite."""

_KEPT = ("seq", "v", "at", "incident", "actor", "channel", "kind", "digest", "prev", "hash")
_CHANGED = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _KEPT)
_ERASABLE = ", ".join(f"'{kind.value}'" for kind, about in CATALOGUE.items() if about.erasable)

# The triggers are a rail for whoever may do anything; the rights are the wall for all others.
_FORMAT_1 = (
    "CREATE SCHEMA IF NOT EXISTS psfir",
    "CREATE TABLE psfir.store (application text NOT NULL, format integer NOT NULL)",
    """CREATE TABLE psfir.entries (seq bigint PRIMARY KEY, v integer NOT NULL, at text NOT NULL, incident text NOT NULL,
    actor text NOT NULL, channel text NOT NULL, kind text NOT NULL, digest text NOT NULL, prev text NOT NULL UNIQUE,
    hash text NOT NULL, data text, salt text)""",
    "CREATE INDEX entries_of_incident ON psfir.entries (incident, seq)",
    "CREATE TABLE psfir.absorbed (name text PRIMARY KEY, digest text NOT NULL UNIQUE, count integer NOT NULL)",
    """CREATE TABLE psfir.leases (name text PRIMARY KEY, owner text NOT NULL, token bigint NOT NULL,
    renewed timestamptz NOT NULL)""",
    "CREATE SEQUENCE psfir.tokens",
    f"""CREATE FUNCTION psfir.rail() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            IF NEW.seq IS DISTINCT FROM (SELECT coalesce(max(seq), 0) + 1 FROM psfir.entries) THEN
                RAISE EXCEPTION 'an entry stands behind the last one';
            END IF;
            RETURN NEW;
        ELSIF TG_OP = 'UPDATE' THEN
            IF {_CHANGED} OR OLD.kind NOT IN ({_ERASABLE}) OR NEW.data IS NOT NULL OR NEW.salt IS NOT NULL THEN
                RAISE EXCEPTION 'an entry is never changed: only what people typed can be erased';
            END IF;
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'an entry is never deleted';
    END $$""",  # noqa: S608 - our own columns and kinds
    """CREATE TRIGGER entries_are_kept BEFORE INSERT OR UPDATE OR DELETE ON psfir.entries
    FOR EACH ROW EXECUTE FUNCTION psfir.rail()""",
    """CREATE TRIGGER entries_are_not_emptied BEFORE TRUNCATE ON psfir.entries
    FOR EACH STATEMENT EXECUTE FUNCTION psfir.rail()""",
    f"""CREATE FUNCTION psfir.erase(bigint) RETURNS bigint LANGUAGE sql SECURITY DEFINER
    SET search_path = pg_catalog AS $$
    UPDATE psfir.entries SET data = NULL, salt = NULL WHERE seq = $1 AND kind IN ({_ERASABLE}) RETURNING seq
    $$""",  # noqa: S608 - our own kinds
    "REVOKE ALL ON FUNCTION psfir.erase(bigint) FROM PUBLIC",
)

STEPS: dict[int, tuple[str, ...]] = {0: _FORMAT_1}
"""From each format to the next. A database of format 0 has no schema of ours."""


def migrate(server: Server) -> tuple[int, int]:
    """Bring the database to today's format, all of it or nothing; from which to which."""
    with server.explained(), server.turn(("SELECT pg_advisory_xact_lock($1)", (LOCK,))) as turn:
        found = _found(server, turn)
        for step in range(found, FORMAT):
            server.ask(turn, *((statement, ()) for statement in STEPS[step]))
        mark: list[Statement] = [("DELETE FROM psfir.store", ())]
        mark.append(("INSERT INTO psfir.store VALUES ($1, $2)", (APPLICATION, FORMAT)))
        server.commit(turn, *(mark if found != FORMAT else ()))
        return found, FORMAT


def examine_format(server: Server) -> None:
    """RecordError unless the database holds a record of today's format."""
    ((marks,),) = (server.read(("SELECT application, format FROM psfir.store", ())),)
    _judge(server, marks[0] if marks else None, exact=True)


def _found(server: Server, turn: Turn) -> int:
    there = (
        "SELECT (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE nspname = 'psfir')"
    )
    ((row,), (encoding,)) = server.ask(
        turn, (f"{there}, to_regclass('psfir.store') IS NOT NULL", ()), ("SHOW server_encoding", ())
    )
    if encoding[0] != b"UTF8":
        what = f"keeps text as {(encoding[0] or b'').decode()}, and entries may hold any text"
        raise RecordError(what, where=server.where, todo="make a database with ENCODING 'UTF8'")
    if row[0] == b"0":
        return 0
    if row[1] != b"t":
        raise RecordError("has a schema psfir that is no record", where=server.where, todo="name another database")
    try:
        ((*marks,),) = server.ask(turn, ("SELECT application, format FROM psfir.store", ()))
    except Said as error:
        raise server.explain(error) from error
    return _judge(server, marks[0] if marks else None)


def _judge(server: Server, mark: tuple[bytes | None, ...] | None, *, exact: bool = False) -> int:
    if mark is None or mark[0] != APPLICATION.encode():
        raise RecordError("has a schema psfir that is no record", where=server.where, todo="name another database")
    found = int(mark[1] or 0)
    if found > FORMAT:
        what = f"was written by a newer psfir (format {found}; this one knows up to {FORMAT})"
        raise RecordError(what, where=server.where, todo="upgrade psfir")
    if exact and found != FORMAT:
        what = f"is of format {found}; this psfir writes {FORMAT}"
        raise RecordError(what, where=server.where, todo="run: psfir store migrate")
    return found


def findings(server: Server) -> tuple[str, list[str]]:
    """What the server runs, and what its owner should change: rights that no work needs, words in the clear."""
    wire = server.line()
    try:
        version, encrypted, local = wire.version, wire.encrypted, wire.local
    finally:
        wire.close()
    found = []
    if more := list(rights(server)):
        found.append(f"this login may {' and '.join(more)} entries: psfir store grants prints what is enough")
    if not encrypted and not local:
        found.append("what is sent can be read on the way: say sslmode=verify-full in store:")
    return f"PostgreSQL {version // 10000}.{version % 10000}", found


def rights(server: Server) -> Iterable[str]:
    """What this login may do to entries although nobody who works needs it."""
    asked = [f"has_table_privilege('psfir.entries', '{word}')" for word in ("UPDATE", "DELETE", "TRUNCATE")]
    ((row,),) = server.read((f"SELECT {', '.join(asked)}", ()))
    return [word for word, may in zip(("change", "delete", "empty"), row, strict=True) if may == b"t"]
