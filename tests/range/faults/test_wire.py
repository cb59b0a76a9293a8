"""What goes wrong on a wire bites at psfir's own client, on whichever part it is, and is gone when it is healed."""

from time import perf_counter

import pytest

from psfir.domain.canon import Json
from psfir.errors import Busy, LeverError, UsageError
from psfir.range.faults.order import Order
from psfir.range.faults.standing import Faults
from tests.range.faults.reaching import DEPLOYMENT, FLAG, READ, Reaching

pytestmark = pytest.mark.xdist_group("range")


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("wire.latency", {"by": "30s"}),
        ("wire.reset", {"bytes": 60}),
        ("wire.black_hole", {}),
        ("wire.truncate", {"bytes": 60}),
        ("wire.drip", {"rate": 100}),
        ("wire.status", {"code": 503}),
    ],
)
def test_nothing_comes_back_that_could_be_read(
    faults: Faults, reaching: Reaching, name: str, settings: dict[str, Json]
) -> None:
    """Prometheus, the flag vendor and the cluster alike; the other parts are as they were."""
    faults.begin(Order(name, {"on": "metrics", **settings}))
    with pytest.raises(LeverError):
        reaching.metrics(within=0.7)
    assert reaching.flags.ask(READ, within=5).body["key"] == FLAG
    faults.begin(Order(name, {"on": "kubernetes", **settings}), Order(name, {"on": "launchdarkly", **settings}))
    assert len(faults.standing) == 3
    with pytest.raises(LeverError):
        reaching.cluster.get(DEPLOYMENT, within=0.7)
    with pytest.raises(LeverError):
        reaching.flags.ask(READ, within=0.7)
    faults.heal(name)
    assert reaching.scraped()
    assert reaching.cluster.get(DEPLOYMENT, within=5)
    assert reaching.flags.ask(READ, within=5).body["key"] == FLAG


def test_latency_is_only_that(faults: Faults, reaching: Reaching) -> None:
    """Late by so much, and whole."""
    faults.begin(Order("wire.latency", {"on": "metrics", "by": "300ms"}))
    begun = perf_counter()
    assert reaching.scraped()
    assert perf_counter() - begun >= 0.3


def test_a_wrong_body_comes_with_a_200(faults: Faults, reaching: Reaching) -> None:
    """A sign-in page."""
    faults.begin(Order("wire.wrong_body", {"on": "metrics"}))
    answer = reaching.metrics()
    assert (answer.status, b"Please sign in" in answer.body) == (200, True)
    faults.heal()
    assert reaching.scraped()


def test_the_worst_of_several_counts_and_each_heals_alone(faults: Faults, reaching: Reaching) -> None:
    """A black hole that is healed leaves the latency that was there besides."""
    faults.begin(Order("wire.latency", {"on": "metrics", "by": "300ms"}))
    faults.begin(Order("wire.black_hole", {"on": "metrics"}))
    with pytest.raises(LeverError):
        reaching.metrics(within=0.7)
    faults.heal("wire.black_hole")
    begun = perf_counter()
    assert reaching.scraped()
    assert perf_counter() - begun >= 0.3


def test_a_part_that_is_not_there_is_refused_before_anything_begins(faults: Faults, reaching: Reaching) -> None:
    """Together with what was ordered with it."""
    with pytest.raises(UsageError, match="on is one of assistant"):
        faults.begin(Order("wire.status"), Order("wire.status", {"on": "mail"}))
    assert faults.standing == ()
    assert reaching.flags.ask(READ, within=5).body["key"] == FLAG
    faults.begin(Order("wire.status", {"code": "429"}))
    with pytest.raises(Busy):
        reaching.flags.ask(READ, within=5)
