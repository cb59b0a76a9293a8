"""Clocks that disagree."""

from __future__ import annotations

from psfir.domain.about import FieldType
from psfir.range.faults.fault import FaultAbout, Ground, Setting, Settings, Undo


def _skew(ground: Ground, settings: Settings) -> Undo:
    by = -settings.number("by") if settings.flag("behind") else settings.number("by")
    ground.clock.skew += by

    def undo() -> None:
        ground.clock.skew -= by

    return undo


FAULTS = (
    FaultAbout(
        "clock.skew",
        "the vendors' clocks are ahead of the responder's, or behind it",
        "times in answers do not fit the timeline; resets and expiries seem to lie elsewhere",
        _skew,
        (
            Setting("by", FieldType.SPAN, "5m", "by how much", most=86400),
            Setting("behind", FieldType.FLAG, default=False, line="behind it instead of ahead"),
        ),
    ),
)
