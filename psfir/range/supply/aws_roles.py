"""Roles: those that runbooks name, and the one that everything runs as of which no runbook says more."""

from __future__ import annotations

from collections.abc import Sequence

from psfir.errors import NoSuchTarget
from psfir.range.supply.aws_thing import Place
from psfir.range.supply.uses import Use

RUNS_AS = "psfir-range-functions"
"""The role of functions that are made: which one is theirs no runbook says."""


def allowed(place: Place, role: str) -> str:
    """The ARN of a role that may do everything."""
    try:
        return str(place.account.get("iam", "GetRole", RoleName=role)["Role"]["Arn"])
    except NoSuchTarget:
        arn = place.account.role(role)
        place.account.allow(role)
        return arn


def made(place: Place, uses: Sequence[Use]) -> None:
    allowed(place, uses[0].text("role"))
