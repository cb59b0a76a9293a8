"""The ways in which the assistant can go wrong. Each is what a trigger would be about."""

from __future__ import annotations

from psfir.domain.values import frozen

SHARE = 0.7
"""Of the occasions on which a scenario can show, how many it shows on."""


@frozen
class Scenario:
    """`mode` is the failure mode of the framework that it belongs to."""

    name: str
    line: str
    mode: str


SCENARIOS = {
    one.name: one
    for one in (
        Scenario("leaks_order", "retrieval mixes up tenants: answers tell of other customers' orders", "data"),
        Scenario("promises_refund", "the model promises refunds that nobody authorised", "output"),
        Scenario("follows_injection", "a product page tells the model to mail data to an outsider; it does", "input"),
        Scenario("loops_on_tool", "runs under way call a paid tool over and over", "oversight"),
        Scenario("drifts", "the large model was changed by its vendor overnight, and states wrong prices", "vendor"),
    )
}
