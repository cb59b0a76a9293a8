"""aws.security_group is held to what every lever promises, on the moto server."""

from collections.abc import Iterator

import pytest

from psfir.levers.aws.security_group import SecurityGroup
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.aws.stage_security_group import InterfaceStage, SecurityGroupStage, TwoInterfacesStage


class TestSecurityGroup(LeverContract):
    @pytest.fixture(params=[SecurityGroupStage, InterfaceStage, TwoInterfacesStage], ids=["one", "interface", "two"])
    def harness(self, request: pytest.FixtureRequest) -> Iterator[Harness]:
        with request.param() as stage, Front(stage.upstream) as front:
            harness = StageHarness(stage, front)
            assert isinstance(harness.lever(), SecurityGroup)
            yield harness
