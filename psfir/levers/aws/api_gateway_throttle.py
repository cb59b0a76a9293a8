"""`aws.api_gateway_throttle`: how many requests a second a stage of a REST API, or a usage plan, lets through.

A method with a limit of its own does not heed that of the stage, so without a method it is all of them. HTTP and
WebSocket APIs are left alone: AWS documents no way to take a limit off their default route again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Phase, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import Drift, UsageError
from psfir.levers.aws.ahead import SIMULATES, Ahead, Need, pulling
from psfir.levers.aws.method_limits import ALL, Stage, key, patches, stage, word
from psfir.levers.aws.usage_plans import another_kind, beside, plan
from psfir.levers.settle import Way, same, settled
from psfir.vendors.aws import AwsClient, Deadline, Identity
from psfir.vendors.shared import shared

_STAGE = "arn:aws:apigateway:*::/restapis/{api}/stages/{stage}"
_PLAN = "arn:aws:apigateway:*::/usageplans/{plan}"
_PLANS = "where psfir lever check is to name usage plans with limits of their own"
_OTHERS = "where psfir lever check is to say that it is an HTTP or WebSocket API"


class ApiGatewayThrottle:
    """The state is `rate` and `burst` of each method that has them, by AWS's own key; null where it has none."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="aws.api_gateway_throttle",
        line="Limits how many requests a stage of a REST API, or a usage plan, lets through.",
        connects=("aws",),
        target=(
            Field("api", FieldType.TEXT, "the REST API's ID", required=False),
            Field("stage", FieldType.TEXT, "the stage's name, with an api", required=False),
            Field("method", FieldType.TEXT, "one method of it, such as POST /chat; default all", required=False),
            Field("plan", FieldType.TEXT, "or a usage plan's ID: for callers with a key of it alone", required=False),
        ),
        one_of=("api", "plan"),
        example={
            "lever": "aws.api_gateway_throttle",
            "target": {"connection": "aws-prod", "api": "a1b2c3d4e5", "stage": "prod"},
            "set": {"rate": 0},
            "within": "30s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(
            Field("rate", FieldType.WHOLE, "requests a second; default 0", required=False, default=0),
            Field("burst", FieldType.WHOLE, "how many at once; default as many as rate", required=False),
        ),
        permissions=(
            Permission("aws", "apigateway:GET", _STAGE),
            Permission("aws", "apigateway:PATCH", _STAGE, WRITING),
            Permission("aws", "apigateway:GET", _PLAN),
            Permission("aws", "apigateway:PATCH", _PLAN, WRITING),
            Permission("aws", "apigateway:GET", "arn:aws:apigateway:*::/usageplans", (Phase.READ,), _PLANS, of="api"),
            Permission("aws", "apigateway:GET", "arn:aws:apigateway:*::/apis/{api}", (Phase.READ,), _OTHERS),
            SIMULATES,
        ),
        blast_radius="All callers of the stage, or of the method, or who come with a key of the plan: what is beyond "
        "the limit gets a 429. Requests under way go on to their end, and so do WebSocket and HTTP APIs, other stages, "
        "and with a plan whoever needs no key. AWS keeps limits as well as it can and promises no ceiling, and a usage "
        "plan may have its own for who has a key.",
        undo="Puts the limits back that it found, or takes them away where there were none.",
        exact=True,
        vendor="aws",
        propagation=30.0,
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._aws = shared(connection, AwsClient)

    def read(self, target: Target, *, within: float) -> Reading:
        found = self._stage(target, Deadline(within))
        alone = [one for one, limits in found.limits.items() if limits is None and one != ALL]
        notes = [
            f"{word(one)} gets settings of its own: what is set for the whole stage is not its own" for one in alone
        ]
        return Reading(found.state, None, tuple(notes))

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        limits = _wanted(settings)
        before = dict(reading.state) if isinstance(reading.state, Mapping) else {}
        after: dict[str, Json] = dict.fromkeys(before, limits)
        name = _name(target)
        if same(before, after):
            return NothingToDo(f"{name} lets through {_limits(limits)} already", after)
        which = ", ".join(word(one) for one in before)
        why = f"{name} lets through {_limits(limits)} for {which}, to {mode.value} it"
        return Change(self.about.name, dict(target), before, after, why)

    def apply(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, Way(change.before, change.after), Deadline(within))

    def verify(self, change: Change, *, within: float) -> Look:
        found = self._stage(change.target, Deadline(within)).state
        held = Held.HELD if same(found, change.after) else Held.NOT_HELD
        each = "; ".join(f"{word(one)}: {_limits(limits)}" for one, limits in found.items())
        return Look(held, f"{_name(change.target)} has {each}; AWS keeps that as well as it can")

    def restore(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, Way(change.after, change.before), Deadline(within))

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        ahead, deadline = Ahead(self._aws, within=within), Deadline(within)
        _wanted(settings)
        credential = ahead.credential()
        there, found = ahead.target(lambda left: self._stage(target, Deadline(left)), f"{_name(target)} is there")
        of_api = bool(target.get("api"))
        if found is None:
            absent = of_api and there.matter is Matter.TARGET and there.ready is Ready.WOULD_FAIL
            return [credential, there, *(another_kind(self._aws, target, deadline) if absent else ())]
        arn = _arn(target, ahead.identity, self._aws.region)
        needs = {one.action: Need(one.action, arn, one.phases) for one in pulling(self.about.permissions, target)}
        more = beside(self._aws, target, deadline) if of_api else ()
        return [credential, there, *more, *ahead.permissions(needs.values())]

    def _move(self, target: Target, way: Way, deadline: Deadline) -> Outcome:
        """All methods in one call, looked at right before: API Gateway itself compares nothing."""
        found = self._stage(target, deadline)
        name = _name(target)
        wanted = dict(way.wanted) if isinstance(way.wanted, Mapping) else {}
        if so := settled(name, found.state, way, where=self._aws.where):
            return so
        # Where there was nothing before, the whole entry goes: nobody may have put something else into it.
        if others := [word(one) for one in wanted if wanted[one] is None and one in found.more]:
            what = f"{name} has other settings for {', '.join(others)} now: somebody else has made them"
            raise Drift(what, expected=way.expected, found=found.more, where=self._aws.where)
        operation, params = "UpdateUsagePlan", {"usagePlanId": target.get("plan")}
        if not target.get("plan"):
            operation, params = "UpdateStage", {"restApiId": target["api"], "stageName": target["stage"]}
        patch = {**params, "patchOperations": patches(found.limits, wanted)}
        self._aws.write("apigateway", operation, patch, within=deadline.left)
        return Outcome(Result.CHANGED, f"{name} has the limits that were wanted now", wanted)

    def _stage(self, target: Target, deadline: Deadline) -> Stage:
        if target.get("plan"):
            return plan(self._aws, str(target["plan"]), deadline)
        if not target.get("stage"):
            raise UsageError("aws.api_gateway_throttle is not told which stage of the API", todo="say stage: prod")
        params = {"restApiId": target["api"], "stageName": target["stage"]}
        said = self._aws.read("apigateway", "GetStage", params, within=deadline.left)
        method = target.get("method")
        return stage(said.get("methodSettings") or {}, key(str(method)) if method else None)


def _wanted(settings: Mapping[str, Json]) -> dict[str, Json]:
    rate = settings.get("rate", 0)
    burst = settings.get("burst", rate)
    for name, one in (("rate", rate), ("burst", burst)):
        if isinstance(one, bool) or not isinstance(one, int) or one < 0:
            todo = "say set: {rate: 0}, or a small number to degrade"
            raise UsageError(f"aws.api_gateway_throttle cannot limit to a {name} of {one!r}", todo=todo)
    return {"rate": rate, "burst": burst}


def _limits(limits: Json) -> str:
    if not isinstance(limits, Mapping):
        return "what the account has"
    if limits.get("rate") == 0 or limits.get("burst") == 0:
        return "nothing"
    return f"{limits.get('rate')} requests a second, {limits.get('burst')} at once"


def _arn(target: Target, identity: Identity | None, region: str) -> str:
    partition = identity.partition if identity else "aws"
    head = f"arn:{partition}:apigateway:{region}::"
    if target.get("plan"):
        return f"{head}/usageplans/{target['plan']}"
    return f"{head}/restapis/{target['api']}/stages/{target['stage']}"


def _name(target: Target) -> str:
    if target.get("plan"):
        return f"the usage plan {target['plan']}"
    return f"the stage {target.get('stage')} of {target.get('api')}"
