"""aws.lambda_concurrency on the moto server: what the contract does not ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Change, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Matter, Ready
from psfir.errors import Drift, NoSuchTarget
from psfir.levers.aws.lambda_concurrency import LambdaConcurrency
from psfir.range.aws.server import AwsRange
from psfir.vendors.aws import AwsClient
from tests.levers.aws.moto import connection, moto
from tests.levers.aws.stage_lambda_concurrency import (
    FUNCTION,
    SETTINGS,
    TARGET,
    LambdaConcurrencyStage,
    UnreservedStage,
)


@pytest.fixture
def stage() -> Iterator[LambdaConcurrencyStage]:
    with LambdaConcurrencyStage() as stage:
        yield stage


def planned(lever: LambdaConcurrency, settings: Mapping[str, Json] = SETTINGS) -> Change:
    change = lever.plan(TARGET, lever.read(TARGET, within=5), Mode.DISABLE, settings)
    assert isinstance(change, Change)
    return change


def test_the_number_that_was_reserved_is_put_back(stage: LambdaConcurrencyStage) -> None:
    """Not the account's, not none: forty."""
    lever = stage.lever(stage.upstream)
    change = planned(lever)
    lever.apply(change, within=5)
    assert stage.pulled()
    lever.restore(change, within=5)
    assert stage.found() == 40


def test_what_was_not_reserved_is_not_reserved_afterwards() -> None:
    """The reservation is taken away: a number of any size would be another state."""
    with UnreservedStage() as stage:
        lever = stage.lever(stage.upstream)
        change = planned(lever)
        lever.apply(change, within=5)
        assert stage.pulled()
        assert lever.restore(change, within=5).result is Result.CHANGED
        assert stage.found() is None
        assert "DELETE" in stage.asked[-1]


def test_a_function_by_its_arn_is_the_same_one(stage: LambdaConcurrencyStage) -> None:
    """A runbook may name either."""
    arn = f"arn:aws:lambda:eu-west-1:123456789012:function:{FUNCTION}"
    assert stage.lever(stage.upstream).read({**TARGET, "function": arn}, within=5).state == {"reserved": 40}


def test_somebody_else_set_it_before_restore_trap_19(stage: LambdaConcurrencyStage) -> None:
    """Their number stands, and both are shown."""
    lever = stage.lever(stage.upstream)
    change = planned(lever)
    lever.apply(change, within=5)
    stage.disturb()
    with pytest.raises(Drift) as refused:
        lever.restore(change, within=5)
    assert (refused.value.expected, refused.value.found) == ({"reserved": 0}, {"reserved": 7})
    assert stage.found() == 7


def test_a_function_that_is_not_there_is_no_such_target(stage: LambdaConcurrencyStage) -> None:
    """That nothing is reserved for it proves nothing."""
    with pytest.raises(NoSuchTarget):
        stage.lever(stage.upstream).read({**TARGET, "function": "gone"}, within=5)


def test_it_says_that_what_runs_goes_on() -> None:
    """Whoever chooses it must know."""
    assert "Invocations that run go on" in LambdaConcurrency.about.blast_radius


def test_check_looks_at_the_function_and_the_permissions(stage: LambdaConcurrencyStage) -> None:
    """A policy for another function is none for this one."""
    statement = {"Effect": "Allow", "Action": "lambda:*", "Resource": f"arn:aws:lambda:*:*:function:{FUNCTION}"}
    keys = stage.world.user("psfir", {"Version": "2012-10-17", "Statement": [statement]})
    with AwsRange(moto(), AwsClient(connection())) as aws:
        lever = LambdaConcurrency(connection(aws.url, keys))
        found = {one.matter: one.ready for one in lever.check(TARGET, SETTINGS, within=10)}
        assert found == dict.fromkeys((Matter.CREDENTIAL, Matter.TARGET, Matter.PERMISSION), Ready.READY)
        gone = lever.check({**TARGET, "function": "gone"}, SETTINGS, within=10)
        assert {one.matter: one.ready for one in gone}[Matter.TARGET] is Ready.WOULD_FAIL
        so = lever.check(TARGET, {"reserved": 40}, within=10)
        assert Ready.BEWARE in {one.ready for one in so}
    assert stage.writes() == 0
