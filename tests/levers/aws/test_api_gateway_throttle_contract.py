"""aws.api_gateway_throttle is held to what every lever promises, on the moto server."""

from collections.abc import Iterator

import pytest

from psfir.levers.aws.api_gateway_throttle import ApiGatewayThrottle
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.aws.stage_api_gateway_throttle import ApiGatewayThrottleStage, UnlimitedStage


class TestApiGatewayThrottle(LeverContract):
    @pytest.fixture(params=[ApiGatewayThrottleStage, UnlimitedStage], ids=["limited", "unlimited"])
    def harness(self, request: pytest.FixtureRequest) -> Iterator[Harness]:
        with request.param() as stage, Front(stage.upstream) as front:
            harness = StageHarness(stage, front)
            assert isinstance(harness.lever(), ApiGatewayThrottle)
            yield harness
