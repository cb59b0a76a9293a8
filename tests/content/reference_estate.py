"""The reference system as its README says it is built: flags, a cluster and an AWS account of the range."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.range.aws.moto import ACCOUNT, REGION
from psfir.range.kubernetes import layouts
from psfir.range.kubernetes.server import Kubernetes
from psfir.vendors.launchdarkly import Ask, LaunchDarkly, under
from tests.levers.aws.moto import KEYS, World, moto, reset
from tests.levers.aws.stage_lambda_concurrency import make
from tests.levers.launchdarkly.stage_flag import ENVIRONMENT, PROJECT, Account

SPACE = "assistants"
FLAGS: Mapping[str, tuple[Json, ...]] = {
    "support-assistant-answers": ("live", "prepared"),
    "support-assistant-tools": ("all", "read-only", "none"),
    "support-assistant-digest": (True, False),
}
ROLES = ("support-agent", "support-agent-runs", "support-agent-tools")


@frozen
class Reference:
    """Where it is, for whoever lays something out there; `env` is for whoever works on it."""

    account: Account
    cluster: Kubernetes
    there: Mapping[str, Mapping[str, str]]
    env: dict[str, str]


@contextmanager
def reference(folder: Path) -> Iterator[dict[str, str]]:
    """The environment of whoever works on it: connections laid over, secrets in place."""
    with whole(folder) as found:
        yield found.env


def overlay(path: Path, there: Mapping[str, Mapping[str, str]]) -> str:
    """A file that says where the connections are, to be named by PSFIR_CONNECTIONS."""
    path.write_text("schema: psfir.connections/1\nconnections: " + json.dumps(there), encoding="utf-8")
    return str(path)


@contextmanager
def whole(folder: Path) -> Iterator[Reference]:
    with flags() as account, Kubernetes() as cluster:
        cluster.put(*objects())
        cluster.settle()
        accounts()
        there = {
            "flags": {"kind": "launchdarkly", "url": account.server.url, "token": "env:TOKEN"},
            "flags-trigger": {
                "kind": "launchdarkly",
                "url": account.server.url,
                "token": "env:SECOND",
                "trigger": "env:TRIGGER",
            },
            "prod-eu": {"kind": "kubernetes", "kubeconfig": str(cluster.kubeconfig(folder / "kubeconfig"))},
            "aws-prod": {"kind": "aws", "region": REGION, "account": ACCOUNT, "endpoint_url": moto(), **keys()},
        }
        env = {
            "PSFIR_CONNECTIONS": overlay(folder / "connections.yaml", there),
            "TOKEN": account.token,
            "SECOND": account.estate.add_token("*", name="second"),
            "TRIGGER": f"{account.server.url}{trigger(account)}",
            **{name.upper(): value for name, value in KEYS.items()},
        }
        yield Reference(account, cluster, there, env)


def keys() -> dict[str, str]:
    return {name: f"env:{name.upper()}" for name in KEYS}


def flags() -> Account:
    account = Account()
    for key, values in FLAGS.items():
        account.estate.add_flag(PROJECT, key, values)
    account.estate.add_ai_config(PROJECT, "support-answers", ("large-model", "small-model"))
    return account


def trigger(account: Account) -> str:
    body: Json = {"integrationKey": "generic-trigger", "instructions": [{"kind": "turnFlagOff"}]}
    where = under("flags", PROJECT, "support-assistant", "triggers", ENVIRONMENT)
    made = LaunchDarkly(account.connection()).ask(Ask("POST", where, body=body), within=5).body
    return urlsplit(str(made["triggerURL"])).path


def objects() -> list[dict[str, Any]]:
    agent, runs = (layouts.deployment(name, namespace=SPACE) for name in ("support-agent", "support-agent-runs"))
    # Its ReplicaSet selects by `app` alone, the Service by `serving` as well.
    agent["spec"]["template"]["metadata"]["labels"]["serving"] = "yes"
    digest = layouts.cron_job("support-digest", namespace=SPACE, schedule="0 3 * * *")
    digest["spec"]["jobTemplate"]["spec"]["template"]["metadata"] = {"labels": {"app": "support-digest"}}
    settings = {"MODEL": "", "TOOLS": ""}
    return [
        layouts.namespace(SPACE),
        agent,
        runs,
        layouts.config_map("support-agent", namespace=SPACE, data=settings),
        layouts.config_map("support-agent-runs", namespace=SPACE, data=settings),
        layouts.service("support-agent", namespace=SPACE, selector={"app": "support-agent", "serving": "yes"}),
        layouts.service("support-static", namespace=SPACE),
        layouts.ingress("support", namespace=SPACE, backend="support-agent"),
        digest,
    ]


def accounts() -> None:
    reset()
    world = World()
    for role in ROLES:
        world.role(role)
        world.allow(role)
    make(world)
