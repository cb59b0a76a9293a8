"""aws.lambda_concurrency is held to what every lever promises, on the moto server."""

from collections.abc import Iterator

import pytest

from psfir.levers.aws.lambda_concurrency import LambdaConcurrency
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.aws.stage_lambda_concurrency import LambdaConcurrencyStage, UnreservedStage


class TestLambdaConcurrency(LeverContract):
    @pytest.fixture(params=[LambdaConcurrencyStage, UnreservedStage], ids=["reserved", "unreserved"])
    def harness(self, request: pytest.FixtureRequest) -> Iterator[Harness]:
        with request.param() as stage, Front(stage.upstream) as front:
            harness = StageHarness(stage, front)
            assert isinstance(harness.lever(), LambdaConcurrency)
            yield harness
