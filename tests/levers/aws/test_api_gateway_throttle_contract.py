"""aws.api_gateway_throttle is held to what every lever promises, on the moto server."""

from collections.abc import Iterator

import pytest

from psfir.levers.aws.api_gateway_throttle import ApiGatewayThrottle
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.aws.stage_api_gateway_throttle import ApiGatewayThrottleStage, UnlimitedStage
from tests.levers.aws.usage_plan import UnlimitedPlanStage, UsagePlanStage


class TestApiGatewayThrottle(LeverContract):
    @pytest.fixture(
        params=[ApiGatewayThrottleStage, UnlimitedStage, UsagePlanStage, UnlimitedPlanStage],
        ids=["limited", "unlimited", "plan", "unlimited plan"],
    )
    def harness(self, request: pytest.FixtureRequest) -> Iterator[Harness]:
        with request.param() as stage, Front(stage.upstream) as front:
            harness = StageHarness(stage, front)
            assert isinstance(harness.lever(), ApiGatewayThrottle)
            yield harness
