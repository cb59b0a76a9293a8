"""What goes wrong at Slack: it is down, as it may well be on the same night."""

from __future__ import annotations

from psfir.range.faults.fault import FaultAbout, Ground, Settings, Undo
from psfir.range.faults.outage import HOW, down

DOWN = "slack.down"


def _down(ground: Ground, settings: Settings) -> Undo:
    return down(ground.reach("slack"), settings.text("how"), DOWN)


FAULTS = (
    FaultAbout(DOWN, "Slack is away", "no message goes out, no button answers; the kill does not wait", _down, (HOW,)),
)
