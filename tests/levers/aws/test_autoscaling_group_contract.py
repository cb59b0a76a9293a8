"""aws.autoscaling_group is held to what every lever promises, on the moto server."""

from collections.abc import Iterator

import pytest

from psfir.levers.aws.autoscaling_group import AutoScalingGroup
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.aws.stage_autoscaling_group import AutoScalingGroupStage


class TestAutoScalingGroup(LeverContract):
    @pytest.fixture
    def harness(self) -> Iterator[Harness]:
        with AutoScalingGroupStage() as stage, Front(stage.upstream) as front:
            harness = StageHarness(stage, front)
            assert isinstance(harness.lever(), AutoScalingGroup)
            yield harness
