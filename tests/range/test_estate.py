"""The range as a whole: it comes up, goes back to its beginning quickly, and says what is wrong with it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from time import perf_counter

import pytest

from psfir.errors import LeverError, UsageError
from psfir.range.assistant.crew import share
from psfir.range.aws.moto import Moto
from psfir.range.estate import Range, Wanted
from psfir.range.faults.order import Order
from psfir.range.kubernetes import layouts, resources
from psfir.range.traffic import traffic
from psfir.testing.waiting import eventually
from tests.range.whole import say, states

POSTS = ("kubeconfig", "connections.yaml", "aws-config", "aws-credentials")


def test_its_servers_are_as_new_in_a_moment(whole: Range) -> None:
    """Thousands of objects too: nobody waits for a reset. Of three the quickest, for the machine is busy."""
    took = []
    for _ in range(3):
        whole.kubernetes.put(*(layouts.config_map(f"many-{number}") for number in range(1000)))
        begun = perf_counter()
        for each in (whole.kubernetes, whole.metrics, whole.slack, whole.counts):
            each.reset()
        whole.launchdarkly.reset()
        took.append(perf_counter() - begun)
    assert min(took) < 0.1
    whole.reset()
    assert whole.kubernetes.store.all(resources.CONFIG_MAPS, "default") == []


def test_a_reset_puts_everything_back(whole: Range) -> None:
    """Faults, scenarios, the clock and what was changed; addresses and secrets stay."""
    before, addresses = whole.environment(), {name: part.url for name, part in whole.parts.items()}
    whole.clock.skew = 3600
    whole.assistants[0].scenario = "drifts"
    whole.reach("launchdarkly")[0].wires.refuse()
    whole.kubernetes.remove(resources.DEPLOYMENTS, "support-agent", namespace="assistants")
    eventually(lambda: say(whole, assistant="off"))
    whole.reset()
    assert whole.clock.skew == 0
    assert whole.assistants[0].scenario == ""
    assert [one["answers"] for one in states(whole)] == ["live", "live"]
    assert whole.environment() == before
    assert {name: part.url for name, part in whole.parts.items()} == addresses


def test_every_reset_ends_with_every_replica_ready(whole: Range) -> None:
    """Time and again, though flags, pods and programs come up side by side."""
    for _ in range(5):
        whole.reset()
        assert [one["assistant"] for one in states(whole)] == ["on", "on"]


def test_what_customers_got_is_told_by_the_real_time(whole: Range) -> None:
    """It is put beside the record, whose clock no fault of the range moves."""
    whole.clock.skew = 1_000_000
    whole.reset(rate=20)
    whole.clock.skew = 1_000_000
    eventually(lambda: len(whole.counts.bins(1)) >= 2)
    bins = whole.counts.bins(1)
    assert len(bins) < 200
    assert abs(bins[0].at - time.time()) < 100


def test_what_customers_get_now_is_told_whatever_the_clock_of_the_range_says(whole: Range) -> None:
    """Rates are taken over the last seconds of the real time, in which the answers were counted."""
    for skew in (3600, -3600):
        whole.reset(rate=20)
        whole.clock.skew = skew
        eventually(lambda: traffic(whole)["answers"] != 0)
    whole.reset()


def test_many_systems_come_up_side_by_side(tmp_path: Path) -> None:
    """Whoever waits hears how far it is; all are ready, each with its share of customers; and so after a reset."""
    heard: list[tuple[str, int, int]] = []
    wanted = Wanted(tmp_path / "range", systems=4, aws=False, heard=lambda *told: heard.append(told))
    with Range(wanted) as estate:
        for _ in range(2):
            assert [told for told in heard if told[0] == "programs ready"][-1] == ("programs ready", 24, 24)
            assert len(states(estate)) == 8
            assert {one["answers"] for one in states(estate)} == {"live"}
            # Also those who come in only when it is up.
            eventually(lambda: all(estate.counts.bins(number) for number in range(1, 5)))
            heard.clear()
            estate.reset()


@pytest.mark.parametrize(("systems", "part"), [(1, 1.0), (3, 1.0), (6, 0.5), (30, 0.1)])
def test_customers_of_many_systems_share_what_one_process_can_answer(systems: int, part: float) -> None:
    """So that the range answers its responders as soon as with few."""
    assert share(systems) == pytest.approx(part)


def test_a_part_that_is_not_there_is_named(whole: Range) -> None:
    with pytest.raises(UsageError, match="no part nowhere") as refused:
        whole.reach("nowhere")
    assert "assistant" in refused.value.todo
    assert len(whole.reach("assistant")) == 2


def test_without_moto_it_says_what_is_missing_and_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It comes up all the same, without a traceback, and is reset."""
    monkeypatch.setitem(sys.modules, "moto", None)  # as Python itself notes that there is none
    with Range(Wanted(tmp_path / "range", rate=0)) as estate:
        (note,) = estate.notes
        assert note.startswith(
            "AWS is missing: moto, which stands in for AWS, is not installed (pip install 'psfir[ran"
        )
        assert note.endswith("no lever of AWS can be pulled")
        estate.reset()
        assert estate.notes == (note,)
    assert capfd.readouterr() == ("", "")


def test_a_moto_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line: its last."""
    (tmp_path / "moto.py").write_text("raise RuntimeError('half of it is missing')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(UsageError, match="did not start: RuntimeError: half of it is missing"):
        Moto().start()


def test_an_aws_that_is_gone_is_told_and_nothing_is_reset_without_it(tmp_path: Path) -> None:
    """Its process ended by itself: the status says so, and a reset changes nothing."""
    with Range(Wanted(tmp_path / "range", rate=0)) as estate:
        assert list(estate.notes) == []
        estate.clock.skew = 60
        assert estate.cloud.moto is not None
        process = estate.cloud.moto._process  # noqa: SLF001 - nobody else may end it
        assert process is not None
        process.kill()
        process.wait(10)
        assert list(estate.notes) == ["AWS is gone: its process ended"]
        with pytest.raises(LeverError, match="could not be reset: AWS is gone: its process ended") as refused:
            estate.reset()
        assert (refused.value.todo, estate.clock.skew) == ("psfir range down, then up", 60)


def test_it_can_be_reset_and_ended_while_its_customers_still_come_in(tmp_path: Path) -> None:
    """Nobody comes in behind that, and a fault that is in their way keeps nobody out."""
    with Range(Wanted(tmp_path / "range", systems=5, aws=False)) as estate:
        estate.reset(rate=0)
        assert all(estate.counts.bins(number) == [] for number in range(1, 6))
        estate.reset()
        estate.faults.begin(Order("aws.denied", {"services": "bedrock,dynamodb,lambda"}))
        eventually(lambda: all(estate.counts.bins(number) for number in range(1, 6)))
        estate.reset()
