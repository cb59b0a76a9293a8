"""One REST request on its way: what was asked, by whose token, and what stands in its path."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from psfir.domain.values import frozen
from psfir.range.launchdarkly.access import Token
from psfir.range.launchdarkly.estate import Estate, Place
from psfir.range.launchdarkly.refusal import Refused, invalid
from psfir.range.launchdarkly.shapes import Plain
from psfir.range.server import Asked

VERSIONS = {"20240415", "beta"}


@frozen
class Call:
    """`parts` are the named pieces of its path."""

    estate: Estate
    asked: Asked
    token: Token
    parts: Mapping[str, str]

    @property
    def place(self) -> Place:
        return Place(self.parts["project"], self.parts["flag"])

    def needs(self, *actions: str) -> None:
        """Of what is asked about: a project to be looked at, or a flag or AI Config of it in an environment."""
        self.token.needs(actions, self._resource(actions))

    def _resource(self, actions: tuple[str, ...]) -> str:
        project, key = self.parts.get("project"), self.parts.get("flag")
        if project is None:
            return self.asked.path
        if key is None or actions == ("viewProject",):
            return f"proj/{project}"
        return Place(project, key).resource(self.parts.get("environment", "*"))

    def needs_beta(self) -> None:
        if self.asked.headers.get("ld-api-version") != "beta":
            raise Refused(403, "forbidden", "This is a beta resource: send LD-API-Version: beta")

    def body(self) -> object:
        try:
            return self.asked.json()
        except ValueError as error:
            raise invalid("the body is no JSON") from error

    def document(self) -> Plain:
        """Its body, which has to be an object."""
        body = self.body()
        if not isinstance(body, dict):
            raise invalid("the body has to be an object")
        return body

    def asked_for(self, name: str) -> list[str]:
        """Every value of this query parameter."""
        return parse_qs(urlsplit(self.asked.target).query).get(name, [])

    def says(self, name: str) -> bool:
        return self.asked.query.get(name, "") == "true"

    def number(self, name: str, default: int, *, most: int) -> int:
        text = self.asked.query.get(name, str(default))
        if not text.isdigit() or not 0 <= int(text) <= most:
            raise invalid(f"{name} is a whole number up to {most}")
        return int(text)
