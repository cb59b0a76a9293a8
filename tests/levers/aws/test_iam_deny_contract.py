"""aws.iam_deny is held to what every lever promises, on the moto server."""

from collections.abc import Iterator

import pytest

from psfir.levers.aws.iam_deny import IamDeny
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.aws.stage_iam_deny import IamDenyStage


class TestIamDeny(LeverContract):
    @pytest.fixture
    def harness(self) -> Iterator[Harness]:
        with IamDenyStage() as stage, Front(stage.upstream) as front:
            harness = StageHarness(stage, front)
            assert isinstance(harness.lever(), IamDeny)
            yield harness
