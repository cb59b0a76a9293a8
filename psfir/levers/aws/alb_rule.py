"""`aws.alb_rule`: what a rule of an application load balancer does: a fixed answer, or other target groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Phase, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import NoSuchTarget
from psfir.levers.aws.ahead import SIMULATES, Ahead, Need, pulling
from psfir.levers.aws.listener_actions import aimed, groups, normal, sent, word
from psfir.levers.settle import Way, same, settled
from psfir.vendors.aws import AwsClient, Deadline
from psfir.vendors.shared import shared

_ELB = "elasticloadbalancing"
_RULE = f"arn:aws:{_ELB}:*:*:listener-rule/app/*/{{rule}}"
_LISTENER = f"arn:aws:{_ELB}:*:*:listener/app/*/{{listener}}"
_EXAMPLE = ("50dc6c495c0c9188", "f2f7dc8efc522ab2", "9683b2d02a6cabee")
_KEY = "actions"
_ENDS = "where psfir lever check is to say whether anybody answers where it forwards to"
_OWNED = "where psfir lever check is to say who keeps it"
_CONTROLLERS = ("elbv2.k8s.aws/cluster", "ingress.k8s.aws/stack", "aws:cloudformation:stack-name")


def _forwards(settings: Mapping[str, Json]) -> bool:
    return bool(settings.get("forward"))


class AlbRule:
    """The state is `actions`, as AWS has them, each forward in its full form."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="aws.alb_rule",
        line="Answers a load balancer's requests with a fixed response, or forwards them elsewhere.",
        connects=("aws",),
        target=(
            Field("rule", FieldType.TEXT, "the ARN of a listener's rule", required=False),
            Field("listener", FieldType.TEXT, "the ARN of a listener, for what no rule takes", required=False),
        ),
        one_of=("rule", "listener"),
        example={
            "lever": "aws.alb_rule",
            "target": {
                "connection": "aws-prod",
                "rule": f"arn:aws:{_ELB}:eu-west-1:123456789012:listener-rule/app/edge/{'/'.join(_EXAMPLE)}",
            },
            "set": {"respond": {"status": 503, "body": "The assistant is switched off."}},
            "within": "30s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(
            Field(
                "respond",
                FieldType.OBJECT,
                "a fixed answer",
                required=False,
                fields=(
                    Field("status", FieldType.WHOLE, "its status; default 503", required=False, default=503),
                    Field("type", FieldType.TEXT, "its content type; default text/plain", required=False),
                    Field("body", FieldType.TEXT, "what it says; default nothing", required=False),
                ),
            ),
            Field("forward", FieldType.OBJECT, "the weight of each target group, by its ARN", required=False),
        ),
        permissions=(
            Permission("aws", f"{_ELB}:DescribeRules", "*", of="rule"),
            Permission("aws", f"{_ELB}:DescribeListeners", "*", of="listener"),
            Permission("aws", f"{_ELB}:ModifyRule", _RULE, WRITING, of="rule"),
            Permission("aws", f"{_ELB}:ModifyListener", _LISTENER, WRITING, of="listener"),
            Permission("aws", f"{_ELB}:DescribeTargetGroups", "*", (Phase.READ,), _ENDS, _forwards),
            Permission("aws", f"{_ELB}:DescribeTargetHealth", "*", (Phase.READ,), _ENDS, _forwards),
            Permission("aws", f"{_ELB}:DescribeTags", "*", (Phase.READ,), _OWNED),
            SIMULATES,
        ),
        blast_radius="Every request that the rule takes, whoever sends it; for a listener all that no rule takes. "
        "Requests that have begun, streams and WebSockets go on to their end, and so does what reaches the targets by "
        "another rule, listener or load balancer. A sign-in before it stays.",
        undo="Puts the actions back that it found, with their weights and stickiness.",
        exact=True,
        vendor="aws",
        propagation=10.0,
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._aws = shared(connection, AwsClient)

    def read(self, target: Target, *, within: float) -> Reading:
        return Reading({_KEY: self._actions(target, Deadline(within))})

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        before = _of(reading.state)
        after = aimed(before, settings)
        if same(before, after):
            return NothingToDo(f"{_named(target)} has {word(after)} already", {_KEY: after})
        why = f"{_named(target)} goes from {word(before)} to {word(after)} to {mode.value} it"
        return Change(self.about.name, dict(target), {_KEY: before}, {_KEY: after}, why)

    def apply(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, Way(change.before, change.after), Deadline(within))

    def verify(self, change: Change, *, within: float) -> Look:
        found = self._actions(change.target, Deadline(within))
        held = Held.HELD if same(found, _of(change.after)) else Held.NOT_HELD
        return Look(held, f"{_named(change.target)} has {word(found)}; requests under way end as they would")

    def restore(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, Way(change.after, change.before), Deadline(within))

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        ahead = Ahead(self._aws, within=within)
        credential = ahead.credential()
        says = f"{_named(target)} is there"
        there, found = ahead.target(lambda left: self._actions(target, Deadline(left)), says)
        if found is None:
            return [credential, there]
        wanted = [arn for arn, weight in groups(aimed(found, settings)).items() if weight]
        _, arn = _place(target)
        needs = [
            Need(one.action, "*" if one.resource == "*" else arn, one.phases)
            for one in pulling(self.about.permissions, target)
        ]
        ends = [one for group in wanted for one in self._group(ahead, group, arn)]
        return [credential, there, *ends, *self._undone(ahead, arn), *ahead.permissions(needs)]

    def _group(self, ahead: Ahead, group: str, arn: str) -> list[Finding]:
        """A target group that nobody is healthy in, or that serves another load balancer, takes no requests."""
        listed = {"TargetGroupArns": [group]}
        there, said = ahead.target(self._reader("DescribeTargetGroups", listed), f"the target group {group} is there")
        if said is None:
            return [_unseen(there)]
        others = [one for one in said["TargetGroups"][0].get("LoadBalancerArns", []) if _balancer(one) not in arn]
        if others:
            says = f"the target group {group} serves another load balancer: AWS would refuse it"
            return [Finding(Matter.TARGET, Ready.WOULD_FAIL, says, "make a target group of its own for this one")]
        health, seen = ahead.target(self._reader("DescribeTargetHealth", {"TargetGroupArn": group}), "")
        if seen is None:
            return [there, _unseen(health)]
        states = [str(one.get("TargetHealth", {}).get("State")) for one in seen.get("TargetHealthDescriptions", [])]
        # A group that is in no rule yet is not asked for its health: its targets are `unused`.
        if {"healthy", "unused"}.isdisjoint(states):
            says = f"no target of {group} is healthy: whatever is forwarded there fails"
            return [there, Finding(Matter.TARGET, Ready.BEWARE, says, "register a target that answers")]
        return [there]

    def _undone(self, ahead: Ahead, arn: str) -> list[Finding]:
        """What keeps a rule as its own source says tags what it has made."""
        tags, said = ahead.target(self._reader("DescribeTags", {"ResourceArns": [arn]}), "")
        if said is None:
            return [Finding(Matter.UNDONE_BY, Ready.COULD_NOT_TELL, tags.says, tags.todo)]
        keys = {one["Key"]: one.get("Value") for each in said.get("TagDescriptions", []) for one in each["Tags"]}
        return [
            Finding(Matter.UNDONE_BY, Ready.BEWARE, f"it was made by {key} {keys[key]}, which may put it back")
            for key in _CONTROLLERS
            if key in keys
        ]

    def _reader(self, operation: str, params: dict[str, Any]) -> Any:  # noqa: ANN401 - a callable by share
        return lambda left: self._aws.read("elbv2", operation, params, within=left)

    def _move(self, target: Target, way: Way, deadline: Deadline) -> Outcome:
        """Looked at right before: the load balancer itself compares nothing."""
        found = self._actions(target, deadline)
        if so := settled(_named(target), {_KEY: found}, way, where=self._aws.where):
            return so
        kind, arn = _place(target)
        wanted = _of(way.wanted)
        if kind == "rule":
            self._aws.write("elbv2", "ModifyRule", {"RuleArn": arn, "Actions": sent(wanted)}, within=deadline.left)
        else:
            params = {"ListenerArn": arn, "DefaultActions": sent(wanted)}
            self._aws.write("elbv2", "ModifyListener", params, within=deadline.left)
        return Outcome(Result.CHANGED, f"{_named(target)} has {word(wanted)} now", {_KEY: wanted})

    def _actions(self, target: Target, deadline: Deadline) -> list[Json]:
        kind, arn = _place(target)
        if kind == "listener":
            said = self._aws.read("elbv2", "DescribeListeners", {"ListenerArns": [arn]}, within=deadline.left)
            found, key = said.get("Listeners", []), "DefaultActions"
        else:
            said = self._aws.read("elbv2", "DescribeRules", {"RuleArns": [arn]}, within=deadline.left)
            found, key = said.get("Rules", []), "Actions"
        if not found:
            todo = "check its ARN, and region and account of this connection"
            raise NoSuchTarget(f"there is no {kind} {arn}", where=self._aws.where, todo=todo)
        if found[0].get("IsDefault"):
            todo = "name its listener in place of the rule: AWS changes this one there alone"
            raise NoSuchTarget(f"{_named(target)} is the default of its listener", where=self._aws.where, todo=todo)
        return normal(found[0].get(key, []))


def _unseen(finding: Finding) -> Finding:
    """To look at the other end takes a right that the pull does not."""
    return replace(finding, ready=Ready.COULD_NOT_TELL) if finding.matter is Matter.PERMISSION else finding


def _place(target: Target) -> tuple[str, str]:
    return ("rule", str(target["rule"])) if target.get("rule") else ("listener", str(target.get("listener")))


def _named(target: Target) -> str:
    kind, arn = _place(target)
    return f"the {kind} {arn.rpartition('/')[2]}"


def _balancer(arn: str) -> str:
    """Its part of the ARN of every listener and rule of its own."""
    return arn.partition("loadbalancer/")[2]


def _of(state: Json) -> list[Json]:
    found = state.get(_KEY) if isinstance(state, Mapping) else None
    return list(found) if isinstance(found, Sequence) and not isinstance(found, str) else []
