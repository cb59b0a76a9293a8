"""Who is at work on what, for all machines that share one record. A dead worker's lease frees itself.

Liveness is counted on the database server's clock: the one clock that all of them share.
"""

from __future__ import annotations

from collections.abc import Sequence

from psfir.records.server import Server
from psfir.records.wire import Statement

_AGE = "abs(extract(epoch FROM clock_timestamp() - renewed))"

# Whoever held it last keeps the token; anybody else gets one higher than all before, drawn behind the row's lock.
_TAKE = """
INSERT INTO psfir.leases AS l VALUES ($1, $2, nextval('psfir.tokens'), clock_timestamp())
ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, renewed = clock_timestamp(),
    token = CASE WHEN l.owner = excluded.owner THEN l.token ELSE nextval('psfir.tokens') END
WHERE l.owner = excluded.owner OR abs(extract(epoch FROM clock_timestamp() - l.renewed)) > $3::float8
RETURNING name, token"""

_RENEW = "UPDATE psfir.leases SET renewed = clock_timestamp() WHERE name = $1 AND owner = $2 RETURNING name"
_RELEASE = "DELETE FROM psfir.leases WHERE name = $1 AND owner = $2"
_HOLDER = f"SELECT owner FROM psfir.leases WHERE name = $1 AND {_AGE} <= $2::float8"  # noqa: S608 - our own words


class PostgresLeases:
    """Leases beside the record. Of many, all are asked for in one transaction, always in the same order."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def acquire(self, name: str, owner: str, *, ttl: float) -> int | None:
        return self.acquire_all([name], owner, ttl=ttl).get(name)

    def acquire_all(self, names: Sequence[str], owner: str, *, ttl: float) -> dict[str, int]:
        asked: list[Statement] = [(_TAKE, (name, owner, str(ttl))) for name in sorted(set(names))]
        answers = self._server.write(*asked) if asked else []
        return {(row[0] or b"").decode(): int(row[1] or 0) for rows in answers for row in rows}

    def renew(self, name: str, owner: str) -> bool:
        return name in self.renew_all([name], owner)

    def renew_all(self, names: Sequence[str], owner: str) -> frozenset[str]:
        asked: list[Statement] = [(_RENEW, (name, owner)) for name in sorted(set(names))]
        answers = self._server.write(*asked) if asked else []
        return frozenset((row[0] or b"").decode() for rows in answers for row in rows)

    def release(self, name: str, owner: str) -> None:
        self.release_all([name], owner)

    def release_all(self, names: Sequence[str], owner: str) -> None:
        asked: list[Statement] = [(_RELEASE, (name, owner)) for name in sorted(set(names))]
        if asked:
            self._server.write(*asked)

    def holder(self, name: str, *, ttl: float) -> str | None:
        (found,) = self._server.read((_HOLDER, (name, str(ttl))))
        return (found[0][0] or b"").decode() if found else None

    def close(self) -> None:
        self._server.close()
