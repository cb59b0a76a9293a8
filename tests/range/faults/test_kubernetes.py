"""What goes wrong with the cluster bites at psfir's own client, and is gone when it is healed."""

import pytest

from psfir.errors import Denied, LeverError, UsageError
from psfir.range.faults.order import Order
from psfir.range.faults.standing import Faults
from psfir.range.kubernetes.resources import Obj
from tests.range.faults.reaching import AGENT, DEPLOYMENT, SPACE, Reaching, until

pytestmark = pytest.mark.xdist_group("range")
WITHIN = 5.0


def scaled(reaching: Reaching, replicas: int) -> None:
    reaching.cluster.patch(DEPLOYMENT, {"spec": {"replicas": replicas}}, within=WITHIN)


def test_a_frozen_server_answers_nothing_and_does_nothing(faults: Faults, reaching: Reaching) -> None:
    """What was asked meanwhile is not done later either."""
    faults.begin(Order("kubernetes.frozen"))
    with pytest.raises(LeverError):
        reaching.cluster.patch(DEPLOYMENT, {"spec": {"replicas": 1}}, within=0.7)
    faults.heal()
    assert reaching.cluster.get(DEPLOYMENT, within=WITHIN)["spec"]["replicas"] == 3


@pytest.mark.parametrize("reads", [False, True])
def test_denied_refuses_changes_and_looks_if_it_says_so(faults: Faults, reaching: Reaching, *, reads: bool) -> None:
    """403, told as a Status."""
    faults.begin(Order("kubernetes.denied", {"reads": reads}))
    with pytest.raises(Denied):
        scaled(reaching, 0)
    if reads:
        with pytest.raises(Denied):
            reaching.cluster.get(DEPLOYMENT, within=WITHIN)
    else:
        assert reaching.cluster.get(DEPLOYMENT, within=WITHIN)
    faults.heal()
    scaled(reaching, 3)


def test_undone_puts_back_after_a_while_and_only_what_it_holds(faults: Faults, reaching: Reaching) -> None:
    """A scale to 0 stands for so long, and then is gone; once healed it stays."""
    faults.begin(Order("kubernetes.undone", {"within": "1s", "deployment": AGENT}))
    scaled(reaching, 0)
    assert reaching.replicas() == 0
    until(lambda: reaching.replicas() == 3)
    faults.heal()
    scaled(reaching, 2)
    reaching.estate.kubernetes.settle()
    assert reaching.replicas() == 2
    scaled(reaching, 3)


def test_undone_needs_a_deployment_that_is_there(faults: Faults) -> None:
    """The one that was probably meant is named."""
    with pytest.raises(UsageError, match="did you mean support-agent"):
        faults.begin(Order("kubernetes.undone", {"deployment": "suport-agent"}))
    assert [one.what for one in faults.history] == ["failed"]


def test_slow_pods_linger(faults: Faults, reaching: Reaching) -> None:
    """Scaled to nothing, its pods are there until the fault is healed."""
    cluster = reaching.estate.kubernetes
    faults.begin(Order("kubernetes.slow_pods", {"gone": "5m", "ready": "0s"}))
    scaled(reaching, 0)
    until(lambda: all("deletionTimestamp" in pod["metadata"] for pod in _pods(reaching)))
    assert len(_pods(reaching)) == 3
    faults.heal()
    until(lambda: not _pods(reaching))
    scaled(reaching, 3)
    cluster.settle()
    until(lambda: len([seat for seat in reaching.estate.assistants[0].seats if seat.agent]) == 3)


def _pods(reaching: Reaching) -> list[Obj]:
    there = reaching.estate.kubernetes.pods(SPACE)
    return [pod for pod in there if pod["metadata"]["labels"].get("app") == AGENT]
