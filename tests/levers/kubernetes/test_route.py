"""kubernetes.route on a Service, an Ingress with several hosts, and an HTTPRoute."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TypeAlias

import pytest

from psfir.contracts import Preflight
from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.preflight import Ready
from psfir.errors import Drift, NoSuchTarget, UsageError
from psfir.range.kubernetes.access import Rule
from psfir.range.kubernetes.layouts import deployment, ingress
from psfir.range.kubernetes.resources import DEPLOYMENTS, ENDPOINT_SLICES, HTTP_ROUTES, INGRESSES, SERVICES, Obj
from tests.levers.kubernetes.cluster_stage import NAME, NAMESPACE, ClusterStage
from tests.levers.kubernetes.pulling import WITHIN, held, planned, pulled, restored
from tests.levers.kubernetes.stage_route import SELECTOR, STATIC, HttpRouteStage, IngressStage, ServiceStage

Open: TypeAlias = Callable[[ClusterStage], None]


@pytest.fixture
def opened() -> Iterator[Open]:
    with ExitStack() as stack:

        def enter(stage: ClusterStage) -> None:
            stack.enter_context(stage)

        yield enter


def test_a_service_sends_everybody_to_the_fallback(opened: Open) -> None:
    """The whole selector is replaced: a label that is left over would select nobody. The pods stay."""
    stage = ServiceStage()
    opened(stage)
    made = deployment(NAME, namespace=NAMESPACE)
    made["spec"]["template"]["metadata"]["labels"] = SELECTOR
    stage.cluster.put(made, deployment(STATIC, namespace=NAMESPACE, replicas=1))
    stage.cluster.settle()
    change = pulled(stage)
    stage.cluster.settle()
    (slices,) = stage.cluster.store.all(ENDPOINT_SLICES, NAMESPACE)
    (served,) = slices["endpoints"]
    assert served["targetRef"]["name"].startswith(STATIC)
    assert stage.get(DEPLOYMENTS)["status"]["readyReplicas"] == 3
    restored(stage, change)
    assert stage.get(SERVICES)["spec"]["selector"] == SELECTOR


def test_every_host_and_the_default_of_an_ingress(opened: Open) -> None:
    """Each path of each; and exactly what was there comes back."""
    stage = IngressStage()
    opened(stage)
    before = stage.get(INGRESSES, "support")["spec"]
    change = pulled(stage)
    assert stage.backends() == {"support.example": [STATIC] * 2, "help.example": [STATIC] * 2, "": [STATIC]}
    restored(stage, change)
    assert stage.get(INGRESSES, "support")["spec"] == before


def test_only_the_hosts_that_are_named(opened: Open) -> None:
    """The others, and the default, may be somebody else's; a slip in a name is an error."""
    stage = IngressStage()
    opened(stage)
    stage.target = {**stage.target, "hosts": ["help.example"]}
    assert held(stage, pulled(stage)) is Held.HELD
    assert stage.backends() == {"support.example": [NAME] * 2, "help.example": [STATIC] * 2, "": [NAME]}
    stage.target = {**stage.target, "hosts": ["halp.example"]}
    with pytest.raises(UsageError, match="no host halp"):
        planned(stage)


def test_a_host_that_somebody_added_is_drift(opened: Open) -> None:
    """It would serve the feature: the kill is planned again, and no restore takes it away."""
    stage = IngressStage()
    opened(stage)
    change = pulled(stage)
    rules = stage.get(INGRESSES, "support")["spec"]["rules"]
    stage.edit(INGRESSES, {"spec": {"rules": [*rules, {**rules[0], "host": "new.example"}]}}, "support")
    assert held(stage, change) is Held.NOT_HELD
    with pytest.raises(Drift):
        stage.lever().restore(change, within=WITHIN)
    assert "new.example" in stage.backends()


def test_a_route_keeps_its_redirects(opened: Open) -> None:
    """A rule that sends elsewhere may name no backend; the weights of the others come back."""
    stage = HttpRouteStage()
    opened(stage)
    before = stage.get(HTTP_ROUTES)["spec"]
    change = pulled(stage)
    first, last = stage.rules()
    assert first["backendRefs"] == [{"group": "", "kind": "Service", "name": STATIC, "port": 80, "weight": 1}]
    assert last == before["rules"][1]
    restored(stage, change)
    assert stage.get(HTTP_ROUTES)["spec"] == before


def test_what_leads_nowhere_is_no_target(opened: Open) -> None:
    """A Service that is another name for a host, or an Ingress whose rules have no paths."""
    stage = ServiceStage()
    opened(stage)
    outside: Obj = {"type": "ExternalName", "externalName": "ai.example", "selector": SELECTOR}
    head: Obj = {"apiVersion": "v1", "kind": "Service"}
    stage.cluster.put({**head, "metadata": {"name": "outside", "namespace": NAMESPACE}, "spec": outside})
    bare = ingress("bare", namespace=NAMESPACE)
    bare["spec"]["rules"] = [{"host": "bare.example"}]
    stage.cluster.put(bare)
    targets: list[dict[str, Json]] = [{"service": "outside"}, {"ingress": "bare"}]
    for target in targets:
        with pytest.raises(NoSuchTarget, match="leads to nothing"):
            stage.lever().read({"namespace": NAMESPACE, **target}, within=WITHIN)


def test_one_way_at_a_time(opened: Open) -> None:
    """Neither none nor two."""
    stage = ServiceStage()
    opened(stage)
    for target in ({"namespace": NAMESPACE}, {**stage.target, "ingress": "support"}):
        with pytest.raises(UsageError, match="the target names"):
            stage.lever().read(target, within=WITHIN)


@pytest.mark.parametrize("make", [IngressStage, HttpRouteStage])
def test_nobody_is_sent_to_a_fallback_that_is_not_there(opened: Open, make: type[ClusterStage]) -> None:
    """A slip in its name, or in its port: a look ahead says so, and the pull leaves everything as it is."""
    stage = make()
    opened(stage)
    for service, port, said in (
        ("support-statc", 80, "service support-statc, .* is not there"),
        (STATIC, 8080, f"service {STATIC}, .* has no port 8080"),
    ):
        stage.settings = {"service": service, "port": port}
        lever = stage.lever()
        assert isinstance(lever, Preflight)
        ahead = lever.check(stage.target, stage.settings, within=WITHIN)
        assert [one.ready for one in ahead if re.search(said, one.says)] == [Ready.WOULD_FAIL]
        with pytest.raises(NoSuchTarget, match=said):
            lever.apply(planned(stage), within=WITHIN)
    assert stage.writes() == 0


def test_who_may_not_look_at_services_sends_them_all_the_same(opened: Open) -> None:
    """Not to know whether the fallback is there is no reason not to kill."""
    stage = IngressStage()
    opened(stage)
    rule = Rule(("get", "patch"), ("ingresses",), ("networking.k8s.io",), NAMESPACE)
    stage.cluster.user("router", rule)
    pulled(stage, stage.lever(user="router"))
    assert stage.pulled()
