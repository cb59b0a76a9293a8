"""InvokeModel's body is in the model's own format: here Anthropic's messages, put into Converse's words and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.domain.canon import Json


def request(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What Converse would have been asked; KeyError or TypeError if it is no such message."""
    found: dict[str, Any] = {
        "messages": [{"role": one["role"], "content": _blocks(one["content"])} for one in asked["messages"]]
    }
    if system := asked.get("system"):
        found["system"] = _blocks(system)
    if tools := asked.get("tools"):
        found["toolConfig"] = {"tools": [{"toolSpec": _tool(one)} for one in tools]}
    if limit := asked.get("max_tokens"):
        found["inferenceConfig"] = {"maxTokens": limit}
    return found


def response(model: str, said: Mapping[str, Any]) -> dict[str, Json]:
    usage = said["usage"]
    return {
        "id": "msg_range",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [_said(block) for block in said["output"]["message"]["content"]],
        "stop_reason": said["stopReason"],
        "stop_sequence": None,
        "usage": {"input_tokens": usage["inputTokens"], "output_tokens": usage["outputTokens"]},
    }


def _blocks(content: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a text, or a list of blocks
    return [{"text": content}] if isinstance(content, str) else [_block(one) for one in content]


def _block(block: Mapping[str, Any]) -> dict[str, Any]:
    if block["type"] == "tool_use":
        return {"toolUse": {"toolUseId": block["id"], "name": block["name"], "input": block["input"]}}
    if block["type"] == "tool_result":
        return {"toolResult": {"toolUseId": block["tool_use_id"], "content": _blocks(block.get("content", []))}}
    return {"text": block["text"]}


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    said = tool.get("description", "")
    return {"name": tool["name"], "description": said, "inputSchema": {"json": tool["input_schema"]}}


def _said(block: Mapping[str, Any]) -> dict[str, Json]:
    if use := block.get("toolUse"):
        return {"type": "tool_use", "id": use["toolUseId"], "name": use["name"], "input": use["input"]}
    return {"type": "text", "text": block["text"]}
