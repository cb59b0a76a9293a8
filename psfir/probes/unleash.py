"""`unleash.evaluation`: what Unleash hands to those who are served by a flag, seen with tokens of their own.

With a frontend token it is what one person gets, evaluated by Unleash itself. With a client token it is what every
SDK polls: off there is off for everyone, and on is told apart only where it is the same for everyone. An application
that runs has it after its next poll, by default within 15 seconds: what its users get, a probe of the feature says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, ClassVar, Protocol

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import Field, FieldType, Permission, ProbeAbout
from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.values import frozen
from psfir.domain.verdict import Sight
from psfir.errors import LeverError, NoSuchTarget, UsageError
from psfir.vendors.http import Deadline
from psfir.vendors.shared import on_shelf
from psfir.vendors.unleash import CLIENT, FRONTEND, Ask, Unleash, lets_everyone_in

POLLED, PERSON = "what SDKs poll", "one person"
_FIELDS = ("userId", "sessionId", "remoteAddress", "appName")


@frozen
class Served:
    """`on` is None where it differs from person to person; `variant` is "" where there is none."""

    on: bool | None
    variant: str | None = None


@frozen
class Asked:
    """Whose eyes to look with, and at what."""

    flag: str
    environment: str
    context: Mapping[str, str]


class Look(Protocol):
    def __call__(self, asked: Asked, *, within: float) -> Served: ...


class UnleashEvaluation:
    """A sight for each of the two tokens that the connection has."""

    about: ClassVar[ProbeAbout] = ProbeAbout(
        name="unleash.evaluation",
        line="Looks at what Unleash hands to SDKs, and to one person, for a flag.",
        connects=("unleash",),
        target=(
            Field("environment", FieldType.TEXT, "the environment's name: a token of another one is no answer"),
            Field("flag", FieldType.TEXT, "the flag's name"),
            Field("context", FieldType.ANY, "who asks: a user's id, or a mapping of context fields", required=False),
        ),
        example={
            "probe": "unleash.evaluation",
            "target": {"connection": "unleash", "environment": "production", "flag": "support-assistant"},
            "expect": {"on": False},
        },
        expect=(
            Field("on", FieldType.FLAG, "whether it is to be on", required=False),
            Field("variant", FieldType.TEXT, "the variant that is to be served", required=False),
        ),
        permissions=(Permission("unleash", "client token or frontend token", "{environment}"),),
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._connection = connection

    def look(self, target: Target, expect: Mapping[str, Json], *, within: float) -> Sequence[Sight]:
        if expect.get("on") is None and expect.get("variant") is None:
            raise UsageError("unleash.evaluation is not told what to expect", todo="say expect: {on: false}")
        asked = Asked(str(target["flag"]), str(target["environment"]), _context(target.get("context")))
        looks = {CLIENT: self._polled, FRONTEND: self._person}
        has = [token for token in looks if token in self._connection.refs] or [CLIENT]
        deadline, sights = Deadline(within), []
        for number, token in enumerate(has):
            sights.append(self._sight(token, looks[token], asked, expect, deadline.left / (len(has) - number)))
        return sights

    def _sight(self, token: str, look: Look, asked: Asked, expect: Mapping[str, Json], within: float) -> Sight:
        name = POLLED if token == CLIENT else PERSON
        api, begun = self._api(token), perf_counter()
        try:
            self._of(asked.environment, token)
            served = look(asked, within=within)
        except LeverError as error:
            return Sight(name, Held.COULD_NOT_TELL, api.clean(error.what))
        held, says = _judge(served, expect)
        return Sight(name, held, f"{says}, {perf_counter() - begun:.2f} s after it was asked")

    def _api(self, token: str) -> Unleash:
        key = (self._connection.name, Unleash, token)
        return on_shelf(self._connection, key, lambda: Unleash(self._connection, token))

    def _of(self, environment: str, token: str) -> None:
        """A token says itself which environment it is for: `project:environment.secret`."""
        said, _, _ = (self._connection.secret(token) or "").partition(":")[2].rpartition(".")
        if said not in {"", "*", environment}:
            raise LeverError(f"the {token} is of environment {said}, not {environment}")

    def _polled(self, asked: Asked, *, within: float) -> Served:
        body = self._api(CLIENT).ask(Ask("GET", "/api/client/features", {"namePrefix": asked.flag}), within=within)
        found = [one for one in _objects(body, "features") if one.get("name") == asked.flag]
        if not found:
            raise NoSuchTarget(f"there is no flag {asked.flag} in what the client token is for")
        return _for_everyone(found[0])

    def _person(self, asked: Asked, *, within: float) -> Served:
        """Only what is on is listed. So of what is not there it has to be seen elsewhere that there is such a flag."""
        deadline = Deadline(within)
        api = self._api(FRONTEND)
        body = api.ask(Ask("GET", "/api/frontend", asked.context), within=deadline.left)
        for one in _objects(body, "toggles"):
            if one.get("name") == asked.flag:
                return Served(one.get("enabled") is True, _variant(one.get("variant")))
        if CLIENT not in self._connection.refs:
            raise LeverError("it is not served it: that it is off, and not only no flag, a client_token would show")
        self._polled(asked, within=deadline.left)
        return Served(on=False, variant="")


def _for_everyone(feature: Mapping[str, Any]) -> Served:
    """As far as it is the same for everyone. SDKs take a flag that is on without any strategy for on."""
    if feature.get("enabled") is not True:
        return Served(on=False, variant="")
    strategies = _objects(feature, "strategies")
    first = strategies[0] if strategies else {"name": "default"}
    if feature.get("dependencies") or not lets_everyone_in(first):
        return Served(on=None)
    variants = _objects(first, "variants") or _objects(feature, "variants")
    names = {str(one.get("name")) for one in variants} or {""}
    return Served(on=True, variant=names.pop() if len(names) == 1 else None)


def _judge(served: Served, expect: Mapping[str, Json]) -> tuple[Held, str]:
    on, variant = expect.get("on"), expect.get("variant")
    if served.on is None and (variant is not None or on is True):
        return Held.COULD_NOT_TELL, "it is on for those whom its strategies let in: who is, a frontend token shows"
    says = "it is off" if served.on is False else "it is on"
    if served.on and served.variant is None:
        says += " with one of several variants"
    elif served.on:
        says += f" with variant {served.variant}" if served.variant else " without a variant"
    if on is not None and on is not (served.on is not False):
        return Held.NOT_HELD, f"{says}, and is to be {'on' if on else 'off'}"
    if variant is not None and served.on and served.variant is None:
        return Held.COULD_NOT_TELL, f"{says}: who gets which, a frontend token shows"
    if variant is not None and variant != served.variant:
        return Held.NOT_HELD, f"{says}, and is to serve {variant}"
    return Held.HELD, says


def _variant(said: object) -> str:
    if not isinstance(said, Mapping) or said.get("enabled") is not True:
        return ""
    return str(said.get("name"))


def _context(said: Json) -> dict[str, str]:
    if said is None:
        return {}
    if isinstance(said, str) and said:
        return {"userId": said}
    if isinstance(said, Mapping):
        return {name if name in _FIELDS else f"properties[{name}]": str(value) for name, value in said.items()}
    raise UsageError("context: is neither a user's id nor a mapping", todo="say context: psfir-probe")


def _objects(said: object, name: str) -> list[Mapping[str, Any]]:
    found = said.get(name) if isinstance(said, Mapping) else None
    if found is None and name in {"strategies", "variants"}:
        return []
    if not isinstance(found, list):
        raise LeverError(f"its answer has no {name}", todo="check the url of the connection")
    return [one for one in found if isinstance(one, Mapping)]
