"""What a look beforehand finds: whether a rung would hold tonight, and what would be in its way."""

from __future__ import annotations

from enum import StrEnum

from psfir.domain.values import frozen


class Matter(StrEnum):
    """What one finding is about. The order is the one in which they are shown."""

    CREDENTIAL = "credential"
    TARGET = "target"
    PERMISSION = "permission"
    APPROVAL = "approval"
    UNDONE_BY = "undone by"
    RATE = "rate"


class Ready(StrEnum):
    """`beware` would go well and needs to be known; `could_not_tell` is never ready."""

    READY = "ready"
    BEWARE = "beware"
    COULD_NOT_TELL = "could_not_tell"
    WOULD_FAIL = "would_fail"


@frozen
class Finding:
    """One thing a lever found about one rung, without changing anything. `todo` is the cure."""

    matter: Matter
    ready: Ready
    says: str
    todo: str = ""
