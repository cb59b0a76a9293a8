"""A rung for each way to pull a Kubernetes lever on any cluster: its world, and what somebody else does in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from psfir.app.catalog import installed_catalog
from psfir.contracts import Lever
from psfir.domain.canon import Json
from psfir.domain.change import Change, NothingToDo
from psfir.domain.values import frozen
from psfir.range.kubernetes.layouts import config_map, cron_job, deployment, hpa, ingress, job, service, stateful_set
from psfir.range.kubernetes.resources import Obj
from tests.levers.kubernetes.any_cluster import AnyCluster

NAME = "agent"
WITHIN = 20.0
NEVER = "0 0 1 1 *"
"""New year: on any other day no Job begins by itself."""


@frozen
class Rung:
    """A lever, where it is pulled and to what; the world it is pulled in, and what somebody else does to that."""

    lever: str
    lay_out: Callable[[AnyCluster], None]
    target: Mapping[str, Json]
    settings: Mapping[str, Json]
    drift: Callable[[AnyCluster], None]
    mode: int = 0

    def made(self, cluster: AnyCluster, *, token: str = "") -> Lever:
        return installed_catalog().load_lever(self.lever)(cluster.connection(token=token))

    def where(self, cluster: AnyCluster) -> dict[str, Json]:
        return {"connection": "any", "namespace": cluster.namespace, **self.target}

    def planned(self, cluster: AnyCluster, lever: Lever) -> Change | NothingToDo:
        target = self.where(cluster)
        return lever.plan(target, lever.read(target, within=WITHIN), lever.about.modes[self.mode], self.settings)


def agent(cluster: AnyCluster) -> None:
    """Three pods of two revisions, and all that is around them."""
    made = deployment(NAME, env={"MODEL": "large"})
    made["spec"]["template"]["metadata"]["labels"]["serving"] = "yes"
    cluster.put(service(NAME, selector={"app": NAME, "serving": "yes"}), config_map(NAME, data={"MODEL": "large"}))
    cluster.put(made)
    cluster.eventually("the first revision is kept", lambda: revisions(cluster) == {"1"})
    cluster.edit("deployment", NAME, {"spec": {"template": {"metadata": {"annotations": {"build": "2"}}}}})
    cluster.eventually("the second revision is kept", lambda: revisions(cluster) == {"1", "2"})
    cluster.eventually("its pods are made", lambda: len(cluster.items("pod")) >= 3)
    cluster.settled(NAME)


def revisions(cluster: AnyCluster) -> set[str]:
    notes = [one["metadata"].get("annotations") or {} for one in cluster.items("replicaset")]
    return {one.get("deployment.kubernetes.io/revision", "") for one in notes}


def scaled(cluster: AnyCluster) -> None:
    agent(cluster)
    cluster.put(hpa(NAME))


def digest(cluster: AnyCluster) -> None:
    """A CronJob with a Job under way."""
    owner = cluster.put(cron_job("digest", schedule=NEVER))
    by_hand(cluster, "digest-1", owner)


def by_hand(cluster: AnyCluster, name: str, owner: Obj | None = None) -> None:
    owner = owner or cluster.get("cronjob", "digest")
    made = job(name)
    reference = {"apiVersion": "batch/v1", "kind": "CronJob", "name": "digest", "uid": owner["metadata"]["uid"]}
    made["metadata"]["ownerReferences"] = [{**reference, "controller": True}]
    cluster.put(made)


def own_policy(cluster: AnyCluster) -> None:
    """Somebody alters psfir's own policy, or puts another in its place."""
    for one in cluster.items("network_policy"):
        cluster.edit("network_policy", one["metadata"]["name"], {"spec": {"policyTypes": ["Ingress"]}})


def edits(kind: str, name: str, fields: Obj) -> Callable[[AnyCluster], None]:
    return lambda cluster: cluster.edit(kind, name, fields)


def puts(*objs: Obj) -> Callable[[AnyCluster], None]:
    def put(cluster: AnyCluster) -> None:
        cluster.put(*objs)

    return put


def relabelled(cluster: AnyCluster) -> None:
    for pod in cluster.items("pod"):
        cluster.edit("pod", pod["metadata"]["name"], {"metadata": {"labels": {"serving": "maybe"}}})


DEPLOYED = {
    "template": {
        "spec": {"containers": [{"name": NAME, "image": "agent:9", "env": [{"name": "MODEL", "value": "other"}]}]}
    }
}


def deployed(cluster: AnyCluster) -> None:
    """By somebody's pipeline."""
    cluster.edit("deployment", NAME, {"spec": DEPLOYED})
    cluster.settled(NAME)


RUNGS = {
    "replicas": Rung(
        "kubernetes.replicas",
        agent,
        {"deployment": NAME},
        {"replicas": 0},
        edits("deployment", NAME, {"spec": {"replicas": 5}}),
    ),
    "replicas under an HPA": Rung(
        "kubernetes.replicas",
        scaled,
        {"deployment": NAME},
        {"replicas": 1},
        edits("hpa", NAME, {"spec": {"maxReplicas": 9}}),
        mode=1,
    ),
    "replicas of a StatefulSet": Rung(
        "kubernetes.replicas",
        puts(stateful_set("memory")),
        {"statefulset": "memory"},
        {"replicas": 0},
        edits("statefulset", "memory", {"spec": {"replicas": 5}}),
    ),
    "cronjob": Rung(
        "kubernetes.cronjob", digest, {"cronjob": "digest"}, {"suspend": True}, lambda cluster: by_hand(cluster, "late")
    ),
    "config": Rung(
        "kubernetes.config",
        agent,
        {"configmap": NAME, "key": "MODEL", "deployment": NAME},
        {"value": "small"},
        edits("configmap", NAME, {"data": {"MODEL": "medium"}}),
    ),
    "config of a variable": Rung(
        "kubernetes.config",
        agent,
        {"deployment": NAME, "container": NAME, "env": "MODEL"},
        {"value": "small"},
        deployed,
    ),
    "rollout": Rung(
        "kubernetes.rollout",
        agent,
        {"deployment": NAME, "revision": 1},
        {"roll_back": True},
        deployed,
    ),
    "rollout that is paused": Rung(
        "kubernetes.rollout",
        agent,
        {"deployment": NAME},
        {"paused": True},
        deployed,
    ),
    "quarantine": Rung(
        "kubernetes.quarantine",
        agent,
        {"service": NAME, "label": "serving"},
        {"out": True},
        relabelled,
    ),
    "route of a Service": Rung(
        "kubernetes.route",
        agent,
        {"service": NAME},
        {"selector": {"app": "static"}},
        edits("service", NAME, {"spec": {"selector": {"app": "other"}}}),
    ),
    "route of an Ingress": Rung(
        "kubernetes.route",
        puts(ingress(NAME), service("static")),
        {"ingress": NAME},
        {"service": "static", "port": 80},
        edits("ingress", NAME, {"spec": ingress(NAME, backend="other")["spec"]}),
    ),
    "network_policy": Rung(
        "kubernetes.network_policy",
        agent,
        {"pods": {"app": NAME}},
        {"cut": True},
        own_policy,
    ),
}
