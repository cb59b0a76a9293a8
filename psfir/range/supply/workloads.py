"""Workloads of one namespace as runbooks name them, and which of them bears which labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from psfir.domain.values import frozen
from psfir.range.kubernetes import layouts, resources
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.supply.unlike import unlike
from psfir.range.supply.uses import LEVER, Use

KINDS = {
    "deployment": resources.DEPLOYMENTS,
    "statefulset": resources.STATEFUL_SETS,
    "cronjob": resources.CRON_JOBS,
}
MOST = 10
"""Revisions of a Deployment, of which Kubernetes itself keeps as many."""
_REPLICAS = 3


def image(revision: int) -> str:
    return f"stand-in:{revision}"


@frozen
class Workload:
    """`given` are the labels that runbooks tell its pods by. One that was `there` already stays as it is."""

    kind: str
    name: str
    uses: Sequence[Use] = ()
    there: bool = False
    given: dict[str, str] = field(default_factory=dict)
    env: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def labels(self) -> dict[str, str]:
        return dict(self.given) if self.there else {"app": self.name, **self.given}

    def bears(self, labels: Mapping[str, str]) -> bool:
        return labels.items() <= self.labels.items()

    def takes(self, labels: Mapping[str, str]) -> bool:
        """Whether they can be given to its pods beside those that were."""
        return not self.there and all(self.given.get(key, value) == value for key, value in labels.items())

    @property
    def revisions(self) -> int:
        """How many it must have had, so that it can go back to those that are named."""
        named = [int(text) for use in self.uses if (text := use.text("revision")).isdigit()]
        return min(MOST, max(named, default=0) + 1)

    def at(self, space: str, revision: int) -> Obj:
        """As it was at a revision. It knows its pods by `app` alone, so that other labels can be taken from them."""
        if self.kind == "cronjob":
            made = layouts.cron_job(self.name, namespace=space, schedule="0 3 * * *")
            pod = made["spec"]["jobTemplate"]["spec"]["template"]
        else:
            make = layouts.deployment if self.kind == "deployment" else layouts.stateful_set
            made = make(self.name, namespace=space, replicas=self._replicas, image=image(revision))
            made["spec"]["selector"] = {"matchLabels": {"app": self.labels["app"]}}
            pod = made["spec"]["template"]
        pod["metadata"] = {"labels": self.labels}
        if self.env:
            pod["spec"]["containers"] = [
                layouts.container(name, image=image(revision), env=env) for name, env in self.env.items()
            ]
        return made

    @property
    def _replicas(self) -> int:
        return _REPLICAS + 1 if any(use.set.get("replicas") == _REPLICAS for use in self.uses) else _REPLICAS


@frozen
class Bearer:
    """Whose pods are meant, and whether that is a guess among several."""

    workload: Workload
    guessed: bool


class Workloads:
    """Those that a namespace has, or is to have."""

    def __init__(self, space: str, uses: Sequence[Use], cluster: Kubernetes) -> None:
        self._space = space
        self._all: dict[tuple[str, str], Workload] = {}
        self._there(cluster)
        for kind in KINDS:
            for name in dict.fromkeys(use.text(kind) for use in uses if use.text(kind)):
                mine = [use for use in uses if use.text(kind) == name]
                self._all.setdefault((kind, name), Workload(kind, name, mine, env=_variables(mine)))

    @property
    def new(self) -> list[Workload]:
        return [one for one in self._all.values() if not one.there]

    def bear(self, labels: Mapping[str, str]) -> bool:
        return any(one.bears(labels) for one in self._all.values())

    def labelled(self, labels: Mapping[str, str], use: Use) -> Bearer:
        """Who has pods with these labels from now on: whoever has them already, or else as `meant` says."""
        found = next((one for one in self._all.values() if one.bears(labels)), None)
        if found is not None:
            return Bearer(found, guessed=False)
        called = labels.get("app") or next(iter(labels.values()))
        bearer = self.meant([use], called, labels)
        bearer.workload.given.update(labels)
        return bearer

    def meant(self, uses: Sequence[Use], called: str, labels: Mapping[str, str]) -> Bearer:
        """The workload of that name; the first that a rung of the same runbook names; else one of its own."""
        free = [one for one in self._all.values() if one.takes(labels)]
        there = [one for one in self._all.values() if one.there and one.name == called and not labels]
        named = [one for one in (*there, *free) if one.name in {called, *labels.values()}]
        books = {use.runbook for use in uses}
        beside = [one for one in free if any(use.runbook in books and use.part == LEVER for use in one.uses)]
        if named or beside:
            return Bearer([*named, *beside][0], guessed=not named and len(beside) > 1)
        made = self._all["deployment", called] = Workload("deployment", called)
        return Bearer(made, guessed=False)

    def _there(self, cluster: Kubernetes) -> None:
        for kind, resource in KINDS.items():
            for obj in cluster.store.all(resource, self._space):
                spec, name = obj["spec"], obj["metadata"]["name"]
                pod = (spec["jobTemplate"]["spec"] if kind == "cronjob" else spec)["template"]
                found = dict(pod.get("metadata", {}).get("labels") or {})
                self._all[kind, name] = Workload(kind, name, there=True, given=found)


def _variables(uses: Sequence[Use]) -> dict[str, dict[str, str]]:
    """Each container with the variables that are set in it, at values that nobody sets."""
    found: dict[str, dict[str, str]] = {}
    for use in uses:
        if use.text("container") and use.text("env"):
            variables = found.setdefault(use.text("container"), {})
            variables[use.text("env")] = before(use, uses, "container", "env")
    return found


def before(use: Use, uses: Sequence[Use], *keys: str) -> str:
    """A text that none of the uses of the same thing sets."""
    same = [one for one in uses if all(one.text(key) == use.text(key) for key in keys)]
    return str(unlike([one.set["value"] for one in same if "value" in one.set]))
