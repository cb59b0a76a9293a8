"""What goes wrong with looking: the probe's way to the assistant is cut, or its numbers grow old."""

from __future__ import annotations

from psfir.domain.about import FieldType
from psfir.range.faults.fault import FaultAbout, Ground, Setting, Settings, Undo
from psfir.range.faults.outage import down

CUT = "probe.path_cut"
# No errors of its own: what an edge answers it answers to customers too.
_HOW = Setting(
    "how",
    FieldType.TEXT,
    "refused",
    "refused: connections are refused and open ones cut; silent: nothing comes back",
    choices=("refused", "silent"),
)


def _path_cut(ground: Ground, settings: Settings) -> Undo:
    return down(ground.looked_at, settings.text("how"), CUT)


def _metrics_stale(ground: Ground, _settings: Settings) -> Undo:
    scrapers = ground.scrapers
    for one in scrapers:
        one.paused = True

    def undo() -> None:
        for one in scrapers:
            one.paused = False

    return undo


FAULTS = (
    FaultAbout(
        CUT,
        "whoever probes cannot reach the assistant; customers can",
        "probes cannot tell, and the verdict is unknown",
        _path_cut,
        (_HOW,),
    ),
    FaultAbout(
        "probe.metrics_stale",
        "Prometheus scrapes no more, and goes on answering from what it has",
        "numbers look as they did before, until their age is looked at",
        _metrics_stale,
    ),
)
