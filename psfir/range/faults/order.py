"""An order for a fault: which, how set, when, and for how long. As plain JSON it goes through the range's own door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


class OrdersRefused(UsageError):
    """Of several orders some cannot be carried out. `each` has them by their number, from 0."""

    def __init__(self, each: Mapping[int, UsageError]) -> None:
        self.each = dict(each)
        found = list(self.each.values())
        alone = len(found) == 1
        what = found[0].what if alone else "; ".join(f"{one.where}: {one.what}" for one in found)
        todo = "; ".join(dict.fromkeys(one.todo for one in found if one.todo))
        super().__init__(what, where=found[0].where if alone else "", todo=todo)

    def to_json(self) -> list[Json]:
        return [
            {"order": number, "what": one.what, "where": one.where, "todo": one.todo}
            for number, one in self.each.items()
        ]


def refused_from(said: Iterable[Mapping[str, Any]]) -> OrdersRefused:
    """From its JSON."""
    return OrdersRefused({one["order"]: UsageError(one["what"], where=one["where"], todo=one["todo"]) for one in said})


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
