"""Every fault of the range by its name. A new one is a row in its part's file; a new part is a line here."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain.near import nearest
from psfir.errors import UsageError
from psfir.range.faults import assistant, aws, clock, kubernetes, launchdarkly, probe, slack, wire
from psfir.range.faults.fault import FaultAbout

_PARTS = (launchdarkly, kubernetes, aws, slack, assistant, probe, clock, wire)
FAULTS: Mapping[str, FaultAbout] = {about.name: about for part in _PARTS for about in part.FAULTS}


def named(name: str) -> FaultAbout:
    """UsageError with the one that was probably meant."""
    if name in FAULTS:
        return FAULTS[name]
    same = [one for one in FAULTS if one.endswith(f".{name}")]
    meant = " or ".join(same) or nearest(name, FAULTS)
    todo = f"did you mean {meant}?" if meant else "psfir range fault lists them"
    raise UsageError(f"there is no fault {name!r}", todo=todo)
