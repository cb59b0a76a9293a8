"""Where a flag or an AI Config is: its addresses in the REST API, and how it is called in sentences and in roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.contracts import Target
from psfir.domain.near import near
from psfir.domain.values import frozen
from psfir.errors import LeverError, NoSuchTarget, UsageError
from psfir.vendors.launchdarkly import Ask, texts, under

FLAG, AI_CONFIG = "flag", "AI Config"
_FIELDS = {FLAG: "flag", AI_CONFIG: "ai_config"}


@frozen
class Place:
    """One flag or AI Config in one environment."""

    kind: str
    project: str
    environment: str
    key: str

    @classmethod
    def of(cls, target: Target, kind: str = FLAG) -> Place:
        found = {}
        for name in ("project", "environment", _FIELDS[kind]):
            value = target.get(name)
            if not isinstance(value, str) or not value or value in {".", ".."}:
                raise UsageError(f"the target needs {name}: its key", todo=f"add {name}: to the target")
            found[name] = value
        return cls(kind, found["project"], found["environment"], found[_FIELDS[kind]])

    def __str__(self) -> str:
        return f"{self.kind} {self.key} in {self.project}/{self.environment}"

    @property
    def path(self) -> str:
        if self.kind == FLAG:
            return under("flags", self.project, self.key)
        return under("projects", self.project, "ai-configs", self.key, "targeting")

    @property
    def waiting(self) -> str:
        """Where what is scheduled or waits for an approval is listed."""
        return under("projects", self.project, "flags", self.key, "environments", self.environment)

    @property
    def resource(self) -> str:
        word = "flag" if self.kind == FLAG else "aiconfig"
        return f"proj/{self.project}:env/{self.environment}:{word}/{self.key}"

    def get(self) -> Ask:
        query = {"env": self.environment} if self.kind == FLAG else {}
        return Ask("GET", self.path, query, beta=self.kind == AI_CONFIG, needs=f"the action viewProject on {self.view}")

    def patch(self, body: Mapping[str, Any], actions: tuple[str, ...], query: Mapping[str, str]) -> Ask:
        actions = actions if self.kind == FLAG else ("updateAIConfigTargeting",)
        needs = f"{texts(*actions)} on {self.resource}"
        whole = {"environmentKey": self.environment, **body}
        return Ask("PATCH", self.path, query, whole, beta=self.kind == AI_CONFIG, needs=needs)

    @property
    def view(self) -> str:
        return f"proj/{self.project}"

    def here(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """What it has in this environment; NoSuchTarget, with those that there are, if it has none."""
        found = body.get("environments")
        if not isinstance(found, Mapping):
            raise LeverError(f"{self}: its answer has no environments", todo="check the url of the connection")
        here = found.get(self.environment)
        if not isinstance(here, Mapping):
            known = near(self.environment, sorted(map(str, found)))
            raise NoSuchTarget(f"{self.kind} {self.key} has no environment {self.environment}", todo=known)
        return here
