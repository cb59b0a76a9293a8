"""With policies enforced each lever pulls and puts back with what its `about` asks for, and not without its writing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from psfir.contracts import Lever
from psfir.domain.change import Change, Held, Result
from psfir.errors import Denied
from tests.levers.aws.moto import connection, enforced
from tests.levers.aws.stage import AwsStage
from tests.levers.aws.stage_alb_rule import AlbRuleStage, ListenerStage
from tests.levers.aws.stage_api_gateway_throttle import ApiGatewayThrottleStage
from tests.levers.aws.stage_security_group import SecurityGroupStage
from tests.levers.aws.stage_waf_rule import WafRuleStage

LOOKS = ("Describe", "Get", "GET", "List")
STAGES = [AlbRuleStage, ListenerStage, ApiGatewayThrottleStage, SecurityGroupStage, WafRuleStage]


def allowed(stage: AwsStage, name: str, actions: Sequence[str]) -> Lever:
    """The lever, with keys that may do these and nothing else. moto minds no resource."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    keys = stage.world.user(name, {"Version": "2012-10-17", "Statement": [statement]})
    made: Lever = type(stage.lever(stage.upstream))(connection(stage.upstream, keys))  # type: ignore[call-arg]  # each takes its connection
    return made


@pytest.mark.parametrize("make", STAGES, ids=lambda make: make.name)
def test_what_about_asks_for_suffices_and_is_needed(make: type[AwsStage]) -> None:
    """A policy of exactly these actions is enough for the kill and its restore; reading alone changes nothing."""
    with make() as stage:
        actions = [one.action for one in stage.lever(stage.upstream).about.permissions]
        kills = allowed(stage, "kills", actions)
        looks = allowed(stage, "looks", [one for one in actions if one.partition(":")[2].startswith(LOOKS)])
        with enforced():
            change = looks.plan(stage.target, looks.read(stage.target, within=20), stage.mode, stage.settings)
            assert isinstance(change, Change)
            with pytest.raises(Denied, match="to the credential of this connection"):
                looks.apply(change, within=20)
            assert kills.apply(change, within=20).result is Result.CHANGED
            assert looks.verify(change, within=20).held is Held.HELD
            assert kills.restore(change, within=20).result is Result.CHANGED
