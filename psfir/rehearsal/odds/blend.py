"""Priors give way to a team's own times as they come: a prior counts as some observations (conjugate updates)."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, sqrt

from psfir.rehearsal.odds.model import Spread

_LEAST = 0.05
"""Seconds. A time of nought has no logarithm, and no clock here tells less."""


def times(prior: Spread, seen: Sequence[float], *, weight: float) -> Spread:
    """A lognormal with unknown median and spread: normal-inverse-gamma on the logarithms.

    The prior counts as `weight` observations. What comes out has the posterior's mean logarithm and mean variance.
    """
    if not seen:
        return prior
    logs = [log(max(_LEAST, one)) for one in seen]
    n, mean = len(logs), sum(logs) / len(logs)
    start = log(prior.median)
    centre = (weight * start + n * mean) / (weight + n)
    shape = weight / 2 + 1
    inner = sum((one - mean) ** 2 for one in logs)
    between = weight * n / (weight + n) * (mean - start) ** 2
    variance = (prior.sigma**2 * (shape - 1) + (inner + between) / 2) / (shape + n / 2 - 1)
    return Spread(exp(centre), sqrt(variance), prior.n + n)


def chance(prior: float, failed: int, tried: int, *, weight: float) -> float:
    """A chance of failing: beta and binomial, the prior counting as `weight` tries."""
    return (prior * weight + failed) / (weight + tried)


def summed(one: Spread, other: Spread) -> Spread:
    """Two stretches that are only ever seen together, as one lognormal of the same mean and variance."""
    mean = _mean(one) + _mean(other)
    variance = _variance(one) + _variance(other)
    sigma = sqrt(log(1 + variance / mean**2))
    return Spread(mean * exp(-(sigma**2) / 2), sigma)


def together(first: Spread, second: Spread, seen: Sequence[float], *, weight: float) -> tuple[Spread, Spread]:
    """What a sum that was seen says of its two parts: both are moved by the same factors."""
    if not seen:
        return first, second
    before = summed(first, second)
    after = times(before, seen, weight=weight)
    faster, wider = after.median / before.median, after.sigma / before.sigma
    return (
        Spread(first.median * faster, first.sigma * wider, len(seen)),
        Spread(second.median * faster, second.sigma * wider, len(seen)),
    )


def _mean(one: Spread) -> float:
    return one.median * exp(one.sigma**2 / 2)


def _variance(one: Spread) -> float:
    return (exp(one.sigma**2) - 1) * _mean(one) ** 2
