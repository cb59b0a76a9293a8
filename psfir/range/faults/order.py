"""An order for a fault: which, how set, when, and for how long. As plain JSON it goes through the range's own door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from psfir.domain.canon import Json
from psfir.domain.durations import show
from psfir.domain.values import frozen
from psfir.errors import UsageError

LONGEST = 366 * 86400.0
"""As in scripts."""


@frozen
class Order:
    """A fault to begin `after` so many seconds, and to end when it has been on for `lasting`; None is until healed."""

    fault: str
    settings: Mapping[str, Json] = field(default_factory=dict)
    after: float = 0.0
    lasting: float | None = None

    def to_json(self) -> dict[str, Json]:
        return {"fault": self.fault, "set": dict(self.settings), "at": self.after, "for": self.lasting}


def order_from(said: Mapping[str, Any]) -> Order:
    """From its JSON; KeyError, TypeError or ValueError where it is none."""
    lasting = said.get("for")
    settings: Mapping[str, Json] = dict(said.get("set") or {})
    after = float(said.get("at") or 0.0)
    return in_time(Order(str(said["fault"]), settings, after, None if lasting is None else float(lasting)))


def in_time(order: Order) -> Order:
    """As it is; UsageError if its times cannot be kept."""
    if not 0 <= order.after <= LONGEST or (order.lasting is not None and not 0 < order.lasting <= LONGEST):
        what = f"a fault begins now or later, and is on for some time; each is at most {show(LONGEST)}"
        raise UsageError(what, where=order.fault)
    return order
