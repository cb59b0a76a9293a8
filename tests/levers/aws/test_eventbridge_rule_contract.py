"""aws.eventbridge_rule is held to what every lever promises, on the moto server."""

from collections.abc import Iterator

import pytest

from psfir.levers.aws.eventbridge_rule import EventBridgeRule
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.aws.stage_eventbridge_rule import EventBridgeRuleStage


class TestEventBridgeRule(LeverContract):
    @pytest.fixture
    def harness(self) -> Iterator[Harness]:
        with EventBridgeRuleStage() as stage, Front(stage.upstream) as front:
            harness = StageHarness(stage, front)
            assert isinstance(harness.lever(), EventBridgeRule)
            yield harness
