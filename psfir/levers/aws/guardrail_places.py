"""Where an application reads which version of a guardrail it asks for: a parameter, or a function's variable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from psfir.contracts import Target
from psfir.domain.canon import Json
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import Busy, Declined, Drift, LeverError, NoSuchTarget, Refusal, UsageError
from psfir.levers.aws.parameter_store import SECURE, ParameterStore
from psfir.levers.aws.settable import Seen
from psfir.vendors.aws import AwsClient, Deadline

VARIABLE = "GUARDRAIL_VERSION"
_VERSION = re.compile(r"DRAFT|[1-9][0-9]{0,7}")


class Place(Protocol):
    """The state that is seen has `version` or, enforced, `enforced`."""

    def seen(self, target: Target, deadline: Deadline) -> Seen: ...

    def wanted(self, target: Target, state: Mapping[str, Json], settings: Mapping[str, Json]) -> dict[str, Json]: ...

    def put(self, target: Target, seen: Seen, wanted: Mapping[str, Json], deadline: Deadline) -> str:
        """Make it so. What is to be known about how it went, or nothing."""

    def findings(self, target: Target, seen: Seen, deadline: Deadline) -> list[Finding]: ...

    def name(self, target: Target) -> str: ...


class Parameter:
    """In SSM's Parameter Store."""

    def __init__(self, aws: AwsClient) -> None:
        self._aws = aws
        self._store = ParameterStore(aws)

    def seen(self, target: Target, deadline: Deadline) -> Seen:
        found = self._store.seen(target, deadline)
        if found.state["type"] == SECURE:
            what = f"{self.name(target)} is a {SECURE}: to put its value back psfir would have to write it down"
            raise Refusal(what, where=self._aws.where, todo="keep the version in a parameter of its own, a String")
        kept = {"data_type": str(found.state["data_type"])}
        return Seen(_version(self.name(target), found.state["value"]), found.arn, version=found.version, kept=kept)

    def wanted(self, target: Target, state: Mapping[str, Json], settings: Mapping[str, Json]) -> dict[str, Json]:
        return _alone(state, settings)

    def put(self, target: Target, seen: Seen, wanted: Mapping[str, Json], deadline: Deadline) -> str:
        told = {"value": wanted["version"], "data_type": seen.kept["data_type"]}
        return self._store.put(target, seen, told, deadline)

    def findings(self, target: Target, _seen: Seen, _deadline: Deadline) -> list[Finding]:
        says = f"the application has to read {self.name(target)} anew, for each request or every so often"
        todo = "see that it does, or enforce the version: enforced: account"
        return [Finding(Matter.TARGET, Ready.BEWARE, says, todo)]

    def name(self, target: Target) -> str:
        return f"the parameter {target['parameter']}"


class Variable:
    """In the environment of a Lambda function. Its other variables go back as they came, and are recorded nowhere."""

    def __init__(self, aws: AwsClient) -> None:
        self._aws = aws

    def seen(self, target: Target, deadline: Deadline) -> Seen:
        found, variables = self._found(target, deadline)
        status, last = str(found.get("LastUpdateStatus")), str(found.get("LastUpdateStatusReason") or "")
        moving = "Lambda is still updating it" if status == "InProgress" else ""
        more = f"its last update failed: {last}" if status == "Failed" else ""
        state = _version(self.name(target), variables[_variable(target)])
        return Seen(state, str(found.get("FunctionArn")), (), moving, more, found.get("RevisionId"))

    def wanted(self, target: Target, state: Mapping[str, Json], settings: Mapping[str, Json]) -> dict[str, Json]:
        return _alone(state, settings)

    def put(self, target: Target, seen: Seen, wanted: Mapping[str, Json], deadline: Deadline) -> str:
        if seen.moving:
            raise Busy(f"{self.name(target)}: {seen.moving}", where=self._aws.where, todo="it takes changes after that")
        found, variables = self._found(target, deadline)
        name = _variable(target)
        if variables[name] != seen.state["version"]:
            what = f"{self.name(target)} is {variables[name]} by now: somebody else has changed it"
            raise Drift(what, expected=dict(seen.state), found={"version": variables[name]}, where=self._aws.where)
        params = {
            "FunctionName": target["function"],
            "Environment": {"Variables": {**variables, name: str(wanted["version"])}},
        }
        if found.get("RevisionId"):
            params["RevisionId"] = found["RevisionId"]
        said = self._aws.write("lambda", "UpdateFunctionConfiguration", params, within=deadline.left)
        return "Lambda goes over to it in its own time" if said.get("LastUpdateStatus") == "InProgress" else ""

    def findings(self, target: Target, _seen: Seen, deadline: Deadline) -> list[Finding]:
        """A published version keeps the environment that it was published with."""
        try:
            said = self._aws.read("lambda", "ListAliases", {"FunctionName": target["function"]}, within=deadline.left)
        except LeverError as error:
            what = f"whether it is asked for by an alias cannot be told: {error.what}"
            return [Finding(Matter.TARGET, Ready.COULD_NOT_TELL, what, error.todo)]
        fixed = [str(one.get("Name")) for one in said.get("Aliases", []) if one.get("FunctionVersion") != "$LATEST"]
        if not fixed:
            return []
        says = f"who asks for the function by {', '.join(fixed)} goes on with what that version was published with"
        todo = "keep the version in a parameter, or enforce it: enforced: account"
        return [Finding(Matter.TARGET, Ready.WOULD_FAIL, says, todo)]

    def name(self, target: Target) -> str:
        return f"the variable {_variable(target)} of the function {target['function']}"

    def _found(self, target: Target, deadline: Deadline) -> tuple[dict[str, Any], dict[str, str]]:
        if ":" in str(target["function"]):
            raise UsageError(f"{target['function']} is no name of a function", todo="say it without ARN and qualifier")
        params = {"FunctionName": target["function"]}
        found = self._aws.read("lambda", "GetFunctionConfiguration", params, within=deadline.left)
        environment = found.get("Environment") or {}
        if trouble := environment.get("Error"):
            # What is not shown could not be sent back, and would be gone.
            what = f"the environment of the function {target['function']} cannot be read: {trouble.get('ErrorCode')}"
            raise Declined(what, where=self._aws.where, todo="let this credential use the key that encrypts it")
        variables = dict(environment.get("Variables") or {})
        if _variable(target) not in variables:
            what = f"the function {target['function']} has no variable {_variable(target)}"
            raise NoSuchTarget(what, where=self._aws.where, todo="say variable: with the one that it reads")
        return found, variables


def number(settings: Mapping[str, Json]) -> str:
    """UsageError for a DRAFT too: it changes under whoever edits it, so that nobody knows how strict it is."""
    wanted = settings.get("version")
    if not isinstance(wanted, str) or not _VERSION.fullmatch(wanted) or wanted == "DRAFT":
        todo = 'say set: {version: "5"}, the number of a version that was made beforehand'
        raise UsageError(f"{wanted!r} is no numbered version of a guardrail", todo=todo)
    return wanted


def _alone(state: Mapping[str, Json], settings: Mapping[str, Json]) -> dict[str, Json]:
    if "models" in settings:
        raise UsageError("models are for a guardrail that is enforced", todo="leave them out, or say enforced: account")
    return {**state, "version": number(settings)}


def _variable(target: Target) -> str:
    return str(target.get("variable") or VARIABLE)


def _version(name: str, value: Json) -> dict[str, Json]:
    """What else stands there is none of psfir's to overwrite, nor to show."""
    if not isinstance(value, str) or not _VERSION.fullmatch(value):
        what = f"{name} holds no version of a guardrail, a number or DRAFT and nothing else"
        raise Refusal(what, todo="name what the application reads the version from")
    return {"version": value}
