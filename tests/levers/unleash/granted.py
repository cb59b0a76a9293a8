"""What a project role of `psfir permissions` gives, in the hands of a token, from which any line can be taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from psfir.app.rights_unleash import project_roles
from psfir.domain.needs import Need
from psfir.levers.unleash.flag import Flag
from tests.levers.lines import Granted, Line
from tests.levers.unleash.stage_flag import FlagStage
from tests.levers.unleash.world import StandIn


class UnleashGranted(Granted):
    """On the stand-in: the open-source edition has no roles of one's own."""

    def __init__(self, stage: FlagStage, wanted: Sequence[Need], _name: str) -> None:
        said = ((need.permission.action, need.resource, need.permission.only) for need in wanted)
        documents = project_roles(said)
        self.lines = tuple(
            Line(right["name"], right["environment"], only)
            for one in documents
            for right, only in zip(one.body["permissions"], one.only, strict=True)
        )
        assert isinstance(stage.world, StandIn)
        self._estate = stage.world.estate
        self._token = self._estate.add_token(*(line.action for line in self.lines))
        self.lever = Flag(stage.world.connection(token=self._token))

    def without(self, gone: Sequence[Line]) -> None:
        may = frozenset(line.action for line in self.lines if line not in gone)
        with self._estate.lock:
            self._estate.tokens[self._token] = replace(self._estate.tokens[self._token], may=may)
