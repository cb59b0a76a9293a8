"""aws.sagemaker_endpoint is held to what every lever promises, on the range's SageMaker."""

from collections.abc import Iterator

import pytest

from psfir.levers.aws.sagemaker_endpoint import SageMakerEndpoint
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.aws.stage_sagemaker_endpoint import SageMakerEndpointStage


class TestSageMakerEndpoint(LeverContract):
    @pytest.fixture
    def harness(self) -> Iterator[Harness]:
        with SageMakerEndpointStage() as stage, Front(stage.upstream) as front:
            harness = StageHarness(stage, front)
            assert isinstance(harness.lever(), SageMakerEndpoint)
            yield harness
