"""`launchdarkly.flag_state`: keeps what a flag served to whom before it was contained, without the names of people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from psfir.contracts import BoundConnection, Captured, Target
from psfir.domain.about import CaptureAbout, Field, FieldType, Permission
from psfir.vendors.launchdarkly import EXAMPLE, WHERE, Ask, LaunchDarkly, under
from psfir.vendors.shared import shared

_LONGEST_NAME = 80
_LEFT_OUT = frozenset({"_links", "_maintainer", "_maintainerTeam", "maintainerId", "_site", "salt", "sel"})


class FlagState:
    """One GET. Who is named in targets and clauses is counted: a key is often a person's address."""

    about: ClassVar[CaptureAbout] = CaptureAbout(
        name="launchdarkly.flag_state",
        line="Keeps the state of a LaunchDarkly flag in one environment.",
        connects=("launchdarkly",),
        target=(
            *WHERE,
            Field("flag", FieldType.TEXT, "the flag's key"),
        ),
        example={
            "source": "launchdarkly.flag_state",
            "target": {
                "connection": "flags",
                **EXAMPLE,
                "flag": "support-assistant",
            },
        },
        keeps="the flag as JSON, up to 1 MiB, with targets and clauses counted and maintainers left out",
        permissions=(Permission("launchdarkly", "viewProject", "proj/{project}"),),
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._api = shared(connection, LaunchDarkly)

    def take(self, target: Target, *, within: float) -> Captured:
        project, environment, key = (str(target[name]) for name in ("project", "environment", "flag"))
        ask = Ask("GET", under("flags", project, key), {"env": environment})
        text = json.dumps(_redacted(self._api.ask(ask, within=within).body), indent=1, ensure_ascii=False)
        name = quote(f"launchdarkly-{project}-{environment}-{key}", safe="")[:_LONGEST_NAME]
        return Captured(f"{name}.json", "application/json", self._api.clean(text).encode())


def _redacted(value: object, within: str = "") -> Any:  # noqa: ANN401 - JSON as it came
    if isinstance(value, Mapping):
        return {
            name: item if name == "variations" else _redacted(item, str(name))
            for name, item in value.items()
            if name not in _LEFT_OUT
        }
    if isinstance(value, list):
        return f"{len(value)} left out" if within == "values" else [_redacted(item) for item in value]
    return value
