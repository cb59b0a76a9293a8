"""What the things of one system are called. The first system has the names of the reference runbooks."""

from __future__ import annotations

import re

from psfir.domain.values import frozen

SYSTEM, AGENT, SPACE = "support-assistant", "support-agent", "assistants"
ENVIRONMENT = "production"
INGRESS, STATIC, DIGEST = "support", "support-static", "support-digest"
AI_CONFIG = "support-answers"
LARGE, SMALL = "large-model", "small-model"


@frozen
class Names:
    """Of the system with this number, counted from 1."""

    number: int = 1

    @property
    def _suffix(self) -> str:
        return "" if self.number == 1 else f"-{self.number}"

    @property
    def system(self) -> str:
        return SYSTEM + self._suffix

    @property
    def space(self) -> str:
        """Its namespace, and its project at LaunchDarkly."""
        return SPACE + self._suffix

    @property
    def agent(self) -> str:
        """The Deployment that answers conversations, its Service, ConfigMap and role."""
        return AGENT + self._suffix

    @property
    def runs(self) -> str:
        """The Deployment that holds the long runs, and its role."""
        return f"{self.agent}-runs"

    @property
    def tools(self) -> str:
        """The function behind which all tools are, and its role."""
        return f"{self.agent}-tools"

    @property
    def table(self) -> str:
        return f"{self.space}-orders"

    def flag(self, about: str = "") -> str:
        return f"{self.system}-{about}" if about else self.system

    @property
    def edges(self) -> str:
        """The connection by which psfir.yaml reaches its edges."""
        return f"assistant{self._suffix}"

    @property
    def trigger(self) -> str:
        """The connection that has its trigger's URL: one URL is for one flag."""
        return f"flags-trigger{self._suffix}"

    def said(self, text: str) -> str:
        """A file of the first system as it is for this one."""
        if self.number == 1:
            return text
        text = text.replace(SYSTEM, self.system).replace(AGENT, self.agent)
        text = re.sub(rf"\b(namespace|project): {SPACE}\b", rf"\1: {self.space}", text)
        return re.sub(r"\bconnection: (assistant|flags-trigger)\b", rf"connection: \1{self._suffix}", text)
