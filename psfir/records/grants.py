"""The least that the logins of a shared record must be allowed, as SQL. The database itself then refuses the rest."""

from __future__ import annotations

from psfir.errors import UsageError


def grants(role: str, eraser: str) -> list[str]:
    """SQL, for whoever owns the schema: what the login that works needs, and the one that erases. Nothing else."""
    for name in (role, eraser):
        if not name or "\0" in name:
            raise UsageError("a role needs a name")
    works, erases = _quoted(role), _quoted(eraser)
    return [
        f"GRANT USAGE ON SCHEMA psfir TO {works};",
        f"GRANT SELECT ON psfir.store TO {works};",
        f"GRANT SELECT, INSERT ON psfir.entries, psfir.absorbed TO {works};",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON psfir.leases TO {works};",
        f"GRANT USAGE ON SEQUENCE psfir.tokens TO {works};",
        f"GRANT {works} TO {erases};",
        f"GRANT EXECUTE ON FUNCTION psfir.erase(bigint) TO {erases};",
    ]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
