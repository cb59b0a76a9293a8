"""`kubernetes.endpoints`: whom a Service sends traffic to, as the cluster's own proxies see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import Field, FieldType, Permission, ProbeAbout
from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.verdict import Sight
from psfir.errors import LeverError
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes import KubernetesClient
from psfir.vendors.kubernetes_objects import NAMESPACE, at, path


class EndpointsProbe:
    """One sight for the Service. A Service that is not there serves nobody by mistake: that could not be told."""

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
            Permission("kubernetes", "get", "services"),
            Permission("kubernetes", "list", "discovery.k8s.io/endpointslices"),
        ),
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._client = KubernetesClient(connection)

    def look(self, target: Target, expect: Mapping[str, Json], *, within: float) -> Sequence[Sight]:
        if not expect:
            raise LeverError("the probe is told to expect nothing", todo="say expect: {serving: 0}")
        deadline, namespace, service = Deadline(within), str(target["namespace"]), str(target["service"])
        self._client.get(path("service", namespace, service), within=deadline.left)
        slices = self._client.items(
            path("endpoint_slice", namespace),
            within=deadline.left,
            query={"labelSelector": f"kubernetes.io/service-name={service}"},
        )
        serving = sorted({_name(one) for found in slices for one in found.get("endpoints") or [] if _serves(one)})
        says = f"{len(serving)} pods are sent traffic" + (f": {', '.join(serving[:5])}" if serving else "")
        return [Sight(service, Held.HELD if _held(serving, expect) else Held.NOT_HELD, says)]


def _held(serving: list[str], expect: Mapping[str, Json]) -> bool:
    most, bad = expect.get("serving"), expect.get("none_of")
    if isinstance(most, int) and len(serving) > most:
        return False
    beginnings = tuple(str(one) for one in bad) if isinstance(bad, list | tuple) else ()
    return not any(name.startswith(beginnings) for name in serving)


def _serves(endpoint: Mapping[str, Any]) -> bool:
    """Ready, or said nothing of it, or ending and served as long as nobody else is there."""
    conditions = endpoint.get("conditions") or {}
    return conditions.get("ready") is not False or conditions.get("serving") is True


def _name(endpoint: Mapping[str, Any]) -> str:
    addresses = endpoint.get("addresses") or ["?"]
    return str(at(endpoint, "targetRef", "name") or addresses[0])
