"""What the reference runbooks change, laid out as on the range, with doors at which rights can be made narrower.

Not the whole range: its AWS answers in the responder's own session, and here users of moto come with policies.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from psfir.domain.values import frozen
from psfir.range.assistant import layout
from psfir.range.assistant.names import Names
from psfir.range.aws.moto import ACCOUNT, REGION
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.launchdarkly.server import LaunchDarkly
from psfir.testing import FakeConnection
from tests.levers.aws.moto import KEYS, World, moto, reset


@frozen
class Reference:
    """Where it is, for whoever lays something out there; `env` is for whoever works on it."""

    flags: LaunchDarkly
    cluster: Kubernetes
    there: Mapping[str, Mapping[str, str]]
    env: dict[str, str]

    @property
    def owner(self) -> FakeConnection:
        """To LaunchDarkly, of whoever may do everything there."""
        return FakeConnection("flags", "launchdarkly", {"url": self.flags.url}, {"token": self.env["TOKEN"]})


def overlay(path: Path, there: Mapping[str, Mapping[str, str]]) -> str:
    """A file that says where the connections are, to be named by PSFIR_CONNECTIONS."""
    path.write_text("schema: psfir.connections/1\nconnections: " + json.dumps(there), encoding="utf-8")
    return str(path)


@contextmanager
def whole(folder: Path) -> Iterator[Reference]:
    names = Names()
    with LaunchDarkly() as flags, Kubernetes() as cluster:
        trigger = layout.flags(names, flags.estate)
        cluster.put(*layout.objects(names))
        cluster.settle()
        accounts(names)
        at = {"kind": "launchdarkly", "url": flags.url}
        there = {
            "flags": {**at, "token": "env:TOKEN"},
            "flags-trigger": {**at, "token": "env:SECOND", "trigger": "env:TRIGGER"},
            "prod-eu": {"kind": "kubernetes", "kubeconfig": str(cluster.kubeconfig(folder / "kubeconfig"))},
            "aws-prod": {"kind": "aws", "region": REGION, "account": ACCOUNT, "endpoint_url": moto(), **keys()},
        }
        env = {
            "PSFIR_CONNECTIONS": overlay(folder / "connections.yaml", there),
            "TOKEN": flags.estate.add_token("*"),
            "SECOND": flags.estate.add_token("*", name="second"),
            "TRIGGER": f"{flags.url}{trigger}",
            **{name.upper(): value for name, value in KEYS.items()},
        }
        yield Reference(flags, cluster, there, env)


def keys() -> dict[str, str]:
    return {name: f"env:{name.upper()}" for name in KEYS}


def accounts(names: Names) -> None:
    """Its roles and the tools' function, past the range's own front."""
    reset()
    world = World()
    arns = {role: world.role(role) for role in (names.agent, names.runs, names.tools)}
    for role in arns:
        world.allow(role)
    world.function(names.tools, arns[names.tools])
