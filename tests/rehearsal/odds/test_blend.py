"""How a team's own times take the place of priors."""

from math import exp, log, sqrt
from random import Random

import pytest

from psfir.rehearsal.odds.blend import chance, summed, times, together
from psfir.rehearsal.odds.model import Spread

PRIOR = Spread(120.0, 0.9)


def test_without_observations_the_prior_stands() -> None:
    assert times(PRIOR, (), weight=5) is PRIOR
    assert together(PRIOR, PRIOR, (), weight=5) == (PRIOR, PRIOR)


def test_as_many_as_its_weight_count_as_much_as_the_prior() -> None:
    """Five times twenty minutes against a prior of five: half way on the scale of the logarithm."""
    found = times(PRIOR, (1200.0,) * 5, weight=5)
    assert found.median == pytest.approx(sqrt(120.0 * 1200.0))
    assert found.n == 5


def test_many_observations_are_all_that_counts() -> None:
    """Median and spread come to those of the team's own law."""
    luck = Random(3)  # noqa: S311 - chance for arithmetic, no secret
    found = times(PRIOR, [luck.lognormvariate(log(30.0), 0.4) for _ in range(4000)], weight=5)
    assert found.median == pytest.approx(30.0, rel=0.05)
    assert found.sigma == pytest.approx(0.4, rel=0.1)


def test_times_that_differ_widen_and_times_that_agree_narrow() -> None:
    """Both around the prior's own median."""
    assert times(PRIOR, (12.0, 1200.0), weight=5).sigma > PRIOR.sigma
    assert times(PRIOR, (118.0, 120.0, 122.0), weight=5).sigma < PRIOR.sigma


def test_the_order_in_which_they_come_does_not_matter() -> None:
    one, other = times(PRIOR, (10.0, 50.0, 200.0), weight=5), times(PRIOR, (200.0, 10.0, 50.0), weight=5)
    assert (one.median, one.sigma) == pytest.approx((other.median, other.sigma))


def test_no_time_at_all_is_a_short_one() -> None:
    """A clock that saw nothing pass does not break the logarithm."""
    assert 0 < times(PRIOR, (0.0,), weight=5).median < PRIOR.median


def test_a_sum_has_the_mean_and_variance_of_its_parts() -> None:
    other = Spread(60.0, 0.5)
    both = summed(PRIOR, other)
    mean = sum(one.median * exp(one.sigma**2 / 2) for one in (PRIOR, other))
    variance = sum((exp(one.sigma**2) - 1) * (one.median * exp(one.sigma**2 / 2)) ** 2 for one in (PRIOR, other))
    assert both.median * exp(both.sigma**2 / 2) == pytest.approx(mean)
    assert (exp(both.sigma**2) - 1) * mean**2 == pytest.approx(variance)


def test_what_is_seen_of_a_sum_moves_both_parts_alike() -> None:
    first, second = together(PRIOR, Spread(60.0, 0.5), (20.0, 30.0, 25.0), weight=5)
    assert first.median / PRIOR.median == pytest.approx(second.median / 60.0)
    assert first.median < PRIOR.median
    assert first.n == second.n == 3


def test_a_chance_goes_from_the_prior_to_what_was_counted() -> None:
    assert chance(0.05, 0, 0, weight=20) == 0.05
    assert chance(0.05, 0, 80, weight=20) == pytest.approx(0.01)
    assert chance(0.05, 500, 1000, weight=20) == pytest.approx(0.5, abs=0.02)
