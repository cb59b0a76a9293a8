"""The reference system on the range, as a process of its own: flags, cluster, account, the feature and its metrics.

python -m benchmarks.reference_server FOLDER

Prints the environment of whoever works on it. The feature's own address also answers /reset, which puts everything
back to where it began, and /requests: how many requests the flags, the cluster and the feature had since then.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path
from threading import Event

from psfir.domain.canon import Json
from psfir.range.aws.moto import ACCOUNT, REGION
from psfir.range.faulty import Fault, Faulty, OnAsk
from psfir.range.kubernetes.resources import CRON_JOBS, DEPLOYMENTS
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.server import Asked, Reply, Server
from tests.content.reference_estate import SPACE, accounts, flags, keys, objects, trigger
from tests.levers.aws.moto import KEYS, moto
from tests.levers.launchdarkly.stage_flag import Account

AGENT, DIGEST = "support-agent-runs", "support-digest"
REPLICAS = 3


class Feature:
    """What customers reach, and Prometheus: the assistant is as its flag says, and no model writes anything."""

    def __init__(self, account: Account, cluster: Kubernetes) -> None:
        self._account = account
        self._cluster = cluster
        self._asked: Counter[str] = Counter()
        for name, faults in (("flags", account.server.faults), ("cluster", cluster.faults)):
            self._count(name, faults)

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/reset":
            return self._reset()
        if asked.path == "/requests":
            return Reply(200, dict(self._asked))
        self._asked["feature"] += 1
        if asked.path == "/assistant/state":
            return Reply(200, {"assistant": "on" if self._account.here()["on"] else "off"})
        now = time.time()
        value = str(now) if asked.query["query"].startswith("timestamp(") else "0"
        data: Json = {"resultType": "vector", "result": [{"metric": {}, "value": [now, value]}]}
        return Reply(200, {"status": "success", "data": data})

    def _count(self, name: str, faults: Faulty) -> None:
        """Every request is offered to a fault, which counts it and never takes it."""

        def offered(_: Asked) -> bool:
            self._asked[name] += 1
            return False

        when: OnAsk = offered
        faults.fault(Fault("is only counted"), when=when)

    def _reset(self) -> Reply:
        if not self._account.here()["on"]:
            self._account.edit({"kind": "turnFlagOn"})
        self._cluster.edit(DEPLOYMENTS, AGENT, {"spec": {"replicas": REPLICAS}}, namespace=SPACE)
        self._cluster.edit(CRON_JOBS, DIGEST, {"spec": {"suspend": False}}, namespace=SPACE)
        self._cluster.settle()
        self._asked.clear()
        return Reply(200, {})


def serve(folder: Path) -> None:
    with flags() as account, Kubernetes() as cluster:
        cluster.put(*objects())
        cluster.settle()
        accounts()
        with Server(Feature(account, cluster)) as feature:
            print(json.dumps(environment(folder, account, cluster, feature.url)), flush=True)
            Event().wait()


def environment(folder: Path, account: Account, cluster: Kubernetes, feature: str) -> dict[str, str]:
    flag = {"kind": "launchdarkly", "url": account.server.url}
    there: dict[str, Json] = {
        "flags": {**flag, "token": "env:TOKEN"},
        "flags-trigger": {**flag, "token": "env:SECOND", "trigger": "env:TRIGGER"},
        "prod-eu": {"kind": "kubernetes", "kubeconfig": str(cluster.kubeconfig(folder / "kubeconfig"))},
        "aws-prod": {"kind": "aws", "region": REGION, "account": ACCOUNT, "endpoint_url": moto(), **keys()},
        "assistant": {"kind": "http", "url": feature},
        "metrics": {"kind": "http", "url": feature},
    }
    overlay = folder / "connections.yaml"
    overlay.write_text("schema: psfir.connections/1\nconnections: " + json.dumps(there), encoding="utf-8")
    return {
        "PSFIR_CONNECTIONS": str(overlay),
        "TOKEN": account.token,
        "SECOND": account.estate.add_token("*", name="second"),
        "TRIGGER": f"{account.server.url}{trigger(account)}",
        **{name.upper(): value for name, value in KEYS.items()},
    }


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
