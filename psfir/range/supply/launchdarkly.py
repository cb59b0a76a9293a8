"""The flags, AI Configs, SDK keys, tokens and triggers that a workspace's runbooks and connections name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from psfir.domain.canon import Json
from psfir.domain.runbook import Rung
from psfir.domain.system import Connection
from psfir.range.launchdarkly import triggers
from psfir.range.launchdarkly.estate import Estate, Place
from psfir.range.signposts import SECOND_TOKEN, TOKEN
from psfir.range.supply import variations
from psfir.range.supply.exports import Exports, kept
from psfir.range.supply.ground import Ground
from psfir.range.supply.uses import LEVER, Use, of_rung

_TRIGGER = "launchdarkly.trigger"


class LaunchDarklySupplier:
    """One account for all connections, as the vendor has one: what tells them apart are tokens, keys and URLs."""

    levers: ClassVar[frozenset[str]] = frozenset({"launchdarkly.flag", _TRIGGER, "launchdarkly.ai_config"})

    def __init__(self, connections: Sequence[Connection], uses: Sequence[Use]) -> None:
        self._connections = connections
        self._uses = uses
        self._hooks: dict[str, str] = {}
        self._estate = Estate()

    def has(self, ground: Ground, rung: Rung) -> bool:
        use = of_rung(rung)
        project = ground.flags.projects.get(use.text("project"), {})
        return bool(
            _key(use) in project.get(_kind(use), {}) and use.text("environment") in project.get("environments", {})
        )

    def lay_out(self, ground: Ground) -> Iterator[str]:
        self._estate = ground.flags
        wanted: dict[Place, list[Use]] = {}
        for use in self._uses:
            place = self._place(use)
            if place is None:
                yield f"{use.where}: no rung says which project the flag {_key(use)} is in, so it is not made"
            else:
                wanted.setdefault(place, []).append(use)
        self._homes(wanted)
        for place, uses in wanted.items():
            yield from self._thing(place, uses)
        yield from self._triggers()
        for secret in dict.fromkeys(self._tokens().values()):
            if secret not in self._estate.tokens:
                self._estate.add_token("*", name=secret, member=f"member-{secret}", secret=secret)

    def pulled(self, rung: Rung) -> bool:
        use = of_rung(rung)
        place = self._place(use)
        if place is None:
            return False
        with self._estate.lock:
            thing = self._estate.thing(place)
            here = thing["environments"][use.text("environment")]
            said, on = use.set.get("variation"), use.set.get("on")
            if isinstance(on, bool) and here["on"] is not on:
                return False
            if said is None:
                return isinstance(on, bool)
            index = variations.index_of(thing["variations"], said)
            return bool(index == (here["offVariation"] if on is False else here["fallthrough"].get("variation")))

    def connections(self, ground: Ground, exports: Exports) -> Iterator[tuple[str, dict[str, Json]]]:
        url, tokens = ground.url("launchdarkly"), self._tokens()
        for one in self._connections:
            told: dict[str, Json] = {**kept(one), "url": url, "sdk_url": url, "stream_url": url}
            values = {
                "token": tokens.get(one.secrets.get("token", ""), ""),
                "sdk_key": self._sdk_key(one),
                "trigger": f"{url}{self._hooks.get(one.name, f'{triggers.HOOK}none/none')}",
            }
            for secret in one.secrets:
                told[secret] = exports.ref(one, secret, values[secret])
            yield one.name, told

    def _place(self, use: Use) -> Place | None:
        """A probe that looks as an application names no project: it is where a rung has a flag of that key."""
        key, project = _key(use), use.text("project")
        if not project:
            others = (one for one in self._uses if one.part == LEVER and _key(one) == key)
            project = next((one.text("project") for one in others), "")
        return Place(project, key, _kind(use)) if project and key else None

    def _homes(self, wanted: dict[Place, list[Use]]) -> None:
        """Projects and environments before flags, which are on in those that there are."""
        for place, uses in wanted.items():
            if place.project not in self._estate.projects:
                self._estate.add_project(place.project)
            there = self._estate.projects[place.project]["environments"]
            for name in dict.fromkeys(use.text("environment") for use in uses):
                if name and name not in there:
                    self._estate.add_environment(place.project, name, sdk_key=f"sdk-range-{place.project}-{name}")

    def _thing(self, place: Place, uses: Sequence[Use]) -> Iterator[str]:
        there = self._estate.projects[place.project][place.kind].get(place.key)
        if there is not None:
            for use in uses:
                said = use.set.get("variation")
                if said is not None and variations.index_of(there["variations"], said) is None:
                    yield f"{use.where}: {place.key} is the range's own and has no variation {said}"
            return
        if place.kind == "flags":
            made = variations.of_flag(uses)
            self._estate.add_flag(place.project, place.key, made.values, on=made.on)
        else:
            made = variations.of_ai_config(uses)
            self._estate.add_ai_config(place.project, place.key, [str(one) for one in made.values])
        for here in self._estate.thing(place)["environments"].values():
            here["fallthrough"] = {"variation": made.served}

    def _triggers(self) -> Iterator[str]:
        """A connection has one URL, and a URL is for one flag."""
        for one in self._connections:
            pulls = [use for use in self._uses if use.name == _TRIGGER and use.connection == one.name]
            for number, use in enumerate(pulls):
                place = self._place(use)
                if place is None:
                    continue
                what = (place, use.text("environment"))
                if number == 0:
                    first = what
                    self._hooks[one.name] = triggers.add(
                        self._estate, *what, key=f"own-{one.name}", on=use.set.get("on") is True
                    )
                elif what != first:
                    yield f"{use.where}: the trigger of connection {one.name} is for {first[0].key}, not {place.key}"

    def _tokens(self) -> dict[str, str]:
        """As many tokens as there are references; whoever shares one shares the other."""
        by_token = sorted(self._connections, key=lambda one: "trigger" in one.secrets)
        refs = dict.fromkeys(one.secrets["token"] for one in by_token if "token" in one.secrets)
        given = [TOKEN, SECOND_TOKEN, *(f"api-range-{number}" for number in range(3, len(refs) + 1))]
        return dict(zip(refs, given, strict=False))

    def _sdk_key(self, connection: Connection) -> str:
        """That of the environment in which its probes look; else of the first that it is used for."""
        mine = [use for use in self._uses if use.connection == connection.name]
        looks = {_key(use) for use in mine if not use.text("environment")}
        first = sorted(mine, key=lambda use: _key(use) not in looks)
        for use in first:
            project, environment = use.text("project"), use.text("environment")
            if project and environment:
                return str(self._estate.environment(project, environment)["apiKey"])
        return "sdk-range-of-nothing"


def _kind(use: Use) -> str:
    return "ai_configs" if use.text("ai_config") else "flags"


def _key(use: Use) -> str:
    return use.text("ai_config") or use.text("flag")
