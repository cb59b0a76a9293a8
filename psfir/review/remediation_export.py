"""What the record tells of one item in one tracker: what is surely there, and what nobody knows."""

from __future__ import annotations

from datetime import datetime

from psfir.domain import instants
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.message import Result
from psfir.domain.values import frozen, remade

CREATE, UPDATE = "create", "update"


@frozen
class Exported:
    """`ref` and `url` are the tracker's own words for it, `digest` is of what it was last surely told.

    `lost`: since then it may have been created, and nobody knows.
    """

    ref: str = ""
    url: str = ""
    digest: str = ""
    attempts: int = 0
    lost: datetime | None = None


def exported(before: Exported | None, entry: Entry) -> Exported:
    """One more entry about it: an intention, or what became of it."""
    known, data = before or Exported(), entry.data or {}
    at = instants.read(entry.at)
    if entry.kind == Kind.REMEDIATION_EXPORTING:
        lost = (known.lost or at) if data["act"] == CREATE else known.lost
        # Whatever it is told now, that it says what it said before is no longer sure.
        return remade(known, attempts=data["attempt"], lost=lost and max(lost, at), digest="")
    if data["result"] == Result.UNKNOWN:
        return remade(known, lost=at) if data["act"] == CREATE else known
    if data["result"] in {Result.SENT, Result.ALREADY_THERE}:
        return remade(known, ref=data["ref"], url=data["url"], digest=data["digest"], lost=None)
    return remade(known, lost=None) if data["act"] == CREATE else known
