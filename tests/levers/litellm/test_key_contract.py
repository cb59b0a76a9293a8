"""litellm.key is held to what every lever promises, on one replica and on two."""

from collections.abc import Iterator

import pytest

from psfir.range.front import Front
from psfir.testing import Harness, LeverContract
from psfir.testing.stage import StageHarness
from tests.levers.litellm.stage_key import KeyStage, TwoReplicasStage


class TestKey(LeverContract):
    @pytest.fixture(params=[KeyStage, TwoReplicasStage], ids=lambda stage: stage.name)
    def harness(self, request: pytest.FixtureRequest) -> Iterator[Harness]:
        with request.param() as stage, Front(stage.upstream) as front:
            yield StageHarness(stage, front)
