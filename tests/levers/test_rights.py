"""What psfir prints for one rung is enough for each phase of it, and no line of it is there for nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from psfir.domain.about import Phase
from psfir.domain.needs import Need, Use, needs
from psfir.testing.stage import Stage
from tests.levers.aws.granted import AwsGranted
from tests.levers.aws.stage import AwsStage
from tests.levers.aws.usage_plan import UsagePlanStage
from tests.levers.deeds import Deeds, Pull
from tests.levers.kubernetes.cluster_stage import ClusterStage
from tests.levers.kubernetes.granted import ClusterGranted
from tests.levers.lines import Granted
from tests.levers.stages import STAGES
from tests.levers.unleash.granted import UnleashGranted
from tests.levers.unleash.stage_flag import FlagStage

GRANTS: Mapping[Any, Callable[..., Granted]] = {
    AwsStage: AwsGranted,
    ClusterStage: ClusterGranted,
    FlagStage: UnleashGranted,
}
"""LaunchDarkly's are tried in tests/content/test_reference_permissions.py. Other vendors have no roles."""

ALIKE = {
    "aws.api_gateway_throttle, unlimited",
    "aws.security_group, interface",
    "aws.security_group, two interfaces",
    "aws.sqs_policy, bare",
    "aws.waf_rule, its own",
    "kubernetes.network_policy over one of that name",
}
"""Stages that take the rights of another one, and teach nothing more, and one that takes a marked line for another."""

HAS = (
    *(make for make in STAGES if issubclass(make, tuple(GRANTS)) and not make.again and make.name not in ALIKE),
    UsagePlanStage,
)


def granted(stage: Stage, wanted: Sequence[Need], name: str) -> Granted:
    (make,) = (make for kind, make in GRANTS.items() if isinstance(stage, kind))
    return make(stage, wanted, name)


def renewed(stage: Stage) -> None:
    """What a former pull left there must not save the next one a step."""
    if isinstance(stage, AwsStage):
        stage.renew()


@pytest.mark.parametrize("make", HAS, ids=lambda stage: stage.name)
def test_what_is_printed_is_enough_and_each_line_is_needed(make: type[Stage]) -> None:
    """To look, to kill and to put back: each goes well with all of it, and not with a line less that bears no mark."""
    with make() as stage:
        admin = stage.lever(stage.upstream)
        pull = Pull(stage.target, stage.settings, stage.mode)
        use = Use(admin.about, stage.target, "test", stage.settings)
        for phase in Phase:
            somebody = granted(stage, list(needs(use, phase)), f"psfir-{phase.value}")
            deeds = Deeds(admin, somebody.lever, somebody.counting)
            renewed(stage)
            assert deeds.fails(pull, phase) == "", phase
            for line in somebody.lines:
                somebody.without([line])
                renewed(stage)
                assert line.only or deeds.fails(pull, phase), f"nothing of {phase.value} needs {line}"
