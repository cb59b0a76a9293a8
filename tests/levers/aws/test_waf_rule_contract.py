"""aws.waf_rule is held to what every lever promises, on the moto server."""

from collections.abc import Iterator

import pytest

from psfir.levers.aws.waf_rule import WafRule
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.aws.stage_waf_rule import OwnRuleStage, WafRuleStage


class TestWafRule(LeverContract):
    @pytest.fixture(params=[WafRuleStage, OwnRuleStage], ids=["counting", "own"])
    def harness(self, request: pytest.FixtureRequest) -> Iterator[Harness]:
        with request.param() as stage, Front(stage.upstream) as front:
            harness = StageHarness(stage, front)
            assert isinstance(harness.lever(), WafRule)
            yield harness
