"""What goes wrong with the cluster: its API server freezes or refuses, a controller undoes, pods linger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from socket import socket
from threading import Event

from psfir.domain.about import FieldType
from psfir.domain.near import near
from psfir.errors import UsageError
from psfir.range.faults.fault import Begin, FaultAbout, Ground, Setting, Settings, Undo, every
from psfir.range.faulty import Fault, reset
from psfir.range.kubernetes import resources
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.kubernetes.status import StatusError
from psfir.range.server import Asked, Reply, Wire

FROZEN, DENIED = "kubernetes.frozen", "kubernetes.denied"


def _on(ground: Ground, settings: Settings) -> Sequence[Kubernetes]:
    return ground.clusters(settings.text("on"))


def _each(begin: Callable[[Kubernetes, Settings], Undo]) -> Begin:
    """In every cluster that is meant."""
    return lambda ground, settings: every(begin(cluster, settings) for cluster in _on(ground, settings))


def _frozen(cluster: Kubernetes, _settings: Settings) -> Undo:
    """Nothing that is asked meanwhile is done; thawed, whoever still waits is cut off."""
    over = Event()

    def wire(answer: Reply | None, stopped: Event) -> Wire:
        def wait(connection: socket) -> None:
            over.wait()
            reset(answer, stopped)(connection)

        return wait

    end = cluster.faults.fault(Fault(FROZEN, wire=wire))

    def undo() -> None:
        end()
        over.set()

    return undo


def _denied(cluster: Kubernetes, settings: Settings) -> Undo:
    reads = settings.flag("reads")

    def refused(asked: Asked) -> Reply:
        message = f'forbidden: User "psfir" cannot {asked.method} path "{asked.path}"'
        return Reply(403, StatusError(403, "Forbidden", message, details={}).body)

    return cluster.faults.fault(Fault(DENIED, answer=refused), when=lambda asked: reads or asked.writes)


def _undone(ground: Ground, settings: Settings) -> Undo:
    clusters, wanted = _on(ground, settings), settings.text("deployment")
    names = sorted({name for cluster in clusters for name in _deployments(cluster)})
    if wanted and wanted not in names:
        raise UsageError(f"there is no Deployment {wanted!r}", where="kubernetes.undone", todo=near(wanted, names))
    return every(_kept(cluster, wanted, settings.number("within")) for cluster in clusters)


def _deployments(cluster: Kubernetes) -> list[str]:
    return [one["metadata"]["name"] for one in cluster.store.held(resources.DEPLOYMENTS)]


def _kept(cluster: Kubernetes, wanted: str, within: float) -> Undo:
    keeps = [
        cluster.keep(
            resources.DEPLOYMENTS,
            one["metadata"]["name"],
            {"spec": one["spec"]},
            namespace=one["metadata"]["namespace"],
            after=within,
        )
        for one in cluster.store.all(resources.DEPLOYMENTS)
        if wanted in ("", one["metadata"]["name"])
    ]
    # Without any there would be nothing to let go, and letting go of nothing is letting go of all.
    return lambda: cluster.let_go(*keeps) if keeps else None


def _slow_pods(cluster: Kubernetes, settings: Settings) -> Undo:
    before = {name: getattr(cluster.pace, name) for name in ("ready", "gone")}
    cluster.change(ready=settings.number("ready"), gone=settings.number("gone"))
    return lambda: cluster.change(**before)


_ON = Setting("on", FieldType.TEXT, "", "the cluster of which connection; empty for all")

FAULTS = (
    FaultAbout(
        FROZEN,
        "the API server accepts connections and never answers",
        "every call to the cluster hangs until it is given up",
        _each(_frozen),
        (_ON,),
        check=_on,
    ),
    FaultAbout(
        DENIED,
        "the API server refuses what would change something",
        "403 Forbidden, although the Role allows it",
        _each(_denied),
        (Setting("reads", FieldType.FLAG, default=False, line="whether reads are refused too"), _ON),
        check=_on,
    ),
    FaultAbout(
        "kubernetes.undone",
        "an operator holds Deployments to what they are now, and puts back what anybody changes",
        "pods that were scaled away come back, perhaps after the verdict",
        _undone,
        (
            Setting("within", FieldType.SPAN, "20s", "how long a change stands before it is put back", most=3600),
            Setting("deployment", FieldType.TEXT, "", "only this Deployment; empty for all"),
            _ON,
        ),
        apart="deployment",
        check=_on,
    ),
    FaultAbout(
        "kubernetes.slow_pods",
        "pods take long to become ready, and long to end",
        "the scale is 0 at once, and the pods go on answering",
        _each(_slow_pods),
        (
            Setting("ready", FieldType.SPAN, "10s", "until a new pod is ready", most=3600),
            Setting("gone", FieldType.SPAN, "30s", "until a pod that was told to end has ended", most=3600),
            _ON,
        ),
        check=_on,
    ),
)
