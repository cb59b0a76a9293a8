"""Bedrock's runtime: Converse and InvokeModel, answered by whatever models the range has, as guardrails let them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from time import perf_counter
from typing import Any, Protocol

from psfir.domain.canon import Json
from psfir.errors import NoSuchTarget
from psfir.range.aws import messages
from psfir.range.aws.gate import Call, Gate
from psfir.range.aws.guardrails import Applied, Guardrails, refuses
from psfir.range.aws.modelled import No
from psfir.range.aws.protocols import Error, refused
from psfir.range.server import Asked, Reply

_PATH = re.compile(r"/model/(.+)/(converse|invoke)")
_ACTION, _APPLY = "bedrock:InvokeModel", "bedrock:ApplyGuardrail"
_VERSION_HEADER = "x-amzn-bedrock-guardrailversion"
_INTERVENED = "guardrail_intervened"
_INVALID = Error("ValidationException", "The provided model identifier is invalid.", 400)
_NO_RAIL = Error("ValidationException", "The guardrail identifier or version provided does not exist.", 400)
_MALFORMED = Error("ValidationException", "Malformed input request, please reformat your input and try again.", 400)


class Models(Protocol):
    """The models behind Bedrock, by id; NoSuchTarget for an id that there is none of.

    `request` is that of Converse: messages, system, toolConfig, inferenceConfig. The answer has `content`, blocks as
    Converse has them ({"text": ...}, {"toolUse": {"toolUseId", "name", "input"}}), and may have stopReason and usage.
    """

    def __call__(self, model: str, request: Mapping[str, Any], /) -> Mapping[str, Any]: ...


def no_models(model: str, _request: Mapping[str, Any], /) -> Mapping[str, Any]:
    raise NoSuchTarget(f"there is no model {model} on this range")


class Bedrock:
    """`models` may be exchanged at any time."""

    def __init__(self, gate: Gate, models: Models, rails: Guardrails) -> None:
        self._gate = gate
        self._rails = rails
        self.models = models

    def takes(self, asked: Asked) -> bool:
        return asked.method == "POST" and _PATH.fullmatch(asked.path) is not None

    def answer(self, call: Call) -> Reply:
        found = _PATH.fullmatch(call.asked.path)
        assert found is not None  # noqa: S101 - `takes` said so
        model, way = found.groups()
        resource = model if model.startswith("arn:") else f"arn:aws:bedrock:{call.region}::foundation-model/{model}"
        if denied := self._gate.denied(call, _ACTION, resource):
            return denied
        begun = perf_counter()
        try:
            asked = call.asked.json()
            request = asked if way == "converse" else messages.request(asked)
            rails = self._rails.applied(model, _named(call.asked, asked))
        except (ValueError, KeyError, TypeError):
            return refused(call.asked, _MALFORMED)
        except No:
            return refused(call.asked, _NO_RAIL)
        for one in rails:
            if denied := self._gate.denied(call, _APPLY, call.arn("bedrock", f"guardrail/{one.id}")):
                return denied
        try:
            said = self._guarded(model, request, rails)
        except NoSuchTarget:
            return refused(call.asked, _INVALID)
        response = _response(request, said, perf_counter() - begun)
        return Reply(200, response if way == "converse" else messages.response(model, response))

    def _guarded(self, model: str, request: Mapping[str, Any], rails: list[Applied]) -> Mapping[str, Any]:
        """All that is applied counts: what one of them lets through another may block."""
        heard = " ".join(_texts(one["content"]) for one in request["messages"] if one["role"] == "user")
        for one in rails:
            if refuses(one.version, heard):
                return {"content": [{"text": one.version.blocked_input}], "stopReason": _INTERVENED}
        said = self.models(model, request)
        for one in rails:
            if refuses(one.version, _texts(said["content"])):
                return {"content": [{"text": one.version.blocked_output}], "stopReason": _INTERVENED}
        return said


def _named(asked: Asked, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The guardrail that a request itself asks for: in its body, or of InvokeModel in its headers."""
    if told := body.get("guardrailConfig"):
        return dict(told)
    names = {"guardrailIdentifier": "x-amzn-bedrock-guardrailidentifier", "guardrailVersion": _VERSION_HEADER}
    return {name: asked.headers[header] for name, header in names.items() if header in asked.headers}


def _texts(content: Iterable[Mapping[str, Any]]) -> str:
    return " ".join(str(block.get("text", "")) for block in content)


def _response(request: Mapping[str, Any], said: Mapping[str, Any], took: float) -> dict[str, Json]:
    content = list(said["content"])
    uses = any("toolUse" in block for block in content)
    usage = said.get("usage") or _usage(request, content)
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": said.get("stopReason") or ("tool_use" if uses else "end_turn"),
        "usage": usage,
        "metrics": {"latencyMs": round(took * 1000)},
    }


def _usage(request: Mapping[str, Any], content: list[Any]) -> dict[str, Json]:
    """About four letters to a token, as nobody else would count it."""
    asked, said = (len(str(one)) // 4 + 1 for one in (request.get("messages"), content))
    return {"inputTokens": asked, "outputTokens": said, "totalTokens": asked + said}
