"""Who turns it back on: autoscalers are held, the others are named before the kill, and verify sees what they did."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from threading import Barrier

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Held, Result
from psfir.errors import Drift
from psfir.levers.kubernetes.parts import parts
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.kubernetes.access import Rule
from psfir.range.kubernetes.layouts import config_map, deployment, scaled_object
from psfir.range.kubernetes.resources import CONFIG_MAPS, DEPLOYMENTS, HPAS, SCALED_OBJECTS, Obj
from psfir.range.server import Asked, Reply
from psfir.testing.stage import SILENT
from tests.levers.kubernetes.cluster_stage import NAME, NAMESPACE, NEVER
from tests.levers.kubernetes.pulling import WITHIN, held, notes, planned, pulled, restored
from tests.levers.kubernetes.stage_config import ENV, ConfigStage
from tests.levers.kubernetes.stage_replicas import PAUSED, HpaStage, KedaStage, ReplicasStage

QUICK = {"undo": 0.02}


def replicas(stage: ReplicasStage) -> int:
    """What they are once everybody has done what they wanted to.

    While psfir writes, autoscalers wait: in the moment between two writes of a restore they would have work to do.
    """
    stage.cluster.change(**QUICK)
    stage.cluster.settle()
    stage.cluster.change(undo=NEVER)
    return int(stage.get(DEPLOYMENTS)["spec"]["replicas"])


class HpaAtZero(HpaStage):
    settings: Mapping[str, Json] = {"replicas": 0}


@pytest.fixture
def plain() -> Iterator[ReplicasStage]:
    with ReplicasStage() as stage:
        yield stage


def test_an_hpa_is_pinned_above_0_and_let_go_again_trap_8() -> None:
    """It is named before the kill, does not scale the degraded Deployment back up, and has its bounds back after."""
    with HpaStage() as stage:
        assert f"horizontal pod autoscaler {NAME} scales deployment {NAME} between 2 and 5" in notes(stage)
        change = pulled(stage)
        assert replicas(stage) == 1
        assert held(stage, change) is Held.HELD
        restored(stage, change)
        assert replicas(stage) == 3
        spec = stage.get(HPAS)["spec"]
        assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 5)


def test_an_hpa_that_acts_between_any_two_requests_takes_no_part_in_the_restore_trap_8() -> None:
    """Pinned, it would take the number back at once; let go too late, it would leave what nobody had set."""
    with HpaStage() as stage, Front(stage.upstream) as front:
        change = pulled(stage)
        stage.cluster.change(**QUICK)

        def after_the_hpa(_: Asked) -> bool:
            stage.cluster.settle()
            return False

        front.fault(Fault("none at all", reply=Reply(500)), when=after_the_hpa)
        restored(stage, change, stage.lever(front.url))
        assert replicas(stage) == 3
        assert stage.get(HPAS)["spec"]["maxReplicas"] == 5


def test_what_an_hpa_makes_of_the_number_once_it_is_let_go_is_no_drift_trap_8() -> None:
    """A restore whose process died before its last write is taken up: the HPA has the number in hand already."""
    with HpaStage() as stage:
        change = pulled(stage)
        stage.edit(HPAS, {"spec": {"minReplicas": 2, "maxReplicas": 5}})
        assert replicas(stage) == 2
        lever = stage.lever()
        assert lever.restore(change, within=WITHIN).result is Result.ALREADY_SO
        back = replace(change, before=change.after, after=change.before)
        assert lever.verify(back, within=WITHIN).held is Held.HELD


def test_a_number_that_no_hpa_can_have_chosen_is_drift_trap_19() -> None:
    """Somebody let the HPA go and set the Deployment to 0, where an HPA stands still: that is theirs, and stands."""
    with HpaStage() as stage:
        change = pulled(stage)
        stage.edit(HPAS, {"spec": {"minReplicas": 2, "maxReplicas": 5}})
        stage.edit(DEPLOYMENTS, {"spec": {"replicas": 0}})
        with pytest.raises(Drift, match="somebody else has changed it"):
            stage.lever().restore(change, within=WITHIN)
        assert replicas(stage) == 0


def test_an_hpa_is_left_alone_at_0_trap_8() -> None:
    """There it stands still by itself: it is named, and one write is enough."""
    with HpaAtZero() as stage:
        assert "at 0 it stands still" in notes(stage)
        change = pulled(stage)
        assert replicas(stage) == 0
        assert held(stage, change) is Held.HELD
        assert stage.writes() == 1


def test_who_scales_it_is_looked_for_while_it_is_read() -> None:
    """All three questions are under way at once: the API server answers none before it has heard the last."""
    together = Barrier(3, timeout=5.0)

    def once_all_are_there(reply: Reply) -> Reply:
        together.wait()
        return reply

    with HpaStage() as stage, Front(stage.upstream) as front:
        front.fault(Fault("waits for the others", spoil=once_all_are_there))
        change = planned(stage, stage.lever(front.url))
        assert any("horizontalpodautoscalers" in path for path in parts(change.after))


def test_a_list_that_hangs_takes_no_time_from_the_other_trap_8() -> None:
    """KEDA's answer never comes: the HPA is found and pinned all the same, and the note says what is not known."""
    with HpaStage() as stage, Front(stage.upstream) as front:
        front.fault(SILENT, when=lambda asked: "scaledobjects" in asked.path)
        lever = stage.lever(front.url)
        reading = lever.read(stage.target, within=1.0)
        assert any("horizontalpodautoscalers" in path for path in parts(reading.state))
        assert "scaledobjects could not be listed" in "\n".join(reading.notes)


def test_keda_is_paused_and_let_go_again_trap_8() -> None:
    """It is named before the kill, and starts no pod for the work that waits until it is let go."""
    with KedaStage() as stage:
        assert f"KEDA scaled object {NAME} scales deployment {NAME}" in notes(stage)
        change = pulled(stage)
        assert replicas(stage) == 0
        assert held(stage, change) is Held.HELD
        restored(stage, change)
        assert replicas(stage) == 3
        assert PAUSED not in stage.get(SCALED_OBJECTS)["metadata"].get("annotations", {})


def test_a_pause_of_keda_that_was_there_is_put_back_trap_8() -> None:
    """The annotation that somebody else had set is what restore gives it."""
    with KedaStage() as stage:
        stage.edit(SCALED_OBJECTS, {"metadata": {"annotations": {PAUSED: "3"}}})
        restored(stage, pulled(stage))
        assert stage.get(SCALED_OBJECTS)["metadata"]["annotations"] == {PAUSED: "3"}


def test_the_hpa_that_keda_made_is_kedas_own_affair() -> None:
    """Pausing KEDA takes its HPA away; psfir does not pin what is not there any more."""
    with KedaStage() as stage:
        (own,) = stage.cluster.store.all(HPAS, NAMESPACE)
        assert not any(own["metadata"]["name"] in path for path in parts(planned(stage).before))


def test_argo_cd_is_named_and_what_it_heals_is_seen_trap_8(plain: ReplicasStage) -> None:
    """Nobody can hold it from here: it is named before the kill, and verify says that it did not hold."""
    plain.cluster.application("assistants", deployment(NAME, namespace=NAMESPACE))
    assert f"Argo CD heals deployment {NAME} by itself (application assistants, selfHeal)" in notes(plain)
    change = pulled(plain)
    assert replicas(plain) == 3
    assert held(plain, change) is Held.NOT_HELD


def test_argo_cd_without_self_heal_is_no_warning(plain: ReplicasStage) -> None:
    """It only notes the difference."""
    plain.cluster.application("assistants", deployment(NAME, namespace=NAMESPACE), self_heal=False)
    assert notes(plain) == ""
    change = pulled(plain)
    assert replicas(plain) == 0
    assert held(plain, change) is Held.HELD


def test_argo_cd_heals_a_config_map_too_trap_8() -> None:
    """The same goes for every lever that changes what stands in somebody's repository."""
    with ConfigStage() as stage:
        stage.cluster.change(**QUICK)
        stage.cluster.application("assistants", config_map(NAME, namespace=NAMESPACE, data=ENV))
        assert f"Argo CD heals config map {NAME} by itself" in notes(stage)
        change = pulled(stage)
        stage.cluster.settle()
        assert stage.get(CONFIG_MAPS)["data"] == ENV
        assert held(stage, change) is Held.NOT_HELD


def test_an_operator_is_seen_when_it_undoes_a_kill_trap_8(plain: ReplicasStage) -> None:
    """Whoever it is, and whether it could be named or not."""
    plain.cluster.keep(DEPLOYMENTS, NAME, {"spec": {"replicas": 3}}, namespace=NAMESPACE)
    change = pulled(plain)
    assert replicas(plain) == 3
    assert held(plain, change) is Held.NOT_HELD


OWNED = {
    "ownerReferences": [
        {"apiVersion": "ai.example/v1", "kind": "Assistant", "name": "support", "uid": "u", "controller": True}
    ]
}
FLUX = {"labels": {"app": NAME, "kustomize.toolkit.fluxcd.io/name": "assistants"}}


@pytest.mark.parametrize(
    ("metadata", "said"),
    [(OWNED, "Assistant support controls deployment"), (FLUX, "Flux applies deployment support-agent (assistants)")],
    ids=["an operator", "Flux"],
)
def test_who_owns_it_is_named_before_the_kill_trap_8(plain: ReplicasStage, metadata: Obj, said: str) -> None:
    """From what stands on the object itself."""
    plain.edit(DEPLOYMENTS, {"metadata": metadata})
    assert said in notes(plain)


def test_an_autoscaler_that_may_not_be_listed_is_no_reason_not_to_kill(plain: ReplicasStage) -> None:
    """That it could not be looked for is said; a kind that the cluster does not know is not worth a word."""
    plain.cluster.user("scaler", Rule(("get", "patch"), ("deployments",), ("apps",), NAMESPACE))
    plain.cluster.put(scaled_object(NAME, namespace=NAMESPACE))
    lever = plain.lever(user="scaler")
    assert "may not list scaledobjects: whether one would undo this cannot be told" in notes(plain, lever)
    with Front(plain.upstream) as front:
        gone = Fault("no such group", reply=Reply(404, {"kind": "Status", "message": "not found", "code": 404}))
        front.fault(gone, when=lambda asked: asked.path == "/apis/keda.sh/v1alpha1")
        said = notes(plain, plain.lever(front.url, user="scaler"))
        assert "scaledobjects" not in said
        assert "may not list horizontalpodautoscalers" in said
    pulled(plain, lever)
