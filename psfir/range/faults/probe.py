"""What goes wrong with looking: the probe's way to the assistant is cut, or its numbers grow old."""

from __future__ import annotations

from psfir.range.faults.fault import FaultAbout, Ground, Settings, Undo
from psfir.range.faults.outage import HOW, down

CUT = "probe.path_cut"


def _path_cut(ground: Ground, settings: Settings) -> Undo:
    return down(ground.reach("assistant"), settings.text("how"), CUT)


def _metrics_stale(ground: Ground, _settings: Settings) -> Undo:
    scraper = ground.metrics.scraper
    scraper.paused = True

    def undo() -> None:
        scraper.paused = False

    return undo


FAULTS = (
    FaultAbout(
        CUT,
        "whoever probes cannot reach the assistant; customers can",
        "probes cannot tell, and the verdict is unknown",
        _path_cut,
        (HOW,),
    ),
    FaultAbout(
        "probe.metrics_stale",
        "Prometheus scrapes no more, and goes on answering from what it has",
        "numbers look as they did before, until their age is looked at",
        _metrics_stale,
    ),
)
