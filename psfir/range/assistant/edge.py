"""The edges customers reach: each goes by what the cluster's Ingress and Services say at that moment."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Protocol

from psfir.domain.canon import Json
from psfir.range.assistant.agent import Agent
from psfir.range.assistant.names import INGRESS, STATIC, Names
from psfir.range.assistant.words import OFF, PREPARED, Answer, Question
from psfir.range.network.routes import Routes
from psfir.range.served import Served
from psfir.range.server import Asked, Reply

STATE, ASK = "/assistant/state", "/assistant/ask"
_PAGE: Mapping[str, Json] = {"assistant": "off", "answers": "prepared", "tools": "none", "model": ""}
_DOWN: Mapping[str, Json] = {"assistant": "off", "answers": "none", "tools": "none", "model": ""}


class Fleet(Protocol):
    """Whoever knows which program runs in which pod."""

    def agent(self, pod: str) -> Agent | None: ...


class Edge(Served):
    """One way in for customers. `url` is where they come, `faults` what goes wrong with what they ask."""

    def __init__(self, names: Names, routes: Routes, fleet: Fleet) -> None:
        super().__init__()
        self._names = names
        self._routes = routes
        self._fleet = fleet
        self._turn = count()

    def _handle(self, asked: Asked) -> Reply:
        if asked.path == STATE:
            return Reply(200, self._state())
        if asked.path == ASK and asked.method == "POST":
            return self._ask(asked)
        return Reply(404, {"error": "there is no such page"})

    def _state(self) -> dict[str, Json]:
        """The worst that may be met behind this edge: one replica that still answers is an assistant that is on."""
        backend = self._routes.backend(self._names.space, INGRESS)
        if backend is not None and backend.service == STATIC:
            return dict(_PAGE)
        return worst([agent.state() for agent in self._agents()])

    def _ask(self, asked: Asked) -> Reply:
        try:
            question = Question.of(json.loads(asked.body))
        except (ValueError, KeyError, TypeError) as error:
            return Reply(400, {"error": f"that is no question: {error}"})
        backend = self._routes.backend(self._names.space, INGRESS)
        if backend is not None and backend.service == STATIC:
            return _reply(Answer(PREPARED, "page"))
        agents = self._agents()
        if not agents:
            return _reply(Answer(OFF, "nobody"), status=503)
        return _reply(agents[next(self._turn) % len(agents)].answer(question))

    def _agents(self) -> list[Agent]:
        """The programs in the ready pods behind the Ingress."""
        backend = self._routes.backend(self._names.space, INGRESS)
        if backend is None:
            return []
        pods = self._routes.endpoints(backend.namespace, backend.service)
        found = (self._fleet.agent(pod["metadata"]["name"]) for pod in pods)
        return [agent for agent in found if agent is not None]


def worst(states: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """Of several replicas, what is most on in each respect."""
    on = [one for one in states if one["assistant"] == "on"]
    if not on:
        return dict(_DOWN)
    ranks = {"answers": ("live", "prepared"), "tools": ("all", "read-only", "none"), "model": ("large-model",)}
    told: dict[str, Json] = {"assistant": "on"}
    for key, order in ranks.items():
        found = [one[key] for one in on]
        told[key] = next((one for one in order if one in found), found[0])
    return told


def _reply(answer: Answer, *, status: int = 200) -> Reply:
    return Reply(status, {"text": answer.text, "written_by": answer.written_by, "model": answer.model})
