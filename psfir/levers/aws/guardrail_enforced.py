"""The guardrail that an account enforces in a region: Bedrock applies it to every request, whatever that says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psfir.contracts import Target
from psfir.domain.canon import Json
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import Refusal, UsageError
from psfir.levers.aws.guardrail_places import number
from psfir.levers.aws.settable import Seen
from psfir.vendors.aws import AwsClient, Deadline

_KEY = "enforced"
_OPTIONS = {"guarding": "selectiveContentGuarding", "models": "modelEnforcement"}


class Enforced:
    """The state is `enforced`: null, or the `guardrail`, its `version`, and for which models and what of a request."""

    def __init__(self, aws: AwsClient) -> None:
        self._aws = aws

    def seen(self, target: Target, deadline: Deadline) -> Seen:
        said = self._aws.read("bedrock", "ListEnforcedGuardrailsConfiguration", {}, within=deadline.left)
        found = [one for one in said.get("guardrailsConfig", []) if one.get("owner", "ACCOUNT") == "ACCOUNT"]
        if not found:
            return Seen({_KEY: None}, "*")
        one = found[0]
        if one.get("inputTags") == "HONOR" and not one.get("selectiveContentGuarding"):
            # It can be told no longer, only read.
            what = "the enforced guardrail honours tags of requests in a way that could not be put back"
            todo = "set it anew with selective content guarding, which has taken its place"
            raise Refusal(what, where=self._aws.where, todo=todo)
        state = {"guardrail": str(one.get("guardrailId")), "version": str(one.get("guardrailVersion"))}
        options = {key: one[name] for key, name in _OPTIONS.items() if one.get(name)}
        return Seen({_KEY: {**state, **options}}, "*", kept={"id": str(one.get("configId") or "")})

    def wanted(self, target: Target, state: Mapping[str, Json], settings: Mapping[str, Json]) -> dict[str, Json]:
        now, guardrail = state.get(_KEY), identifier(target)
        told: dict[str, Json] = {"guardrail": guardrail, "version": number(settings)}
        if isinstance(now, Mapping):
            if now.get("guardrail") != guardrail:
                what = f"the account enforces another guardrail, {now.get('guardrail')}, and can enforce but one"
                raise Refusal(what, todo="make that one stricter, or name it here")
            told = {**now, **told}
        if models := settings.get("models"):
            if not isinstance(models, Sequence) or isinstance(models, str):
                raise UsageError(f"{models!r} is no list of models", todo="say models: [...] with their identifiers")
            told["models"] = {"includedModels": [*models], "excludedModels": []}
        return {_KEY: told}

    def put(self, target: Target, seen: Seen, wanted: Mapping[str, Json], deadline: Deadline) -> str:
        told, there = wanted.get(_KEY), seen.kept.get("id")
        if not isinstance(told, Mapping):
            params: dict[str, Any] = {"configId": there}
            self._aws.write("bedrock", "DeleteEnforcedGuardrailConfiguration", params, within=deadline.left)
            return ""
        options = {name: told[key] for key, name in _OPTIONS.items() if key in told}
        config = {"guardrailIdentifier": told["guardrail"], "guardrailVersion": told["version"], **options}
        params = {"guardrailInferenceConfig": config}
        if there:
            params["configId"] = there
        self._aws.write("bedrock", "PutEnforcedGuardrailConfiguration", params, within=deadline.left)
        return "who may not apply the guardrail is denied from now on"

    def findings(self, target: Target, _seen: Seen, _deadline: Deadline) -> list[Finding]:
        says = f"whoever asks Bedrock in this account and region needs bedrock:ApplyGuardrail on {identifier(target)}, "
        says += "or is denied as long as it is enforced"
        todo = "allow it to their roles, or with a policy on the guardrail itself"
        return [Finding(Matter.TARGET, Ready.BEWARE, says, todo)]

    def name(self, target: Target) -> str:
        del target
        return "what the account enforces"


def identifier(target: Target) -> str:
    """Its ID, also of one that is named by its ARN."""
    return str(target["guardrail"]).rpartition("/")[2]
