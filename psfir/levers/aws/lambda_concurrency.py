"""`aws.lambda_concurrency`: how many invocations of a Lambda function may run at once; none is off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import KILLING, RESTORING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import Drift, LeverError, UsageError
from psfir.levers.aws.ahead import SIMULATES, Ahead, Need, pulling
from psfir.vendors.aws import AwsClient, Deadline, Identity
from psfir.vendors.shared import shared

_FUNCTION = "arn:aws:lambda:*:*:function:{function}"
_KEY = "reserved"
_SOME, _NONE = "where a number was reserved before", "where none was reserved before"


class LambdaConcurrency:
    """The state is `reserved`: a number, or null where the function shares what the account has."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="aws.lambda_concurrency",
        line="Sets how many invocations of a Lambda function may run at once.",
        connects=("aws",),
        target=(Field("function", FieldType.TEXT, "the function's name or ARN, without a version"),),
        example={
            "lever": "aws.lambda_concurrency",
            "target": {"connection": "aws-prod", "function": "support-agent-tools"},
            "set": {"reserved": 0},
            "within": "30s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(Field("reserved", FieldType.WHOLE, "how many; default 0", required=False, default=0),),
        permissions=(
            Permission("aws", "lambda:GetFunctionConcurrency", _FUNCTION),
            Permission("aws", "lambda:PutFunctionConcurrency", _FUNCTION, KILLING),
            Permission("aws", "lambda:PutFunctionConcurrency", _FUNCTION, RESTORING, _SOME),
            Permission("aws", "lambda:DeleteFunctionConcurrency", _FUNCTION, RESTORING, _NONE),
            SIMULATES,
        ),
        blast_radius="All versions and aliases of the function, whoever invokes it. Invocations that run go on to "
        "their end. What queues and streams would hand it waits there, is tried again, and may expire.",
        undo="Puts the number back that it found, or takes the reservation away if there was none.",
        exact=True,
        vendor="aws",
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._aws = shared(connection, AwsClient)

    def read(self, target: Target, *, within: float) -> Reading:
        return Reading({_KEY: self._reserved(target, Deadline(within))})

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        wanted = settings.get(_KEY, 0)
        if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted < 0:
            todo = "say set: {reserved: 0}, or a small number to degrade"
            raise UsageError(f"aws.lambda_concurrency cannot reserve {wanted!r}", todo=todo)
        before, after = _of(reading.state), wanted
        if before == after:
            return NothingToDo(f"the function {target['function']} already has {_word(after)}", {_KEY: after})
        why = f"the function {target['function']} goes from {_word(before)} to {_word(after)} to {mode.value} it"
        return Change(self.about.name, dict(target), {_KEY: before}, {_KEY: after}, why)

    def apply(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, (_of(change.before), _of(change.after)), within)

    def verify(self, change: Change, *, within: float) -> Look:
        found = self._reserved(change.target, Deadline(within))
        held = Held.HELD if found == _of(change.after) else Held.NOT_HELD
        return Look(held, f"the function {change.target['function']} has {_word(found)}; what runs ends as it would")

    def restore(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, (_of(change.after), _of(change.before)), within)

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        ahead = Ahead(self._aws, within=within)
        credential = ahead.credential()
        function = str(target["function"])
        there, found = ahead.target(lambda left: self.read(target, within=left), f"the function {function} is there")
        if found is None:
            return [credential, there]
        wanted, state = settings.get(_KEY, 0), _of(found.state)
        so = [Finding(Matter.TARGET, Ready.BEWARE, f"it already has {_word(state)}")] if state == wanted else []
        arn = _arn(function, ahead.identity, self._aws.region)
        return [
            credential,
            there,
            *so,
            *ahead.permissions(Need(one.action, arn, one.phases) for one in pulling(self.about.permissions, target)),
        ]

    def _move(self, target: Target, way: tuple[int | None, int | None], within: float) -> Outcome:
        """From `expected` to `wanted`, looked at right before: Lambda itself compares nothing."""
        deadline, (expected, wanted) = Deadline(within), way
        function = target["function"]
        found = self._reserved(target, deadline)
        if found == wanted:
            return Outcome(Result.ALREADY_SO, f"the function {function} already has {_word(wanted)}", {_KEY: found})
        if found != expected:
            what = f"the function {function} has {_word(found)}, not {_word(expected)}: somebody else has changed it"
            raise Drift(what, expected={_KEY: expected}, found={_KEY: found}, where=self._aws.where)
        params = {"FunctionName": function}
        if wanted is None:
            self._aws.write("lambda", "DeleteFunctionConcurrency", params, within=deadline.left)
        else:
            reserved = {**params, "ReservedConcurrentExecutions": wanted}
            self._aws.write("lambda", "PutFunctionConcurrency", reserved, within=deadline.left)
        return Outcome(Result.CHANGED, f"the function {function} now has {_word(wanted)}", {_KEY: wanted})

    def _reserved(self, target: Target, deadline: Deadline) -> int | None:
        params = {"FunctionName": target["function"]}
        found = self._aws.read("lambda", "GetFunctionConcurrency", params, within=deadline.left)
        reserved = found.get("ReservedConcurrentExecutions")
        if reserved is not None and not isinstance(reserved, int):
            raise LeverError("lambda GetFunctionConcurrency answered what is no number", where=self._aws.where)
        return reserved


def _of(state: Json) -> int | None:
    found = state.get(_KEY) if isinstance(state, Mapping) else None
    return found if isinstance(found, int) else None


def _word(reserved: Json) -> str:
    return "no reserved concurrency" if reserved is None else f"a reserved concurrency of {reserved}"


def _arn(function: str, identity: Identity | None, region: str) -> str:
    if function.startswith("arn:") or identity is None:
        return function
    return f"arn:{identity.partition}:lambda:{region}:{identity.account}:function:{function}"
