"""All that a workspace's own runbooks name, made on a range beside the range's own system."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from psfir.domain.runbook import Runbook
from psfir.domain.system import Connection
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.metrics.counters import Scraper
from psfir.range.signposts import Overlaid
from psfir.range.supply.aws import AwsSupplier
from psfir.range.supply.command import CommandSupplier
from psfir.range.supply.contained import Contained
from psfir.range.supply.exports import Exports
from psfir.range.supply.files import Home
from psfir.range.supply.flagd import FlagdSupplier
from psfir.range.supply.ground import Ground, Guess, Supplier
from psfir.range.supply.http import HttpSupplier
from psfir.range.supply.kubernetes import KubernetesSupplier
from psfir.range.supply.launchdarkly import LaunchDarklySupplier
from psfir.range.supply.litellm import LiteLLMSupplier
from psfir.range.supply.unleash import UnleashSupplier
from psfir.range.supply.uses import LEVER, PROBE, uses_of

MEMORY = "memory"
"""The tiny estate is a file of the workspace: it is there already, and psfir looks at it by itself."""


MADE = frozenset[str]().union(
    *(
        one.levers
        for one in (
            AwsSupplier,
            CommandSupplier,
            FlagdSupplier,
            HttpSupplier,
            KubernetesSupplier,
            LaunchDarklySupplier,
            LiteLLMSupplier,
            UnleashSupplier,
        )
    )
)
"""The levers whose targets a range can make. Of every other one it says that it does not."""


class Supply:
    """`folder` takes what has to be a file. Every connection of the workspace is re-pointed but to the tiny estate.

    `home` is the workspace, whose own files and programs are left alone.

    After `lay_out` there is `told`, what it could not make or had to guess, and `overlaid`, what points at the rest.
    """

    def __init__(
        self,
        connections: Mapping[str, Connection],
        runbooks: Sequence[Runbook],
        folder: Path,
        *,
        home: Home | None = None,
    ) -> None:
        home = home or Home(Path())
        self.told: tuple[str, ...] = ()
        self.overlaid = Overlaid(frozenset(), {}, {})
        self._named = connections
        self._reached = frozenset(name for name, one in connections.items() if one.kind != MEMORY)
        self.runbooks = runbooks
        self._uses = list(uses_of(runbooks))
        of = {kind: [one for one in connections.values() if one.kind == kind] for kind in _KINDS}
        by = {kind: [use for use in self._uses if use.connection in {one.name for one in of[kind]}] for kind in _KINDS}
        self._memory = {one.name for one in connections.values() if one.kind == MEMORY}
        self._http = HttpSupplier(of["http"], by["http"], self.contained)
        self._kubernetes = KubernetesSupplier(of["kubernetes"], by["kubernetes"], folder)
        self._suppliers: list[Supplier] = [
            LaunchDarklySupplier(of["launchdarkly"], by["launchdarkly"]),
            self._kubernetes,
            AwsSupplier(of["aws"], by["aws"]),
            UnleashSupplier(of["unleash"], by["unleash"]),
            LiteLLMSupplier(of["litellm"], by["litellm"]),
            FlagdSupplier(of["flagd"], by["flagd"], folder, home),
            CommandSupplier(of["command"], by["command"], folder, home),
            self._http,
        ]
        self._seen = {lever: one for one in self._suppliers for lever in one.levers}
        self._contained = Contained(runbooks, {lever: one.pulled for lever, one in self._seen.items()})

    def contained(self) -> list[str]:
        """The runbooks that are pulled now, by what the range sees."""
        return self._contained()

    def parts(self, connection: str) -> Sequence[str]:
        """The parts of the range that a connection of the workspace leads to; none where it is not known."""
        return next((found[connection] for one in self._suppliers if connection in (found := one.parts())), ())

    @property
    def clusters(self) -> Mapping[str, Kubernetes]:
        """The clusters that its connections lead to, each by its part of the range."""
        return self._kubernetes.clusters()

    @property
    def connections(self) -> list[str]:
        return sorted(name for one in self._suppliers for name in one.parts())

    def looked_at(self, *probes: str) -> list[str]:
        """The parts that its probes look at over HTTP; only those of these names, if any is named."""
        looks = [use for use in self._uses if use.part == PROBE and (use.name in probes or not probes)]
        probed = {use.connection for use in looks}
        return [part for name, parts in self._http.parts().items() if name in probed for part in parts]

    @property
    def systems(self) -> list[str]:
        return list(dict.fromkeys(book.system for book in self.runbooks))

    @property
    def guesses(self) -> list[str]:
        """Those of `told` that are guesses."""
        return [one for one in self.told if isinstance(one, Guess)]

    @property
    def scrapers(self) -> list[Scraper]:
        return [self._http.scraper] if self._http.scraper else []

    def lay_out(self, ground: Ground) -> None:
        """Make what is not there; the same again after a reset, at the same addresses and with the same secrets."""
        self._http.own = {book.id for book in self.runbooks if self._is_own(ground, book)}
        told = [sentence for one in self._suppliers for sentence in one.lay_out(ground)]
        exports = Exports()
        made = {name: said for one in self._suppliers for name, said in one.connections(ground, exports)}
        told += self._real(made.keys())
        self.told = tuple(dict.fromkeys([*self._alone(), *self._unknown(), *self._contained.doubts(), *told]))
        self.overlaid = Overlaid(self._reached - made.keys(), made, exports.given)

    def _is_own(self, ground: Ground, book: Runbook) -> bool:
        """Whether all that it pulls was there before: then it is for the range's own system."""
        rungs = [rung for step in book.steps for rung in step.ladder]
        return bool(rungs) and all(
            rung.lever in self._seen and self._seen[rung.lever].has(ground, rung) for rung in rungs
        )

    def _alone(self) -> Iterator[str]:
        """A workspace on the tiny estate has levers that pull a file of its own, and none that pulls anything here."""
        if self._memory and not self._reached:
            yield (
                "every connection of this workspace leads to its own file: what its runbooks pull reaches nothing here,"
                " and the customers go on being answered. For one that this range is made for: psfir init --reference"
            )

    def _real(self, made: Collection[str]) -> Iterator[str]:
        for name in sorted(self._reached - set(made)):
            kind = self._named[name].kind
            yield f"connection {name}: the range stands in for nothing of kind {kind}: it leads where psfir.yaml says"

    def _unknown(self) -> Iterator[str]:
        for use in self._uses:
            if use.part == LEVER and use.name not in self._seen and use.connection not in self._memory:
                yield f"{use.where}: the range does not know the lever {use.name}, so nothing is made for it to pull"


_KINDS = ("launchdarkly", "kubernetes", "aws", "unleash", "litellm", "flagd", "command", "http")
