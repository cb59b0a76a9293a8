"""aws.ecs_service is held to what every lever promises, on the moto server."""

from collections.abc import Iterator

import pytest

from psfir.levers.aws.ecs_service import EcsService
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.aws.stage_ecs_service import EcsServiceStage, ScaledStage


class TestEcsService(LeverContract):
    @pytest.fixture(params=[EcsServiceStage, ScaledStage], ids=["plain", "scaled"])
    def harness(self, request: pytest.FixtureRequest) -> Iterator[Harness]:
        with request.param() as stage, Front(stage.upstream) as front:
            harness = StageHarness(stage, front)
            assert isinstance(harness.lever(), EcsService)
            yield harness
