"""aws.bedrock_guardrail is held to what every lever promises, in each place where a version is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.levers.aws.bedrock_guardrail import BedrockGuardrail
from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.aws.stage_bedrock_guardrail import EnforcedStage, GuardrailStage, VariableStage


class TestParameter(LeverContract):
    @pytest.fixture
    def harness(self) -> Iterator[Harness]:
        with GuardrailStage() as stage, Front(stage.upstream) as front:
            harness = StageHarness(stage, front)
            assert isinstance(harness.lever(), BedrockGuardrail)
            yield harness


class TestVariable(LeverContract):
    @pytest.fixture
    def harness(self) -> Iterator[Harness]:
        with VariableStage() as stage, Front(stage.upstream) as front:
            yield StageHarness(stage, front)


class TestEnforced(LeverContract):
    @pytest.fixture
    def harness(self) -> Iterator[Harness]:
        with EnforcedStage() as stage, Front(stage.upstream) as front:
            yield StageHarness(stage, front)

    def test_the_example_loads_and_plans(self, harness: Harness, tmp_path: Path) -> None:
        """It is one of a parameter, and held to this as such."""
        del tmp_path
        assert "parameter" in str(harness.lever().about.example["target"])
