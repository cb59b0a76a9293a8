"""What goes wrong in the assistant, with looking at it, and with clocks."""

import pytest

from psfir.errors import LeverError, UsageError
from psfir.range.assistant.assistant import Assistant
from psfir.range.assistant.scenarios import SCENARIOS
from psfir.range.faults.order import Order
from psfir.range.faults.standing import Faults
from psfir.range.kubernetes import resources
from psfir.range.traffic import traffic
from tests.range.faults.reaching import AGENT, SPACE, Reaching, until

pytestmark = pytest.mark.xdist_group("range")


def test_one_replica_hears_nothing_new(faults: Faults, reaching: Reaching) -> None:
    """The flag is off, and the second replica by name serves on; healed, it hears what it missed."""
    (assistant,) = reaching.estate.assistants
    faults.begin(Order("assistant.stale_replica", {"replica": 2}))
    reaching.flag(on=False)
    try:
        until(lambda: [seat.parts.on for seat in assistant.seats].count(True) == 1)
        agents = [seat for seat in assistant.seats if seat.agent]
        assert [seat.parts.on for seat in agents] == [False, True, False]
        faults.heal()
        until(lambda: not any(seat.parts.on for seat in assistant.seats))
    finally:
        reaching.flag(on=True)
    until(lambda: all(seat.parts.on for seat in assistant.seats))


def test_when_its_pod_is_replaced_the_one_in_its_place_hears_nothing_new(faults: Faults, reaching: Reaching) -> None:
    """While the fault is on somebody is stale, also where all pods were gone in between; healed nobody is."""
    (assistant,) = reaching.estate.assistants
    faults.begin(Order("assistant.stale_replica", {"replica": 3}))
    (last,) = [seat for seat in assistant.seats if seat.agent][2:]
    assert cut_off(assistant) == [last.pod]
    reaching.estate.kubernetes.remove(resources.PODS, last.pod, namespace=SPACE)
    until(lambda: last.pod not in cut_off(assistant) and len(cut_off(assistant)) == 1)
    scaled(reaching, 0)
    scaled(reaching, 3)
    until(lambda: len(cut_off(assistant)) == 1)
    reaching.flag(on=False)
    try:
        until(lambda: [seat.parts.on for seat in assistant.seats].count(True) == 1)
        faults.heal()
        until(lambda: not any(seat.parts.on for seat in assistant.seats))
    finally:
        reaching.flag(on=True)
    until(lambda: all(seat.parts.on for seat in assistant.seats))
    assert cut_off(assistant) == []


def scaled(reaching: Reaching, replicas: int) -> None:
    fields = {"spec": {"replicas": replicas}}
    reaching.estate.kubernetes.edit(resources.DEPLOYMENTS, AGENT, fields, namespace=SPACE)
    until(lambda: reaching.estate.assistants[0].replicas == replicas)


def cut_off(assistant: Assistant) -> list[str]:
    return [seat.pod for seat in assistant.seats if seat.is_stale]


@pytest.mark.parametrize("after", [0.0, 60.0])
def test_a_replica_that_is_not_there_is_refused_with_what_there_is(faults: Faults, after: float) -> None:
    """Now or for later."""
    with pytest.raises(UsageError, match="support-assistant has 3 replicas, and replica is 99") as refused:
        faults.begin(Order("assistant.stale_replica", {"replica": 99}, after=after))
    assert refused.value.todo == "set replica to 1 to 3"
    assert faults.standing == ()


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_scenario_is_a_fault(faults: Faults, reaching: Reaching, name: str) -> None:
    """By its name, and healed the assistant behaves."""
    (assistant,) = reaching.estate.assistants
    faults.begin(Order(f"assistant.{name}"))
    assert assistant.scenario == name
    faults.heal()
    assert assistant.scenario == ""


def test_one_scenario_takes_the_place_of_another(faults: Faults, reaching: Reaching) -> None:
    """The earlier one is over, and told to be."""
    (assistant,) = reaching.estate.assistants
    faults.begin(Order("assistant.drifts"))
    faults.begin(Order("assistant.leaks_order"))
    assert [one.name for one in faults.standing] == ["assistant.leaks_order"]
    assert [(one.what, one.fault) for one in faults.history][1] == ("ended", "assistant.drifts")
    faults.heal("assistant.leaks_order")
    assert assistant.scenario == ""


def test_customers_notice(faults: Faults, reaching: Reaching) -> None:
    """Harmful answers flow, and the traffic tells it."""
    faults.begin(Order("assistant.leaks_order"))

    def harmful() -> bool:
        seen = traffic(reaching.estate)
        assert isinstance(seen["harmful"], float)
        return seen["harmful"] > 0

    until(harmful)


def test_a_system_that_is_not_there_is_named(faults: Faults) -> None:
    """With the one that was probably meant."""
    with pytest.raises(UsageError, match=r"no system 'suport-assistant'.*did you mean support-assistant\?"):
        faults.begin(Order("assistant.drifts", {"system": "suport-assistant"}))


@pytest.mark.parametrize("how", ["refused", "silent"])
def test_the_probes_path_is_cut_and_customers_go_on(faults: Faults, reaching: Reaching, how: str) -> None:
    """No probe reaches an edge, while answers are counted."""
    counters = reaching.estate.counters
    faults.begin(Order("probe.path_cut", {"how": how}))
    with pytest.raises(LeverError):
        reaching.edge(within=0.7)
    before = counters.value("gateway_answers_total")
    until(lambda: counters.value("gateway_answers_total") > before + 5)
    faults.heal()
    assert reaching.edge()["assistant"] == "on"


def test_prometheus_goes_on_with_old_numbers(faults: Faults, reaching: Reaching) -> None:
    """The time of its last look stands still, and moves again when it is healed."""
    faults.begin(Order("probe.metrics_stale"))
    before = reaching.scraped()
    with pytest.raises(AssertionError):
        until(lambda: reaching.scraped() > before + 0.7, 1.5)
    faults.heal()
    until(lambda: reaching.scraped() > before)


@pytest.mark.parametrize(("behind", "seconds"), [(False, 300), (True, -300)])
def test_the_vendors_clocks_are_set_off(faults: Faults, reaching: Reaching, seconds: int, *, behind: bool) -> None:
    """By as much as it says, and back."""
    clock = reaching.estate.clock
    faults.begin(Order("clock.skew", {"by": "5m", "behind": behind}))
    assert clock.skew == seconds
    faults.heal()
    assert clock.skew == 0
