"""A part that is down: it refuses, it says nothing, or it answers that it is down."""

from __future__ import annotations

from collections.abc import Sequence

from psfir.domain.about import FieldType
from psfir.range.faults.fault import Setting, Undo, every
from psfir.range.faulty import Fault, OnAsk, any_request
from psfir.range.part import Part
from psfir.range.server import Reply
from psfir.range.wires import BLACK_HOLE, Flow, Then

HOW = Setting(
    "how",
    FieldType.TEXT,
    "refused",
    "refused: connections are refused and open ones cut; silent: nothing comes back; error: every answer is 503",
    choices=("refused", "silent", "error"),
)
_CUT = Flow(limit=0, then=Then.RESET)


def down(parts: Sequence[Part], how: str, name: str) -> Undo:
    if how == "silent":
        return every(part.spoil(up=BLACK_HOLE, down=BLACK_HOLE) for part in parts)
    if how == "error":
        said = {"code": "internal_error", "message": "the range says that this part is down"}
        return every(answered(part, Fault(name, reply=Reply(503, said))) for part in parts)
    return every(end for part in parts for end in (part.refuse(), part.spoil(up=_CUT, down=_CUT)))


def answered(part: Part, fault: Fault, *, when: OnAsk = any_request) -> Undo:
    """Requests of this part that `when` picks meet the fault."""
    return part.faults.fault(fault, when=when)
