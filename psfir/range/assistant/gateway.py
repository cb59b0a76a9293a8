"""The gateway before the model, the data and the tools: every call of the assistant goes through it, and is counted.

It goes on being looked at when what is behind it is gone, so its counters are what proves that something has stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.errors import PsfirError, Unreachable
from psfir.range.assistant.counts import Counts
from psfir.range.assistant.names import LARGE, SMALL, Names
from psfir.range.metrics.counters import Counters
from psfir.vendors.aws import AwsClient

ANSWERS, RETRIEVALS, TOOL_CALLS = "gateway_answers_total", "gateway_retrievals_total", "gateway_tool_calls_total"
READING, WRITING = ("search_catalog",), ("cancel_order", "send_mail")
KINDS = {**dict.fromkeys(READING, "read"), **dict.fromkeys(WRITING, "write")}
_WITHIN = 3.0

May = Callable[[], bool]


class Gateway:
    """For one pod: its role's calls, as far as the network lets it reach anything."""

    def __init__(self, names: Names, aws: AwsClient, counters: Counters, counts: Counts, may_leave: May) -> None:
        self._names = names
        self._aws = aws
        self._counters = counters
        self._counts = counts
        self._may_leave = may_leave

    def converse(self, model: str, told: Mapping[str, Json]) -> dict[str, Any]:
        """What the model says: its text, or the tool it wants."""
        self._leave()
        request: dict[str, Json] = {
            "modelId": model,
            "system": [{"text": self._names.system}],
            "messages": [{"role": "user", "content": [{"text": json.dumps(dict(told))}]}],
        }
        said = self._aws.write("bedrock-runtime", "Converse", request, within=_WITHIN)
        content: dict[str, Any] = said["output"]["message"]["content"][0]
        return content

    def retrieve(self, order: str) -> str:
        """What the store has on an order."""
        try:
            self._leave()
            key: Json = {"order": {"S": order}}
            said = self._aws.read("dynamodb", "GetItem", {"TableName": self._names.table, "Key": key}, within=_WITHIN)
        except PsfirError:
            self._count(RETRIEVALS, outcome="refused")
            raise
        self._count(RETRIEVALS, outcome="done")
        return str(said.get("Item", {}).get("says", {}).get("S", f"{order}: not found"))

    def call(self, tool: str, given: Mapping[str, Json]) -> str:
        """What the tool did."""
        try:
            self._leave()
            payload = json.dumps({"tool": tool, "input": dict(given)}).encode()
            request = {"FunctionName": self._names.tools, "Payload": payload}
            said = self._aws.write("lambda", "Invoke", request, within=_WITHIN)
            if said.get("FunctionError"):
                raise Unreachable(f"the tool {tool} failed")
        except PsfirError:
            self._count(TOOL_CALLS, tool=tool, kind=KINDS[tool], outcome="refused")
            raise
        self._count(TOOL_CALLS, tool=tool, kind=KINDS[tool], outcome="done")
        self._counts.tool(self._names.number)
        return str(json.loads(said["Payload"].read())["done"])

    def answered(self, written_by: str, model: str = "") -> None:
        self._count(ANSWERS, written_by=written_by, model=model)

    def _leave(self) -> None:
        if not self._may_leave():
            raise Unreachable("no packet of this pod leaves the cluster")

    def _count(self, name: str, **labels: str) -> None:
        self._counters.add(name, system=self._names.system, **labels)


def open_series(names: Names, counters: Counters) -> None:
    """Every series is there from the beginning: one that is missing would be no data, and not a nought."""
    system = names.system
    for model in (LARGE, SMALL):
        counters.add(ANSWERS, 0, system=system, written_by="model", model=model)
    counters.add(ANSWERS, 0, system=system, written_by="prepared", model="")
    for outcome in ("done", "refused"):
        counters.add(RETRIEVALS, 0, system=system, outcome=outcome)
        for tool, kind in KINDS.items():
            counters.add(TOOL_CALLS, 0, system=system, tool=tool, kind=kind, outcome=outcome)
