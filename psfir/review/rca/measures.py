"""Times that the record tells, from one instant to another, each with both; what is not known is said, never nought."""

from __future__ import annotations

from datetime import datetime, timedelta

from psfir.domain.kinds import Kind
from psfir.domain.values import frozen
from psfir.review.rca.material import Material

CONTAIN = timedelta(minutes=15)
"""What the framework asks for, from the trigger to a proven containment."""


@frozen
class Measure:
    """`took` is None while either instant is not known; `why` says which. `good` is None where nothing is asked for."""

    name: str
    line: str
    start: datetime | None
    end: datetime | None
    why: str = ""
    limit: timedelta | None = None

    @property
    def took(self) -> timedelta | None:
        return self.end - self.start if self.start and self.end else None

    @property
    def good(self) -> bool | None:
        return self.took <= self.limit if self.took is not None and self.limit is not None else None


def measures(material: Material) -> list[Measure]:
    """In the order in which things happen."""
    incident = material.incident
    occurred, detected = material.instants.get("occurred"), material.instants.get("detected")
    alert = incident.trigger_at
    acknowledged = material.first(Kind.SEATED, Kind.RUN_STARTED, Kind.NOTE, Kind.TICKED)
    decided = material.first(Kind.RUN_STARTED)
    sent = min((one.at for one in material.said if one.at), default=None)
    return [
        Measure(
            "detect", "occurred to detected", occurred, detected, _why(occurred, detected, "occurred", "was detected")
        ),
        Measure("acknowledge", "trigger to the first deed", alert, acknowledged, "nobody has done anything yet"),
        Measure(
            "declare",
            "detected to declared" if detected else "trigger to declared",
            detected or alert,
            incident.declared_at,
            "",
        ),
        Measure("decide", "declared to a containment begun", incident.declared_at, decided, "nothing was contained"),
        Measure("contain", "trigger to proven containment", alert, material.contained, "no probe proved it", CONTAIN),
        Measure("first word", "declared to the first message out", incident.declared_at, sent, "no message went out"),
        Measure("restore", "trigger to all put back", alert, material.restored, "not all is put back"),
    ]


def words(length: timedelta) -> str:
    """To the second: `7 min 05 s`."""
    seconds = int(length.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{sign}{hours} h {minutes:02} min"
    return f"{sign}{minutes} min {left:02} s" if minutes else f"{sign}{left} s"


def _why(start: datetime | None, end: datetime | None, first: str, second: str) -> str:
    missing = [name for name, at in ((first, start), (second, end)) if at is None]
    return f"when it {' and '.join(missing)} is not recorded: psfir clocks record" if missing else ""
