"""The lines that are marked as the look ahead's: without one of them it says what it could not tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from psfir.contracts import Preflight
from psfir.domain.about import Phase
from psfir.domain.canon import Json
from psfir.domain.needs import Use, needs
from psfir.domain.preflight import Finding, Ready
from psfir.range.aws.server import AwsRange
from psfir.vendors.aws import AwsClient
from tests.levers.aws.granted import AwsGranted
from tests.levers.aws.moto import connection, enforced
from tests.levers.aws.stage import AwsStage
from tests.levers.aws.stage_alb_rule import AlbRuleStage
from tests.levers.aws.stage_autoscaling_group import AutoScalingGroupStage
from tests.levers.aws.stage_iam_deny import IamDenyStage


class ForwardStage(AlbRuleStage):
    """To other target groups: whether anybody answers there is looked at, too."""

    @property
    def settings(self) -> Mapping[str, Json]:  # type: ignore[override]  # the group is made as it is laid out
        return {"forward": {self.static: 1}}


class Fronted:
    """A stage whose moto has the range's simulation before it, for somebody who has the lines of READ."""

    def __init__(self, stage: AwsStage, aws: AwsRange) -> None:
        self._stage = stage
        about = stage.lever(stage.upstream).about
        self.somebody = AwsGranted(
            stage, list(needs(Use(about, stage.target, "test", stage.settings), Phase.READ)), "looks"
        )
        self._aws = aws

    def says(self) -> str:
        """What could not be told, in one text."""
        of = type(self._stage.lever(self._aws.url))
        lever = of(connection(self._aws.url, self.somebody.keys))  # type: ignore[call-arg]  # each takes its connection
        assert isinstance(lever, Preflight)
        with enforced():
            findings: Sequence[Finding] = lever.check(self._stage.target, self._stage.settings, within=20)
        return "; ".join(f"{one.says} ({one.todo})" for one in findings if one.ready is Ready.COULD_NOT_TELL)


@pytest.mark.parametrize(
    ("make", "count"), [(ForwardStage, 4), (AutoScalingGroupStage, 3), (IamDenyStage, 1)], ids=["alb", "group", "role"]
)
def test_each_marked_line_is_what_its_mark_says(make: type[AwsStage], count: int) -> None:
    """With all of them everything is told; without one, what that is for is not, and the right is named."""
    with make() as stage:
        root = stage.world.user("root")
        with AwsRange(stage.upstream, AwsClient(connection(keys=root)), root=root) as aws:
            it = Fronted(stage, aws)
            marked = [line for line in it.somebody.lines if line.only and "LeverCheck" in line.only]
            assert len(marked) == count
            assert it.says() == ""
            for line in marked:
                it.somebody.without([line])
                # The range answers a simulation itself, and by this alone minds who may ask for one.
                aws.simulates = line.action != "iam:SimulatePrincipalPolicy"
                assert line.action in it.says()
