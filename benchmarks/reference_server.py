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
from collections.abc import Mapping
from pathlib import Path
from threading import Event

from psfir.domain.canon import Json
from psfir.range.assistant import layout
from psfir.range.assistant.model import Model
from psfir.range.assistant.names import DIGEST, ENVIRONMENT, Names
from psfir.range.aws.cloud import Cloud
from psfir.range.aws.moto import ACCOUNT, REGION
from psfir.range.clock import RangeClock
from psfir.range.faulty import Fault, Faulty, OnAsk
from psfir.range.kubernetes.resources import CRON_JOBS, DEPLOYMENTS
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.launchdarkly.estate import Estate, Place
from psfir.range.launchdarkly.server import LaunchDarkly
from psfir.range.server import Asked, Reply, Server

NAMES = Names()
FLAG = Place(NAMES.space, NAMES.flag())


class Feature:
    """What customers reach, and Prometheus: the assistant is as its flag says, and no model writes anything."""

    def __init__(self, flags: LaunchDarkly, cluster: Kubernetes) -> None:
        self._flags = flags
        self._cluster = cluster
        self._asked: Counter[str] = Counter()
        for name, faults in (("flags", flags.faults), ("cluster", cluster.faults)):
            self._count(name, faults)

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/reset":
            return self._reset()
        if asked.path == "/requests":
            return Reply(200, dict(self._asked))
        self._asked["feature"] += 1
        if asked.path == "/assistant/state":
            return Reply(200, {"assistant": "on" if self._on else "off"})
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

    @property
    def _on(self) -> bool:
        return bool(self._flags.estate.targeting(FLAG, ENVIRONMENT)["on"])

    def _reset(self) -> Reply:
        if not self._on:
            self._flags.estate.edit(FLAG, ENVIRONMENT, {"kind": "turnFlagOn"})
        replicas = {"spec": {"replicas": layout.RUN_PODS}}
        self._cluster.edit(DEPLOYMENTS, NAMES.runs, replicas, namespace=NAMES.space)
        self._cluster.edit(CRON_JOBS, DIGEST, {"spec": {"suspend": False}}, namespace=NAMES.space)
        self._cluster.settle()
        self._asked.clear()
        return Reply(200, {})


def serve(folder: Path) -> None:
    estate, clock = Estate(), RangeClock()
    hook = layout.flags(NAMES, estate)
    cloud = Cloud(Model(1), clock)
    cloud.start()
    try:
        with LaunchDarkly(estate) as flags, Kubernetes() as cluster, cloud.unguarded():
            cluster.put(*layout.objects(NAMES))
            cluster.settle()
            layout.account(NAMES, cloud.aws)
            with Server(Feature(flags, cluster)) as feature:
                there = connections(folder, {"flags": flags.url, "feature": feature.url, "aws": cloud.aws.url}, cluster)
                secrets = {"TRIGGER": f"{flags.url}{hook}", **{name.upper(): key for name, key in cloud.keys.items()}}
                tokens = {"TOKEN": estate.add_token("*"), "SECOND": estate.add_token("*", name="second")}
                print(json.dumps({"PSFIR_CONNECTIONS": str(there), **secrets, **tokens}), flush=True)
                Event().wait()
    finally:
        cloud.stop()


def connections(folder: Path, urls: Mapping[str, str], cluster: Kubernetes) -> Path:
    flag: dict[str, Json] = {"kind": "launchdarkly", "url": urls["flags"]}
    keys: dict[str, Json] = {name: f"env:{name.upper()}" for name in ("access_key_id", "secret_access_key")}
    aws: dict[str, Json] = {"kind": "aws", "region": REGION, "account": ACCOUNT, "endpoint_url": urls["aws"]}
    there: dict[str, Json] = {
        "flags": {**flag, "token": "env:TOKEN"},
        "flags-trigger": {**flag, "token": "env:SECOND", "trigger": "env:TRIGGER"},
        "prod-eu": {"kind": "kubernetes", "kubeconfig": str(cluster.kubeconfig(folder / "kubeconfig"))},
        "aws-prod": {**aws, **keys},
        "assistant": {"kind": "http", "url": urls["feature"]},
        "metrics": {"kind": "http", "url": urls["feature"]},
    }
    overlay = folder / "connections.yaml"
    overlay.write_text("schema: psfir.connections/1\nconnections: " + json.dumps(there), encoding="utf-8")
    return overlay


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
