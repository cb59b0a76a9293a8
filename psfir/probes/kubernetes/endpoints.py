"""`kubernetes.endpoints`: whom a Service sends traffic to, as the cluster's own proxies see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import Field, FieldType, Permission, ProbeAbout
from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.values import frozen
from psfir.domain.verdict import Sight
from psfir.errors import LeverError, NoSuchTarget, UsageError
from psfir.probes.kubernetes.known import makers, permissions
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes import KubernetesClient
from psfir.vendors.kubernetes_objects import NAMESPACE, at, path, query_of
from psfir.vendors.shared import shared

_SHOWN = 5


def _by_names(said: Mapping[str, Json]) -> bool:
    """A name that nobody bears would never be found serving."""
    return bool(said.get("none_of"))


class EndpointsProbe:
    """One sight for the Service. It holds only where the Service's slices and the pods behind it agree.

    A Service or slices that are not there serve nobody either, and names that nobody bears are never served: neither
    proves anything.
    """

    about: ClassVar[ProbeAbout] = ProbeAbout(
        name="kubernetes.endpoints",
        line="Looks at which pods a Service sends traffic to.",
        connects=("kubernetes",),
        target=(NAMESPACE, Field("service", FieldType.TEXT, "the Service")),
        example={
            "probe": "kubernetes.endpoints",
            "target": {"connection": "prod-eu", "namespace": "assistants", "service": "support-agent"},
            "expect": {"serving": 0},
        },
        expect=(
            Field("serving", FieldType.WHOLE, "how many pods are sent traffic at most", required=False),
            Field("none_of", FieldType.TEXTS, "beginnings of pods' names that may not be among them", required=False),
        ),
        permissions=(
            Permission("kubernetes", "get", "services/{service}"),
            Permission("kubernetes", "list", "discovery.k8s.io/endpointslices"),
            Permission("kubernetes", "list", "pods"),
            *permissions(_by_names),
        ),
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._client = shared(connection, KubernetesClient)

    def look(self, target: Target, expect: Mapping[str, Json], *, within: float) -> Sequence[Sight]:
        wanted, deadline = _Wanted.of(expect), Deadline(within)
        namespace, service = str(target["namespace"]), str(target["service"])
        found = self._client.get(path("service", namespace, service), within=deadline.left)
        serving = self._serving(namespace, service, deadline)
        says = f"{len(serving)} pods are sent traffic" + (f": {_names(serving)}" if serving else "")
        if not wanted.held(serving):
            return [Sight(service, Held.NOT_HELD, says)]
        if wanted.none_of and not all(serving.values()):
            return [Sight(service, Held.COULD_NOT_TELL, f"{says}; which pods stand behind an address is not said")]
        self._known(namespace, wanted, deadline)
        behind = self._behind(namespace, at(found, "spec", "selector") or {}, deadline)
        if not wanted.held(behind):
            lag = f"{says}; but {_names(behind)} are ready behind it: what the Service knows of them is not up to date"
            return [Sight(service, Held.COULD_NOT_TELL, lag)]
        return [Sight(service, Held.HELD, says)]

    def _serving(self, namespace: str, service: str, deadline: Deadline) -> dict[str, bool]:
        """The names of those that get traffic, and of each whether it is a pod's."""
        query = {"labelSelector": f"kubernetes.io/service-name={service}"}
        slices = self._client.items(path("endpoint_slice", namespace), within=deadline.left, query=query)
        if not slices:
            what = f"nothing says whom service {service} sends traffic to: it has no endpoint slices"
            raise LeverError(what, where=self._client.where, todo="see whether it leads to a name outside the cluster")
        ends = [one for found in slices for one in found.get("endpoints") or [] if _serves(one)]
        pods = {str(name): True for one in ends if (name := at(one, "targetRef", "name"))}
        addresses = [one.get("addresses") or ["?"] for one in ends if not at(one, "targetRef", "name")]
        return pods | {str(each[0]): False for each in addresses}

    def _behind(self, namespace: str, selector: Mapping[str, Any], deadline: Deadline) -> dict[str, bool]:
        """The pods that the Service means by its selector and that are ready now."""
        if not selector:
            return {}
        query = query_of({"matchLabels": selector})
        pods = self._client.items(path("pod", namespace), within=deadline.left, query=query)
        return {str(at(pod, "metadata", "name")): True for pod in pods if _ready(pod)}

    def _known(self, namespace: str, wanted: _Wanted, deadline: Deadline) -> None:
        """Return if each of the beginnings is one of a workload there: a slip in it would never be found serving."""
        left = set(wanted.none_of)
        if not left:
            return
        for one in makers(self._client, namespace, deadline):
            left = {begin for begin in left if not _begins(one.name, begin)}
            if not left:
                return
        what = f"nothing there makes pods whose names begin with {', '.join(sorted(left))}"
        raise NoSuchTarget(what, where=self._client.where, todo="check none_of: and namespace:")


@frozen
class _Wanted:
    """What is expected: at most so many, and none of these."""

    serving: int | None
    none_of: tuple[str, ...]

    @classmethod
    def of(cls, expect: Mapping[str, Json]) -> _Wanted:
        """What is not understood must not pass for held."""
        most, bad = expect.get("serving"), expect.get("none_of") or ()
        listed = bad if isinstance(bad, list | tuple) else (None,)
        names = tuple(one for one in listed if isinstance(one, str) and one)
        if not isinstance(most, int | None) or len(names) != len(listed) or (most is None and not names):
            raise UsageError("the probe is not told what to expect", todo="say expect: {serving: 0}")
        return cls(most, names)

    def held(self, serving: Mapping[str, bool]) -> bool:
        if self.serving is not None and len(serving) > self.serving:
            return False
        return not any(name.startswith(self.none_of) for name in serving) if self.none_of else True


def _begins(workload: str, begin: str) -> bool:
    """Whether pods of that workload can be meant; those of a StatefulSet are numbered."""
    return f"{workload}-".startswith(begin) or begin.removeprefix(f"{workload}-").isdigit()


def _serves(endpoint: Mapping[str, Any]) -> bool:
    """Ready, or said nothing of it, or ending and served as long as nobody else is there."""
    conditions = endpoint.get("conditions") or {}
    return conditions.get("ready") is not False or conditions.get("serving") is True


def _ready(pod: Mapping[str, Any]) -> bool:
    conditions = at(pod, "status", "conditions") or []
    ready = any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)
    return ready and not at(pod, "metadata", "deletionTimestamp") and bool(at(pod, "status", "podIP"))


def _names(found: Mapping[str, bool]) -> str:
    names = sorted(found)
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
