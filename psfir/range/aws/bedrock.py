"""Bedrock's runtime: Converse and InvokeModel, answered by whatever models the range has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from time import perf_counter
from typing import Any, Protocol

from psfir.domain.canon import Json
from psfir.errors import NoSuchTarget
from psfir.range.aws import messages
from psfir.range.aws.gate import Call, Gate
from psfir.range.aws.protocols import Error, refused
from psfir.range.server import Asked, Reply

_PATH = re.compile(r"/model/(.+)/(converse|invoke)")
_ACTION = "bedrock:InvokeModel"
_INVALID = Error("ValidationException", "The provided model identifier is invalid.", 400)
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

    def __init__(self, gate: Gate, models: Models) -> None:
        self._gate = gate
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
        except (ValueError, KeyError, TypeError):
            return refused(call.asked, _MALFORMED)
        try:
            said = self.models(model, request)
        except NoSuchTarget:
            return refused(call.asked, _INVALID)
        response = _response(request, said, perf_counter() - begun)
        return Reply(200, response if way == "converse" else messages.response(model, response))


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
