"""What the customers of a range get now, as rates a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psfir.domain.canon import Json
from psfir.range.assistant.counts import WIDTH, Bin
from psfir.range.estate import Range

SPAN = 2.0
"""Seconds that a rate is taken over."""

_BINS = round(SPAN / WIDTH)
_KINDS = ("answers", "harmful", "prepared", "refused", "tool_calls")


def traffic(estate: Range) -> Mapping[str, Json]:
    """Of all systems together, and of each."""
    since = estate.counts.now() - SPAN - WIDTH
    each = {one.system: estate.counts.bins(one.names.number, since=since)[-_BINS:] for one in estate.assistants}
    everything = [found for bins in each.values() for found in bins]
    return {**_rates(everything), "systems": {system: _rates(bins) for system, bins in each.items()}}


def _rates(bins: Sequence[Bin]) -> dict[str, Json]:
    return {kind: round(sum(getattr(one, kind) for one in bins) / SPAN, 2) for kind in _KINDS}
