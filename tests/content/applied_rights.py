"""What `psfir permissions` prints, applied by the vendors' own ways: a Role, a policy, a custom role, and who has them.

Afterwards every line of it can be taken away by itself: one verb on one resource, one action on one ARN or flag.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from psfir.domain.canon import Json
from psfir.testing import FakeConnection
from psfir.vendors.kubernetes import KubernetesClient
from psfir.vendors.launchdarkly import Ask, LaunchDarkly
from tests.content.permissions_estate import Reference
from tests.levers.aws.granted import PolicyOf
from tests.levers.aws.moto import KEYS, World, enforced
from tests.levers.deeds import WITHIN
from tests.levers.kubernetes.granted import units
from tests.levers.lines import Line

_API = "/apis/rbac.authorization.k8s.io/v1"


class Applied(ABC):
    """One document at its vendor. `there` is what the connection of whoever has it says, `env` its secrets."""

    connection: str
    there: Mapping[str, str]
    env: Mapping[str, str] = {}
    lines: tuple[Line, ...] = ()

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Inside, rights count."""
        yield

    @abstractmethod
    def without(self, gone: Sequence[Line]) -> None:
        """As printed, but for these lines."""


class Roles(Applied):
    """By kubectl's own requests, to a service account that has nothing else."""

    connection = "prod-eu"

    def __init__(self, reference: Reference, text: str, folder: Path, name: str) -> None:
        self._cluster = reference.cluster
        admin = KubernetesClient(
            FakeConnection("prod-eu", "kubernetes", {"kubeconfig": reference.there["prod-eu"]["kubeconfig"]}, {})
        )
        self._roles = []
        marks = _marks(text)
        for made in yaml.safe_load_all(text):
            space = made["metadata"].get("namespace")
            root = f"{_API}/namespaces/{space}" if space else _API
            admin.create(f"{root}/{made['kind'].lower()}s", made, within=WITHIN)
            if "rules" in made:
                self._roles.append((made, [marks.pop(0) for _ in made["rules"]]))
        self.lines = tuple(line for role, only in self._roles for line, _ in units(role, only))
        user = f"system:serviceaccount:ops:{name}"
        if "ops" not in [one["metadata"]["name"] for one in admin.items("/api/v1/namespaces", within=WITHIN)]:
            admin.create("/api/v1/namespaces", {"metadata": {"name": "ops"}}, within=WITHIN)
        accounts = "/api/v1/namespaces/ops/serviceaccounts"
        admin.create(accounts, {"metadata": {"name": name}}, within=WITHIN)
        admin.create(f"{accounts}/{name}/token", {"spec": {"audiences": []}}, within=WITHIN)
        self.there = {"kind": "kubernetes", "kubeconfig": str(self._cluster.kubeconfig(folder / name, user=user))}

    def without(self, gone: Sequence[Line]) -> None:
        for role, only in self._roles:
            self._cluster.put({**role, "rules": [rule for line, rule in units(role, only) if line not in gone]})


def _marks(text: str) -> list[str]:
    """The comment that stands over each rule, in order."""
    found, comment, rules = [], "", False
    for line in text.splitlines():
        rules = line == "rules:" or (rules and not line.startswith(("---", "apiVersion")))
        if rules and line.startswith("# "):
            comment = f"{comment} {line[2:]}".strip()
        elif rules and line.startswith("- "):
            found.append(comment.removeprefix("only "))
            comment = ""
    return found


class Policy(Applied):
    """As the inline policy of a user of its own, with IAM counting."""

    connection = "aws-prod"

    def __init__(self, reference: Reference, text: str, _folder: Path, name: str) -> None:
        self._policy = PolicyOf(World(), name, json.loads(text))
        self.lines = self._policy.lines
        self.there = {**reference.there[self.connection], **{name: f"env:NARROW_{name.upper()}" for name in KEYS}}
        self.env = {f"NARROW_{name.upper()}": value for name, value in self._policy.keys.items()}

    @contextmanager
    def counting(self) -> Iterator[None]:
        with enforced():
            yield

    def without(self, gone: Sequence[Line]) -> None:
        self._policy.without(gone)


class CustomRole(Applied):
    """By the REST API, and a service token that bears it."""

    def __init__(self, reference: Reference, text: str, _folder: Path, name: str) -> None:
        self._estate, body = reference.flags.estate, json.loads(text)
        api = LaunchDarkly(reference.owner)
        self._key = body["key"]
        api.ask(Ask("POST", "/api/v2/roles", body=body), within=WITHIN)
        wanted: Json = {"name": name, "serviceToken": True, "customRoleIds": [body["key"]]}
        token = api.ask(Ask("POST", "/api/v2/tokens", body=wanted), within=WITHIN).body["token"]
        self._policy = body["policy"]
        self._only = {
            action: "marked"
            for said in body["description"].split(". ")[1:]
            for action in said.partition(" only ")[0].split(", ")
        }
        self.lines = tuple(line for line, _ in self._units())
        self.there = {**reference.there[self.connection], "token": f"env:{self.connection.upper().replace('-', '_')}"}
        self.env = {self.connection.upper().replace("-", "_"): str(token)}

    def without(self, gone: Sequence[Line]) -> None:
        with self._estate.lock:
            self._estate.roles[self._key]["policy"] = [one for line, one in self._units() if line not in gone]

    def _units(self) -> Iterator[tuple[Line, dict[str, Any]]]:
        for one in self._policy:
            for resource in one["resources"]:
                for action in one["actions"]:
                    unit = {**one, "resources": [resource], "actions": [action]}
                    yield Line(action, resource, self._only.get(action, "")), unit


class Flags(CustomRole):
    connection = "flags"


class Trigger(CustomRole):
    connection = "flags-trigger"


APPLIED: Mapping[str, type[Roles | Policy | Flags | Trigger]] = {
    "kubernetes": Roles,
    "aws": Policy,
    "flags": Flags,
    "trigger": Trigger,
}
