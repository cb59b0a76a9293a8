"""aws.ssm_parameter is held to what every lever promises, on the moto server."""

from collections.abc import Iterator

import pytest

from psfir.levers.aws.ssm_parameter import SsmParameter
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.aws.stage_ssm_parameter import SsmParameterStage


class TestSsmParameter(LeverContract):
    @pytest.fixture
    def harness(self) -> Iterator[Harness]:
        with SsmParameterStage() as stage, Front(stage.upstream) as front:
            harness = StageHarness(stage, front)
            assert isinstance(harness.lever(), SsmParameter)
            yield harness
