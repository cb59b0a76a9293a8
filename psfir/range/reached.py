"""What of a range a name leads to: its parts, its clusters, and what stands in for a workspace's own connections."""

from __future__ import annotations

from collections.abc import Sequence

from psfir.domain.near import near
from psfir.errors import UsageError
from psfir.range.assistant.assistant import Assistant
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.metrics.counters import Scraper
from psfir.range.metrics.server import Metrics
from psfir.range.part import Part
from psfir.range.supply.kubernetes import REFERENCE
from psfir.range.wanted import Wanted

_SEEN_BY = {"assistant": "http", "metrics": "prometheus"}
"""Which probes look at the part."""


class Reached:
    """Whatever is a range has these."""

    wanted: Wanted
    kubernetes: Kubernetes
    metrics: Metrics
    assistants: Sequence[Assistant]
    parts: dict[str, Part]

    def reach(self, name: str) -> list[Part]:
        """The parts of that name: `assistant` are all edges of all systems, as whoever looks at them reaches them."""
        found = [part for key, part in self.parts.items() if key == name or key.startswith(f"{name}/")]
        if not found:
            named = sorted({key.partition("/")[0] for key in self.parts})
            raise UsageError(f"the range has no part {name}", todo=f"one of: {', '.join(named)}")
        return found

    def wires(self, name: str) -> list[Part]:
        """The parts of that name and those that the workspace's connection of that name leads to.

        `assistant` and `metrics` are also what stands in for them in the workspace, as its probes look at it.
        """
        supply, named = self.wanted.supply, sorted({key.partition("/")[0] for key in self.parts} - {"own"})
        own = [self.parts[key] for key in supply.parts(name)] if supply else []
        if name not in named and not own:
            whose = f"; or of the connections: {', '.join(supply.connections)}" if supply else ""
            raise UsageError(f"on is one of {', '.join(named)}{whose}, not {name!r}", todo="name one of these")
        ranges = self.reach(name) if name in named else []
        probe = _SEEN_BY.get(name)
        looked = [self.parts[key] for key in supply.looked_at(probe)] if supply and probe else []
        return list(dict.fromkeys([*ranges, *looked, *own]))

    def clusters(self, on: str) -> list[Kubernetes]:
        """The one that this connection leads to; all of them, if none is named."""
        supply = self.wanted.supply
        there = {"kubernetes": self.kubernetes, **(supply.clusters if supply else {})}
        if not on:
            return list(there.values())
        leads = {REFERENCE: self.kubernetes}
        for name in supply.connections if supply else ():
            for part in supply.parts(name) if supply else ():
                leads |= {name: there[part]} if part in there else {}
        if on not in leads:
            what = f"no connection {on!r} leads to a cluster; there is {', '.join(leads)}"
            raise UsageError(what, todo=near(on, leads))
        return [leads[on]]

    @property
    def looked_at(self) -> list[Part]:
        own = self.wanted.supply.looked_at() if self.wanted.supply else []
        return [*self.reach("assistant"), *(self.parts[key] for key in own)]

    @property
    def scrapers(self) -> list[Scraper]:
        return [self.metrics.scraper, *(self.wanted.supply.scrapers if self.wanted.supply else ())]

    @property
    def supplied(self) -> list[str]:
        """The workspace's systems, where none of them is the range's own."""
        systems = self.wanted.supply.systems if self.wanted.supply else []
        own = {one.system for one in self.assistants}
        return [] if own & set(systems) else systems
