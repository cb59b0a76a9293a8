"""aws.sqs_policy is held to what every lever promises, on the moto server."""

from collections.abc import Iterator

import pytest

from psfir.levers.aws.sqs_policy import SqsPolicy
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.aws.stage_sqs_policy import BareQueueStage, SqsPolicyStage


class TestSqsPolicy(LeverContract):
    @pytest.fixture(params=[SqsPolicyStage, BareQueueStage], ids=["owned", "bare"])
    def harness(self, request: pytest.FixtureRequest) -> Iterator[Harness]:
        with request.param() as stage, Front(stage.upstream) as front:
            harness = StageHarness(stage, front)
            assert isinstance(harness.lever(), SqsPolicy)
            yield harness
