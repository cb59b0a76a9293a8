"""One system of the range: the programs in its pods, its edges, and its customers."""

from __future__ import annotations

from collections.abc import Sequence

from psfir.range.assistant.agent import Agent
from psfir.range.assistant.customers import Customers
from psfir.range.assistant.edge import Edge
from psfir.range.assistant.fleet import Fleet
from psfir.range.assistant.scenarios import SCENARIOS
from psfir.range.assistant.seat import Seat, Supplies
from psfir.range.network.routes import Routes

EDGES = 2


class Assistant:
    """Its customers come with `welcome` and leave with `end`; what runs in its pods, with `begin` and `end`."""

    def __init__(self, supplies: Supplies) -> None:
        self.names = supplies.names
        self._supplies = supplies
        self._fleet = Fleet(supplies)
        routes = Routes(supplies.cluster)
        self.edges: Sequence[Edge] = [Edge(self.names, routes, self) for _ in range(EDGES)]
        self._customers: Customers | None = None

    @property
    def system(self) -> str:
        return self.names.system

    @property
    def seats(self) -> Sequence[Seat]:
        """Its pods' programs, by the names of the pods."""
        return [seat for _, seat in sorted(self._fleet.seats.items())]

    @property
    def replicas(self) -> int:
        """How many of its pods answer customers now."""
        return len(self._fleet.replicas)

    def stale(self, place: int) -> None:
        """Let one of them hear nothing new of its flags: the one at that place by name, counted from 1; with 0 none."""
        self._fleet.stale(place)

    @property
    def scenario(self) -> str:
        """In which way it goes wrong; empty where it does not."""
        return self._supplies.model.scenarios.get(self.system, "")

    @scenario.setter
    def scenario(self, name: str) -> None:
        if name and name not in SCENARIOS:
            raise ValueError(f"no such scenario: {name}")
        self._supplies.model.scenarios[self.system] = name

    def agent(self, pod: str) -> Agent | None:
        return self._fleet.agent(pod)

    @property
    def ready(self) -> bool:
        """Whether every pod that runs has a program that has heard of its flags, and has said so."""
        return self._fleet.ready

    def open(self) -> None:
        """Its edges take requests; they stay when everything behind them is made anew."""
        for edge in self.edges:
            edge.start()

    def close(self) -> None:
        for edge in self.edges:
            edge.stop()

    def begin(self) -> Fleet:
        """Its programs, which whoever follows the cluster tells of its pods."""
        self._fleet = Fleet(self._supplies)
        return self._fleet

    def welcome(self, rate: float) -> None:
        """Let the customers in, who ask so many questions in a second; with 0 there are none."""
        if rate:
            urls = [edge.url for edge in self.edges]
            self._customers = Customers(
                self.names.number, urls, self._supplies.counts, seed=self._supplies.model.seed, rate=rate
            )
            self._customers.start()

    def end(self) -> None:
        """All of them are told to; `join` waits for them."""
        if self._customers is not None:
            self._customers.stop()
            self._customers = None
        self._fleet.end()

    def join(self) -> None:
        self._fleet.join()
