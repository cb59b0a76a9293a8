"""The flags and tokens that a workspace's runbooks and connections name in Unleash: one server for each address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from psfir.domain.canon import Json
from psfir.domain.runbook import Rung
from psfir.domain.system import Connection
from psfir.range.supply.exports import Exports, kept
from psfir.range.supply.ground import Ground
from psfir.range.supply.numbered import Numbered
from psfir.range.supply.unlike import unlike
from psfir.range.supply.uses import LEVER, Use, of_rung
from psfir.range.unleash.estate import ALL, Estate
from psfir.range.unleash.server import Unleash

FLAG = "unleash.flag"
_TOKENS = {"token": "admin", "client_token": "client", "frontend_token": "frontend"}
_PROJECT = "default"
_SHARED = {"weightType": "variable", "stickiness": "default"}


class UnleashSupplier:
    """A token says in which environment it counts: that in which the probes of its connection look."""

    levers: ClassVar[frozenset[str]] = frozenset({FLAG})

    def __init__(self, connections: Sequence[Connection], uses: Sequence[Use]) -> None:
        self._connections = connections
        self._uses = uses
        self._servers = Numbered("unleash", {one.name: str(one.settings["url"]) for one in connections})
        self._made: list[Unleash] = []

    def has(self, ground: Ground, rung: Rung) -> bool:
        return False

    def lay_out(self, ground: Ground) -> Iterator[str]:
        for part in self._servers.names[len(self._made) :]:
            self._made.append(ground.enter(Unleash()))
            ground.part(part, self._made[-1])
        for number, server in enumerate(self._made):
            estate = Estate()
            estate.lag = server.estate.lag
            self._fill(estate, [use for use in self._uses if self._servers.of(use.connection) == number])
            for one in self._connections:
                if self._servers.of(one.name) == number:
                    self._tokens(estate, one.name)
            server.estate = estate
        yield from ()

    def pulled(self, rung: Rung) -> bool:
        use = of_rung(rung)
        estate = self._made[self._servers.of(use.connection)].estate
        with estate.lock:
            flag = estate.flags.get(use.text("flag"))
            here = flag["environments"].get(use.text("environment")) if flag and not flag["archived"] else None
            if here is None:
                return False
            on, variant = use.set.get("on"), use.set.get("variant")
            if here["enabled"] is not (on is not False):
                return False
            return variant is None or _served(here) == variant

    def parts(self) -> Mapping[str, Sequence[str]]:
        return self._servers.parts()

    def connections(self, ground: Ground, exports: Exports) -> Iterator[tuple[str, dict[str, Json]]]:
        for one in self._connections:
            told: dict[str, Json] = {**kept(one), "url": ground.url(self._servers.part(one.name))}
            for secret in one.secrets:
                told[secret] = exports.ref(one, secret, self._secret(one.name, secret))
            yield one.name, told

    def _tokens(self, estate: Estate, connection: str) -> None:
        for name, kind in _TOKENS.items():
            secret, environment = self._secret(connection, name), self._environment(connection)
            if kind == "admin":
                estate.add_token(ALL, secret=secret)
            else:
                estate.add_token(kind=kind, environment=environment, secret=secret)

    def _secret(self, connection: str, name: str) -> str:
        """Of the vendor's shape: who is given one reads in it of which environment it is."""
        whose = "user" if name == "token" else f"{_PROJECT}:{self._environment(connection)}"
        return f"{whose}.range-{connection}-{name}"

    def _fill(self, estate: Estate, uses: Sequence[Use]) -> None:
        named = {use.text("environment") for use in uses} - {""}
        estate.environments += sorted(named - {*estate.environments})
        estate.projects += sorted({use.text("project") for use in uses} - {"", *estate.projects})
        for name in dict.fromkeys(use.text("flag") for use in uses):
            mine = [use for use in uses if use.text("flag") == name]
            project = next((use.text("project") for use in mine if use.text("project")), _PROJECT)
            flag = estate.add_flag(name, project=project)
            for environment, here in flag["environments"].items():
                pulls = [use for use in mine if use.part == LEVER and use.text("environment") == environment]
                _as_before(estate, name, environment, pulls)
                # With a strategy in it: a flag that was switched off without one cannot be put back as it was.
                here["enabled"] = not any(use.set.get("on") is True for use in pulls)
        estate.tell()

    def _environment(self, connection: str) -> str:
        mine = [use for use in self._uses if use.connection == connection and use.text("environment")]
        looks = sorted(mine, key=lambda use: use.part == LEVER)
        return looks[0].text("environment") if looks else "production"


def _as_before(estate: Estate, flag: str, environment: str, pulls: Sequence[Use]) -> None:
    """Everybody is let in, and where variants are named, served one that no rung gives to everyone.

    The others stand in a second strategy, which nobody comes to: there the lever finds them.
    """
    named = list(dict.fromkeys(str(use.set["variant"]) for use in pulls if "variant" in use.set))
    for names in ([str(unlike(named))], named) if named else ([],):
        variants = [{"name": name, "weight": 1000 // len(names), **_SHARED} for name in names]
        said = {"name": "flexibleRollout", "title": "made by psfir range", "variants": variants}
        estate.new_strategy(flag, environment, said)


def _served(here: Mapping[str, Any]) -> str:
    """The variant that the first strategy gives to everyone who is let in."""
    first = next((one for one in here["strategies"] if not one["disabled"]), None)
    if first is None or first["constraints"] or len(first["variants"]) != 1:
        return ""
    return str(first["variants"][0]["name"])
