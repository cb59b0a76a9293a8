"""aws.lambda_event_source is held to what every lever promises, on the moto server."""

from collections.abc import Iterator

import pytest

from psfir.levers.aws.lambda_event_source import LambdaEventSource
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.aws.stage_lambda_event_source import LambdaEventSourceStage


class TestLambdaEventSource(LeverContract):
    @pytest.fixture
    def harness(self) -> Iterator[Harness]:
        with LambdaEventSourceStage() as stage, Front(stage.upstream) as front:
            harness = StageHarness(stage, front)
            assert isinstance(harness.lever(), LambdaEventSource)
            yield harness
