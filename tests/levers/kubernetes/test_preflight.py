"""Looking ahead on Kubernetes: what the API server itself says about tonight, and nothing is changed by asking."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar

import pytest

from psfir.app.catalog import installed_catalog
from psfir.contracts import Lever, Preflight
from psfir.domain.about import Permission
from psfir.domain.canon import Json
from psfir.domain.change import Change, Result
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.levers.kubernetes.replicas import Replicas
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.kubernetes.access import Rule
from psfir.range.kubernetes.layouts import config_map, cron_job, deployment, hpa, ingress, scaled_object, service
from psfir.range.kubernetes.resources import Obj
from psfir.range.server import Reply
from tests.levers.kubernetes.cluster_stage import NAME, NAMESPACE, ClusterStage
from tests.levers.kubernetes.pulling import WITHIN

LEVERS = [name for name in installed_catalog().names("levers") if name.startswith("kubernetes.")]
SERVING = {"app": NAME, "serving": "yes"}
RBAC = "rbac.authorization.k8s.io"


class World(ClusterStage):
    """Something for every lever's example."""

    name = "kubernetes"
    make = Replicas
    target: Mapping[str, Json] = Replicas.about.example["target"]  # type: ignore[assignment]  # it is a mapping
    settings: Mapping[str, Json] = {"replicas": 0}
    pace: ClassVar[Mapping[str, float]] = {"undo": 3600.0}

    def lay_out(self) -> None:
        for image in ("agent:1", "agent:2"):
            made = deployment(NAME, namespace=NAMESPACE, image=image)
            made["spec"]["template"]["metadata"]["labels"] = dict(SERVING)
            self.cluster.put(made)
            self.cluster.settle()
        self.cluster.put(
            service(NAME, namespace=NAMESPACE, selector=SERVING),
            config_map(NAME, namespace=NAMESPACE, data={"MODEL": "large"}),
            ingress("support", namespace=NAMESPACE),
            service("support-static", namespace=NAMESPACE),
            cron_job("nightly-digest", namespace=NAMESPACE),
        )
        self.cluster.strike()

    def pulled(self) -> bool:
        raise NotImplementedError

    def disturb(self) -> None:
        raise NotImplementedError


@pytest.fixture
def world() -> Iterator[World]:
    with World() as world:
        yield world


def rung(name: str) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
    """Target and settings of the lever's own example."""
    example = installed_catalog().lever(name).example
    target, settings = example["target"], example["set"]
    assert isinstance(target, Mapping)
    assert isinstance(settings, Mapping)
    return target, settings


def look_ahead(lever: Lever, **settings: Json) -> list[Finding]:
    target, usual = rung(lever.about.name)
    assert isinstance(lever, Preflight)
    return list(lever.check(target, settings or usual, within=WITHIN))


def of(found: Sequence[Finding], matter: Matter) -> list[tuple[Ready, str]]:
    return [(one.ready, one.says) for one in found if one.matter is matter]


def made(world: World, name: str, user: str = "admin", url: str = "") -> Lever:
    return installed_catalog().load_lever(name)(world.connection(url, user=user))


def rules(permissions: Sequence[Permission], target: Mapping[str, Json]) -> list[Rule]:
    """A role of exactly these, on the very objects where they name one."""
    found = []
    for one in permissions:
        whole, _, field = one.resource.partition("/{")
        group, _, resource = whole.rpartition("/")
        names = (str(target.get(field.rstrip("}"))),) if field else ()
        found.append(Rule((one.action,), (resource,), (group,), names=names))
    return found


def scaler(*more: Rule) -> tuple[Rule, ...]:
    return Rule(("get", "patch"), ("deployments",), ("apps",)), *more


@pytest.mark.parametrize("name", LEVERS)
def test_every_lever_looks_ahead_and_changes_nothing(world: World, name: str) -> None:
    """Its own example is ready for who may do everything; the one warning is that enforcing a policy is not seen."""
    found = look_ahead(made(world, name))
    assert [one.matter for one in found[:2]] == [Matter.CREDENTIAL, Matter.TARGET]
    assert {Matter.PERMISSION, Matter.UNDONE_BY} <= {one.matter for one in found}
    bad = [one for one in found if one.ready is not Ready.READY]
    assert all(one.ready is Ready.BEWARE and one.matter is Matter.TARGET for one in bad), bad
    assert world.cluster.writes == 0


@pytest.mark.parametrize("name", LEVERS)
def test_the_permissions_that_a_lever_names_are_enough(world: World, name: str) -> None:
    """A role made of them alone is ready, pulls the example and puts it back."""
    target, settings = rung(name)
    world.cluster.user("psfir", *rules(installed_catalog().lever(name).permissions, target))
    lever = made(world, name, "psfir")
    assert Ready.WOULD_FAIL not in {one.ready for one in look_ahead(lever)}
    change = lever.plan(target, lever.read(target, within=WITHIN), lever.about.modes[0], settings)
    assert isinstance(change, Change)
    assert lever.apply(change, within=WITHIN).result is Result.CHANGED
    assert lever.verify(change, within=WITHIN).says
    assert lever.restore(change, within=WITHIN).result is Result.CHANGED


def test_a_permission_that_is_missing_is_named(world: World) -> None:
    """With the words that a role is written in."""
    world.cluster.user("reader", Rule(("get", "list"), ("*",), ("*",)))
    found = look_ahead(made(world, "kubernetes.config", "reader"))
    assert [says for ready, says in of(found, Matter.PERMISSION) if ready is Ready.WOULD_FAIL] == [
        "the credential may not patch configmaps in namespace assistants",
        "the credential may not patch apps/deployments in namespace assistants",
    ]
    assert {one.todo for one in found if one.ready is Ready.WOULD_FAIL} == {
        "allow it to patch configmaps in namespace assistants",
        "allow it to patch apps/deployments in namespace assistants",
    }


def test_only_what_the_target_names_is_asked_for(world: World) -> None:
    """A rung on a Deployment needs no right on StatefulSets."""
    found = look_ahead(made(world, "kubernetes.replicas"))
    ((_, says),) = of(found, Matter.PERMISSION)
    assert "patch apps/deployments" in says
    assert "statefulsets" not in says


def test_a_credential_that_is_not_known_would_fail(world: World) -> None:
    """401: nothing else can be asked."""
    lever = made(world, "kubernetes.replicas")
    world.cluster.access.dismiss(world.secrets[0])
    ((matter, ready, todo),) = [(one.matter, one.ready, one.todo) for one in look_ahead(lever)]
    assert (matter, ready) == (Matter.CREDENTIAL, Ready.WOULD_FAIL)
    assert "renew it" in todo


def test_a_cluster_that_is_not_reached_cannot_be_told(world: World) -> None:
    """What is away now need not be tonight."""
    lever = made(world, "kubernetes.replicas", url="http://127.0.0.1:9")
    assert [(one.matter, one.ready) for one in look_ahead(lever)] == [(Matter.CREDENTIAL, Ready.COULD_NOT_TELL)]


def test_a_target_that_is_not_there_would_fail(world: World) -> None:
    """The permissions are told all the same."""
    target = {"connection": "prod-eu", "namespace": NAMESPACE, "deployment": "nobody"}
    found = Replicas(world.connection()).check(target, {"replicas": 0}, within=WITHIN)
    ((ready, says),) = of(found, Matter.TARGET)
    assert ready is Ready.WOULD_FAIL
    assert 'deployments.apps "nobody" not found' in says
    assert of(found, Matter.PERMISSION)


def test_settings_that_make_no_sense_would_fail(world: World) -> None:
    """They are found before the night, in the words of the plan."""
    ((ready, says),) = of(look_ahead(made(world, "kubernetes.replicas"), replicas=-1), Matter.TARGET)
    assert (ready, says) == (Ready.WOULD_FAIL, "kubernetes.replicas is not told how many")


def test_a_role_for_the_scale_alone_is_enough_and_named(world: World) -> None:
    """It would go well, and leaves nobody who owns the number."""
    around = Rule(("*",), ("*",), ("autoscaling", "keda.sh", "argoproj.io"))
    world.cluster.user("scaler", Rule(("get", "patch"), ("deployments/scale",), ("apps",)), around)
    found = of(look_ahead(made(world, "kubernetes.replicas", "scaler")), Matter.PERMISSION)
    assert [says for ready, says in found if ready is Ready.BEWARE] == [
        f"the credential may not {verb} apps/deployments in namespace assistants, but may do so to its scale, "
        "which is enough"
        for verb in ("get", "patch")
    ]
    assert Ready.WOULD_FAIL not in {ready for ready, _ in found}


def test_what_only_an_autoscaler_would_need_is_a_warning(world: World) -> None:
    """There is none now; a kind that the cluster does not know is not even that."""
    world.cluster.user("scaler", *scaler())
    with Front(world.upstream) as front:
        gone = Fault("no such group", reply=Reply(404, {"kind": "Status", "message": "not found", "code": 404}))
        front.fault(gone, when=lambda asked: asked.path == "/apis/keda.sh/v1alpha1")
        found = of(look_ahead(made(world, "kubernetes.replicas", "scaler", front.url)), Matter.PERMISSION)
    assert {ready for ready, _ in found} == {Ready.READY, Ready.BEWARE}
    said = "\n".join(says for _, says in found)
    assert "may not patch autoscaling/horizontalpodautoscalers" in said
    assert "may not list argoproj.io/applications in all namespaces: it is needed where there is one" in said
    assert "scaledobjects" not in said


def test_an_autoscaler_that_is_there_and_may_not_be_held_would_fail(world: World) -> None:
    """At 0 an HPA need not be touched; above, the rung would stop half-way."""
    world.cluster.user("scaler", *scaler(Rule(("get", "list"), ("horizontalpodautoscalers",), ("autoscaling",))))
    world.cluster.put(hpa(NAME, namespace=NAMESPACE))
    lever = made(world, "kubernetes.replicas", "scaler")

    def worst(replicas: int) -> list[str]:
        found = of(look_ahead(lever, replicas=replicas), Matter.PERMISSION)
        return [says for ready, says in found if ready is Ready.WOULD_FAIL]

    assert worst(0) == []
    assert worst(1) == ["the credential may not patch autoscaling/horizontalpodautoscalers in namespace assistants"]


def argo(world: World) -> str:
    world.cluster.application("assistants", deployment(NAME, namespace=NAMESPACE))
    return "Argo CD heals deployment support-agent by itself"


def keda(world: World) -> str:
    world.cluster.put(scaled_object(NAME, namespace=NAMESPACE))
    return "KEDA scaled object support-agent scales deployment support-agent"


@pytest.mark.parametrize("lay_out", [argo, keda])
def test_who_would_undo_it_is_told_beforehand_trap_8(world: World, lay_out: Callable[[World], str]) -> None:
    """The same words as in the plan."""
    said = lay_out(world)
    ((ready, says),) = of(look_ahead(made(world, "kubernetes.replicas")), Matter.UNDONE_BY)
    assert ready is Ready.BEWARE
    assert says.startswith(said)


def bound(user: str, *rules: Obj) -> list[Obj]:
    meta = {"name": user, "namespace": NAMESPACE}
    role = {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": meta, "rules": list(rules)}
    ref = {"apiGroup": RBAC, "kind": "Role", "name": user}
    subjects = [{"apiGroup": RBAC, "kind": "User", "name": user}]
    return [role, {**role, "kind": "RoleBinding", "roleRef": ref, "subjects": subjects}]


class Sluggish(World):
    bindings_after = 0.5


def test_a_role_that_was_bound_a_moment_ago_is_waited_for() -> None:
    """A server does not honour it at once: the look ahead asks again before it says no."""
    with Sluggish() as world:
        world.cluster.user("late", Rule(("*",), ("*",), ("autoscaling", "keda.sh", "argoproj.io")))
        world.cluster.put(*bound("late", {"verbs": ["*"], "apiGroups": ["apps"], "resources": ["deployments"]}))
        found = of(look_ahead(made(world, "kubernetes.replicas", "late")), Matter.PERMISSION)
        assert Ready.WOULD_FAIL not in {ready for ready, _ in found}
