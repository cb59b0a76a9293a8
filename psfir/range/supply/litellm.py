"""The keys and models that a workspace's runbooks block in LiteLLM, on as many replicas as its connections name.

A runbook names a key by its hash, and no key can be made to a hash. So nobody can try it on a replica here, and the
lever, which asks for no less, cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from psfir.domain.canon import Json
from psfir.domain.runbook import Rung
from psfir.domain.system import Connection
from psfir.range.litellm.server import ADMIN, LiteLLM
from psfir.range.supply.exports import Exports, kept
from psfir.range.supply.ground import Ground
from psfir.range.supply.numbered import Numbered
from psfir.range.supply.uses import Use, of_rung

KEY, MODEL = "litellm.key", "litellm.model"


class LiteLLMSupplier:
    """One gateway for each address; all of them have the same admin's key."""

    levers: ClassVar[frozenset[str]] = frozenset({KEY, MODEL})

    def __init__(self, connections: Sequence[Connection], uses: Sequence[Use]) -> None:
        self._connections = connections
        self._uses = uses
        self._servers = Numbered("litellm", {one.name: str(one.settings["url"]) for one in connections})
        self._made: list[LiteLLM] = []

    def has(self, ground: Ground, rung: Rung) -> bool:
        return False

    def lay_out(self, ground: Ground) -> Iterator[str]:
        for number, part in enumerate(self._servers.names[len(self._made) :], len(self._made)):
            here = [one for one in self._connections if self._servers.of(one.name) == number]
            self._made.append(ground.enter(LiteLLM(replicas=max(map(_replicas, here)))))
            ground.part(part, self._made[-1])
        for server in self._made:
            server.reset()
        for use in self._uses:
            server = self._made[self._servers.of(use.connection)]
            if use.name == KEY:
                server.add_hashed(use.text("key"), alias="made by psfir range", models=[])
            if use.name == MODEL:
                server.add_model(use.text("model"), use.text("model"))
        blocking = {use.connection for use in self._uses if use.name == KEY}
        for one in self._connections:
            if one.name in blocking and "key" in one.secrets:
                yield f"connection {one.name}: its key is none here, so whether a replica still takes it is not told"

    def pulled(self, rung: Rung) -> bool:
        use = of_rung(rung)
        server = self._made[self._servers.of(use.connection)]
        return not (server.lets(use.text("key")) if use.name == KEY else server.offered(use.text("model")))

    def parts(self) -> Mapping[str, Sequence[str]]:
        return self._servers.parts()

    def connections(self, ground: Ground, exports: Exports) -> Iterator[tuple[str, dict[str, Json]]]:
        for one in self._connections:
            url = ground.url(self._servers.part(one.name))
            told: dict[str, Json] = {**kept(one), "url": url}
            if replicas := one.settings.get("replicas"):
                named = self._made[self._servers.of(one.name)].places(url)
                told["replicas"] = [*named[: len(replicas)]] if isinstance(replicas, (list, tuple)) else [*named]
            for secret in one.secrets:
                value = ADMIN if secret == "token" else f"sk-range-{one.name}-{secret}"  # noqa: S105 - its name
                told[secret] = exports.ref(one, secret, value)
            yield one.name, told


def _replicas(connection: Connection) -> int:
    said = connection.settings.get("replicas")
    return len(said) if isinstance(said, (list, tuple)) and said else 1
