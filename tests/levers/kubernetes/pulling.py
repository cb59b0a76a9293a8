"""What the tests of Kubernetes levers do over and over: plan a stage's change, pull it, and see what is known of it."""

from __future__ import annotations

from psfir.contracts import Lever
from psfir.domain.change import Change, Held, Result
from psfir.engine.restore import reversed_change
from tests.levers.kubernetes.cluster_stage import ClusterStage

WITHIN = 10.0


def planned(stage: ClusterStage, lever: Lever | None = None) -> Change:
    """What the lever would do to the stage as it is now."""
    lever = lever or stage.lever()
    change = lever.plan(stage.target, lever.read(stage.target, within=WITHIN), stage.mode, stage.settings)
    assert isinstance(change, Change), change
    return change


def notes(stage: ClusterStage, lever: Lever | None = None) -> str:
    """What a person is told before the kill, in one text."""
    return "\n".join((lever or stage.lever()).read(stage.target, within=WITHIN).notes)


def pulled(stage: ClusterStage, lever: Lever | None = None) -> Change:
    """The change, once it is carried out."""
    lever = lever or stage.lever()
    change = planned(stage, lever)
    outcome = lever.apply(change, within=WITHIN)
    assert outcome.result is Result.CHANGED, outcome
    return change


def restored(stage: ClusterStage, change: Change, lever: Lever | None = None) -> None:
    """It is back, and is seen to be: the engine looks after a restore too."""
    lever = lever or stage.lever()
    outcome = lever.restore(change, within=WITHIN)
    assert outcome.result is Result.CHANGED, outcome
    looked = lever.verify(reversed_change(change), within=WITHIN)
    assert looked.held is Held.HELD, looked


def held(stage: ClusterStage, change: Change) -> Held:
    return stage.lever().verify(change, within=WITHIN).held
