"""Where a flag of Unleash is: its addresses in the admin API, and how it is called in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.contracts import Target
from psfir.domain.near import near
from psfir.domain.values import frozen
from psfir.errors import LeverError, NoSuchTarget, UsageError
from psfir.vendors.unleash import Ask, admin

SWITCH, ADD, REMOVE = "UPDATE_FEATURE_ENVIRONMENT", "CREATE_FEATURE_STRATEGY", "DELETE_FEATURE_STRATEGY"
"""The permissions of the three kinds of writes there are."""


@frozen
class Place:
    """One flag in one environment."""

    project: str
    environment: str
    flag: str

    @classmethod
    def of(cls, target: Target) -> Place:
        found = []
        for name in ("project", "environment", "flag"):
            value = target.get(name)
            if not isinstance(value, str) or not value or value in {".", ".."}:
                raise UsageError(f"the target needs {name}: its name", todo=f"add {name}: to the target")
            found.append(value)
        return cls(*found)

    def __str__(self) -> str:
        return f"flag {self.flag} in {self.project}/{self.environment}"

    def get(self) -> Ask:
        return Ask("GET", admin("projects", self.project, "features", self.flag), needs="access to the project")

    def switch(self, *, on: bool) -> Ask:
        return Ask("POST", self._path("on" if on else "off"), needs=SWITCH)

    def add(self, strategy: Mapping[str, Any]) -> Ask:
        return Ask("POST", self._path("strategies"), body=dict(strategy), needs=ADD)

    def remove(self, identity: str) -> Ask:
        return Ask("DELETE", self._path("strategies", identity), needs=REMOVE)

    def here(self, body: object) -> Mapping[str, Any]:
        """What the flag has in this environment; NoSuchTarget, with those that there are, if it has none."""
        found = body.get("environments") if isinstance(body, Mapping) else None
        if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
            raise LeverError(f"{self}: its answer has no environments", todo="check the url of the connection")
        for one in found:
            if one.get("name") == self.environment:
                return dict(one)
        known = near(self.environment, sorted(str(one.get("name")) for one in found))
        raise NoSuchTarget(f"flag {self.flag} has no environment {self.environment}", todo=known)

    def _path(self, *steps: str) -> str:
        where = ("projects", self.project, "features", self.flag, "environments", self.environment)
        return admin(*where, *steps)
