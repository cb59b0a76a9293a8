"""kubernetes.endpoints on a real socket: whom a Service sends traffic to, and when nobody can say."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.verdict import Sight
from psfir.errors import Denied, LeverError, NoSuchTarget, PsfirError, Unreachable
from psfir.probes.kubernetes.endpoints import EndpointsProbe
from psfir.range.faulty import Fault, hang
from psfir.range.kubernetes import layouts, resources
from psfir.range.kubernetes.access import Rule
from psfir.range.server import Asked, Reply
from psfir.testing import FakeConnection
from tests.probes.kubernetes_cluster import Scene, scene

SERVICE: dict[str, Json] = {"namespace": "default", "service": "agent"}
NOBODY: dict[str, Json] = {"serving": 0}
NOT_THE_AGENT: dict[str, Json] = {"none_of": ["agent-"]}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as made:
        yield made


def look(
    at: Scene, expect: Mapping[str, Json], target: Mapping[str, Json] = SERVICE, *, by: FakeConnection | None = None
) -> Sight:
    (sight,) = EndpointsProbe(by or at.connection()).look(target, expect, within=10)
    return sight


def scale(at: Scene, number: int) -> None:
    at.cluster.edit(resources.DEPLOYMENTS, "agent", {"spec": {"replicas": number}})
    at.cluster.settle()


def fallback(at: Scene) -> None:
    """The Service sends everybody to the static answer."""
    at.cluster.put(layouts.deployment("static", replicas=2))
    at.cluster.edit(resources.SERVICES, "agent", {"spec": {"selector": {"app": "static"}}})
    at.cluster.settle()


def test_nobody_is_sent_traffic(at: Scene) -> None:
    """The slices are there, and empty."""
    assert look(at, NOBODY).held is Held.NOT_HELD
    scale(at, 0)
    assert look(at, NOBODY) == Sight("agent", Held.HELD, "0 pods are sent traffic")


def test_one_of_five_still_serves_trap_7(at: Scene) -> None:
    """It is named."""
    scale(at, 1)
    (pod,) = at.cluster.pods()
    assert look(at, NOBODY) == Sight("agent", Held.NOT_HELD, f"1 pods are sent traffic: {pod['metadata']['name']}")
    assert look(at, {"serving": 1}).held is Held.HELD
    assert look(at, NOT_THE_AGENT).held is Held.NOT_HELD


def test_only_the_fallback_is_sent_traffic(at: Scene) -> None:
    """Others may serve; those that are named may not."""
    fallback(at)
    sight = look(at, NOT_THE_AGENT)
    assert sight.held is Held.HELD
    assert sight.says.startswith("2 pods are sent traffic: static-")


def test_a_pod_that_is_ending_and_still_answers_counts(at: Scene) -> None:
    """It is sent traffic for as long as nobody else is there."""
    at.cluster.change(kubelet=False)
    scale(at, 0)
    assert look(at, NOBODY).held is Held.NOT_HELD


@pytest.mark.parametrize(
    ("target", "expect"),
    [
        ({**SERVICE, "service": "agnet"}, NOBODY),
        ({**SERVICE, "namespace": "assistents"}, NOBODY),
        (SERVICE, {"none_of": ["agnet-"]}),
        (SERVICE, {"none_of": ["agent-", "agent-canary-"]}),
    ],
)
def test_a_slip_of_the_pen_could_not_be_told(at: Scene, target: Mapping[str, Json], expect: Mapping[str, Json]) -> None:
    """What is not there serves nobody: this proves nothing."""
    fallback(at)
    with pytest.raises(NoSuchTarget):
        look(at, expect, target)


def test_a_way_out_of_the_cluster_could_not_be_told(at: Scene) -> None:
    """A Service that is another name for a host has no slices, and serves all the same."""
    outside = {"metadata": {"name": "outside"}, "spec": {"type": "ExternalName", "externalName": "ai.example"}}
    at.cluster.put({"apiVersion": "v1", "kind": "Service", **outside})
    with pytest.raises(LeverError, match="no endpoint slices"):
        look(at, NOBODY, {**SERVICE, "service": "outside"})


def test_slices_that_lag_could_not_be_told(at: Scene) -> None:
    """Whoever keeps them may be down or late: the pods behind the Service are ready although no slice names them."""

    def empty(answer: Reply) -> Reply:
        return Reply(200, {"kind": "EndpointSliceList", "metadata": {}, "items": [{"endpoints": None}]}, answer.headers)

    def slices(asked: Asked) -> bool:
        return asked.path.endswith("/endpointslices")

    at.front.fault(Fault("slices of yesterday", spoil=empty), when=slices)
    sight = look(at, NOBODY)
    assert sight.held is Held.COULD_NOT_TELL
    assert "not up to date" in sight.says


def test_addresses_without_pods_have_no_names(at: Scene) -> None:
    """Somebody wrote the slice by hand: how many there are is known, who they are is not."""
    service = layouts.service("by-hand")
    del service["spec"]["selector"]
    at.cluster.put(
        service,
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": "by-hand-1", "labels": {"kubernetes.io/service-name": "by-hand"}},
            "addressType": "IPv4",
            "endpoints": [{"addresses": ["192.0.2.7"]}],
            "ports": [{"port": 80}],
        },
    )
    target = {**SERVICE, "service": "by-hand"}
    assert look(at, NOBODY, target) == Sight("by-hand", Held.NOT_HELD, "1 pods are sent traffic: 192.0.2.7")
    assert look(at, NOT_THE_AGENT, target).held is Held.COULD_NOT_TELL
    assert look(at, {"serving": 1}, target).held is Held.HELD


@pytest.mark.parametrize("expect", [{}, {"serving": "0"}, {"none_of": "agent"}, {"none_of": [""]}, {"none_of": []}])
def test_what_is_not_understood_is_never_held(at: Scene, expect: Mapping[str, Json]) -> None:
    """An expectation of something else is an error, not a yes."""
    scale(at, 0)
    with pytest.raises(PsfirError, match="what to expect"):
        look(at, expect)


def test_who_may_not_look_could_not_tell(at: Scene) -> None:
    """Whichever of the looks it is that is not allowed."""
    scale(at, 0)
    rules = [
        Rule(("get",), ("services",), names=("agent",)),
        Rule(("list",), ("endpointslices",), ("discovery.k8s.io",)),
        Rule(("list",), ("pods",)),
    ]
    for number, missing in enumerate(("services", "endpointslices", "pods")):
        user = f"limited-{number}"
        at.cluster.user(user, *rules[:number])
        with pytest.raises(Denied, match=f'resource "{missing}"'):
            look(at, NOBODY, by=at.connection(user))
    at.cluster.user("enough", *rules)
    assert look(at, NOBODY, by=at.connection("enough")).held is Held.HELD


def test_a_server_that_hangs_could_not_be_told(at: Scene) -> None:
    """Within the share of the look."""
    probe = EndpointsProbe(at.connection())
    probe.look(SERVICE, NOBODY, within=10)
    at.front.fault(Fault("silent", wire=hang))
    with pytest.raises(Unreachable):
        probe.look(SERVICE, NOBODY, within=0.3)
