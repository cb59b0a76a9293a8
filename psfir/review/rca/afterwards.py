"""Which entries belong to the review of an incident: its own steps are no part of the story that it tells.

Were they, the text would change with every yes to it.
"""

from __future__ import annotations

from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.review.remediation import TITLE, VERIFY, WHY

OF = "rca"
"""What a yes to an analysis is to."""


def afterwards(entry: Entry) -> bool:
    """Items have a section of their own, with where they stand; who reviews is no responder for it."""
    data = entry.data or {}
    if entry.kind == Kind.APPROVED:
        return bool(data.get("approval", {}).get("of") == OF)
    if entry.kind == Kind.NOTE:
        return data.get("about") in {TITLE, VERIFY, WHY}
    return entry.kind.startswith(("rca.", "remediation."))
