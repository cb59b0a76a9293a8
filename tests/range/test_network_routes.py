"""Where an Ingress, an HTTPRoute and a Service send a request, and who answers it, also after a lever's pull."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from psfir.range.kubernetes import resources
from psfir.range.kubernetes.layouts import deployment, http_route, ingress, network_policy, service
from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.network.peers import Outside
from psfir.range.network.policies import Network
from psfir.range.network.routes import Backend, Routes
from tests.levers.kubernetes.cluster_stage import NAME, NAMESPACE
from tests.levers.kubernetes.pulling import pulled, restored
from tests.levers.kubernetes.stage_network_policy import NetworkPolicyStage
from tests.levers.kubernetes.stage_quarantine import QuarantineStage
from tests.levers.kubernetes.stage_route import SELECTOR, STATIC, HttpRouteStage, IngressStage, ServiceStage

MODEL = Outside("203.0.113.7", 443)


@pytest.fixture
def still() -> Iterator[Kubernetes]:
    """Nothing happens in it by itself."""
    cluster = Kubernetes(controllers=False)
    yield cluster
    cluster.stop()


def to(name: str, port: Obj | None = None) -> Obj:
    return {"service": {"name": name, "port": port or {"number": 80}}}


def names(pods: list[Obj]) -> list[str]:
    return sorted(pod["metadata"]["name"] for pod in pods)


@pytest.mark.parametrize(
    ("path", "host", "service"),
    [
        ("/", "", "all"),
        ("/chat", "", "exact"),
        ("/chat/", "", "chat"),
        ("/chat/1?a=b", "", "chat"),
        ("/chats", "", "all"),
        ("/chat", "shop.example", "exact"),
        ("/chat", "a.wild.example", "wild"),
        ("/chat", "a.b.wild.example", "anybody"),
        ("/chat", "elsewhere.example", "anybody"),
        ("/other", "elsewhere.example", "default"),
    ],
)
def test_an_ingress_sends_by_host_and_path(still: Kubernetes, path: str, host: str, service: str) -> None:
    """The exact path first, then the longest prefix, step by step; what no rule takes goes to the default."""
    made = ingress("shop")
    made["spec"] = {
        "defaultBackend": to("default"),
        "rules": [
            {
                "host": "shop.example",
                "http": {
                    "paths": [
                        {"path": "/", "pathType": "Prefix", "backend": to("all")},
                        {"path": "/chat", "pathType": "Prefix", "backend": to("chat")},
                        {"path": "/chat", "pathType": "Exact", "backend": to("exact")},
                    ]
                },
            },
            {
                "host": "*.wild.example",
                "http": {"paths": [{"pathType": "ImplementationSpecific", "backend": to("wild")}]},
            },
            {"http": {"paths": [{"path": "/chat", "pathType": "Prefix", "backend": to("anybody")}]}},
        ],
    }
    still.put(made)
    assert Routes(still).backend("default", "shop", path=path, host=host) == Backend("default", service, 80)


def test_a_port_may_be_named_and_a_way_may_lead_nowhere(still: Kubernetes) -> None:
    """A name that the Service has not, a route that is not there, a path that nothing takes."""
    named = service("named")
    named["spec"]["ports"][0]["name"] = "http"
    made = ingress("shop")
    made["spec"] = {
        "rules": [
            {
                "http": {
                    "paths": [
                        {"path": "/a", "pathType": "Prefix", "backend": to("named", {"name": "http"})},
                        {"path": "/b", "pathType": "Prefix", "backend": to("named", {"name": "other"})},
                    ]
                }
            }
        ]
    }
    still.put(named, made)
    routes = Routes(still)
    assert routes.backend("default", "shop", path="/a") == Backend("default", "named", 80)
    for name, path in (("shop", "/b"), ("shop", "/c"), ("none", "/")):
        assert routes.backend("default", name, path=path) is None
    assert routes.answering(None) == []


def test_an_http_route_sends_by_weight(still: Kubernetes) -> None:
    """`share` says which of them; one that weighs nothing gets nobody."""
    made = http_route("shop")
    refs = [{"name": name, "port": 80, "weight": weight} for name, weight in (("old", 3), ("none", 0), ("new", 1))]
    made["spec"]["rules"][0]["backendRefs"] = refs
    still.put(made)
    found = [Routes(still).backend("default", "shop", share=share) for share in (0.0, 0.7, 0.75, 0.999)]
    assert [each and each.service for each in found] == ["old", "old", "new", "new"]
    made["spec"]["rules"][0]["backendRefs"] = [{"name": "old", "port": 80, "weight": 0}]
    still.put(made)
    assert Routes(still).backend("default", "shop") is None


@pytest.mark.parametrize(
    ("path", "host", "service"),
    [
        ("/chat", "a.b.shop.example", "exact"),
        ("/chat/1", "", "chat"),
        ("/v1/any", "", "pattern"),
        ("/old", "", None),
        ("/far", "", None),
        ("/secret", "", None),
        ("/chat", "elsewhere.example", None),
    ],
)
def test_an_http_route_sends_by_its_matches(still: Kubernetes, path: str, host: str, service: str | None) -> None:
    """A redirect, a Service of somebody else's namespace, a header that no request here has: nowhere."""

    def rule(kind: str, value: str, **more: object) -> Obj:
        refs = [{"name": more.get("name", "chat"), "port": 80, **({"namespace": "b"} if "far" in value else {})}]
        match = {"path": {"type": kind, "value": value}, **({"headers": more["headers"]} if "headers" in more else {})}
        return {"matches": [match], "backendRefs": refs}

    made = http_route("shop")
    redirect = {"type": "RequestRedirect", "requestRedirect": {"scheme": "https"}}
    made["spec"] |= {
        "hostnames": ["*.shop.example"],
        "rules": [
            rule("PathPrefix", "/chat"),
            rule("Exact", "/chat", name="exact"),
            rule("RegularExpression", "/v[0-9]/.*", name="pattern"),
            rule("RegularExpression", "(", name="broken"),
            rule("PathPrefix", "/far"),
            rule("PathPrefix", "/secret", headers=[{"name": "x", "value": "y"}]),
            {"matches": [{"path": {"type": "PathPrefix", "value": "/old"}}], "filters": [redirect]},
        ],
    }
    still.put(made)
    assert Routes(still).backend("default", "shop", path=path, host=host) == (
        service and Backend("default", service, 80)
    )


def test_endpoints_are_the_ready_pods(still: Kubernetes) -> None:
    """A pod that says it is not ready is none, until it says that it is; a Service that is gone has none."""
    with Kubernetes() as cluster:
        cluster.put(deployment(), service())
        cluster.settle()
        routes = Routes(cluster)
        every = names(routes.pods_of("default", {"app": "agent"}))
        assert names(routes.endpoints("default", "agent")) == every
        assert len(every) == 3
        assert routes.pod_port(Backend("default", "agent", 80)) == 8080
        assert routes.pod_port(Backend("default", "agent", 81)) is None
        assert cluster.ready("default", every[0], False)
        cluster.settle()
        assert names(routes.endpoints("default", "agent")) == every[1:]
        assert cluster.get(resources.DEPLOYMENTS, "agent")["status"]["readyReplicas"] == 2
        assert cluster.ready("default", every[0])
        cluster.settle()
        assert names(routes.endpoints("default", "agent")) == every
        cluster.remove(resources.SERVICES, "agent")
        cluster.settle()
        assert routes.endpoints("default", "agent") == []
        assert not cluster.ready("default", "nobody", False)


def test_routing_a_service_moves_who_answers() -> None:
    """The real lever, over the socket, and back."""
    with ServiceStage() as stage:
        made = deployment(NAME, namespace=NAMESPACE)
        made["spec"]["template"]["metadata"]["labels"] = SELECTOR
        stage.cluster.put(made, deployment(STATIC, namespace=NAMESPACE, replicas=1))
        stage.cluster.settle()
        routes = Routes(stage.cluster)
        before = names(routes.endpoints(NAMESPACE, NAME))
        assert len(before) == 3
        change = pulled(stage)
        stage.cluster.settle()
        (static,) = names(routes.endpoints(NAMESPACE, NAME))
        assert static.startswith(STATIC)
        restored(stage, change)
        stage.cluster.settle()
        assert names(routes.endpoints(NAMESPACE, NAME)) == before


@pytest.mark.parametrize(("make", "name"), [(IngressStage, "support"), (HttpRouteStage, NAME)])
def test_routing_an_ingress_or_an_http_route_moves_the_way(make: type[IngressStage], name: str) -> None:
    """Whichever host and path is asked for."""
    with make() as stage:
        routes = Routes(stage.cluster)
        assert routes.backend(NAMESPACE, name, path="/chat") == Backend(NAMESPACE, NAME, 80)
        change = pulled(stage)
        for share in (0.0, 0.99):
            assert routes.backend(NAMESPACE, name, path="/chat", share=share) == Backend(NAMESPACE, STATIC, 80)
        restored(stage, change)
        assert routes.backend(NAMESPACE, name, path="/chat") == Backend(NAMESPACE, NAME, 80)


def test_quarantine_takes_pods_out_and_leaves_them_there() -> None:
    """They answer for the Service no longer, and still run."""
    with QuarantineStage() as stage:
        routes = Routes(stage.cluster)
        before = names(routes.endpoints(NAMESPACE, NAME))
        assert len(before) == 2
        change = pulled(stage)
        stage.cluster.settle()
        assert routes.endpoints(NAMESPACE, NAME) == []
        assert names(routes.pods_of(NAMESPACE, {"app": NAME})) == before
        restored(stage, change)
        stage.cluster.settle()
        assert names(routes.endpoints(NAMESPACE, NAME)) == before


def test_a_network_policy_cuts_the_pods_off() -> None:
    """As long as no other policy lets them out; the policy that the stage has already shuts them, so it goes first."""
    with NetworkPolicyStage() as stage:
        stage.cluster.remove(resources.NETWORK_POLICIES, "shut", namespace=NAMESPACE)
        network, one = Network(stage.cluster), stage.cluster.pods(NAMESPACE)[0]
        assert network.reaches(one, MODEL)
        change = pulled(stage)
        assert not network.reaches(one, MODEL)
        assert network.reaches(MODEL, one, 8080)
        stage.cluster.put(network_policy("open", namespace=NAMESPACE, selector={"app": NAME}, egress=[{}]))
        assert network.reaches(one, MODEL)
        stage.cluster.remove(resources.NETWORK_POLICIES, "open", namespace=NAMESPACE)
        assert not network.reaches(one, MODEL)
        restored(stage, change)
        assert network.reaches(one, MODEL)
