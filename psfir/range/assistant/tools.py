"""What the assistant's tools do, as the code of the function behind which they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.range.assistant.names import Names
from psfir.range.aws.functions import Running
from psfir.range.aws.moto import ACCOUNT, REGION


class Tools:
    """What writes needs the function's own role to allow it; a run that may not is a failed one."""

    def __init__(self, names: Names) -> None:
        self._table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{names.table}"

    def __call__(self, payload: Mapping[str, Any], running: Running) -> dict[str, str]:
        tool, given = payload["tool"], payload["input"]
        if tool == "search_catalog":
            return {"done": f"Found three {given['query']}"}
        if tool == "cancel_order":
            _must(running, "dynamodb:PutItem", self._table)
            return {"done": f"Order {given['order']} is cancelled"}
        if tool == "send_mail":
            _must(running, "ses:SendEmail", "*")
            return {"done": f"Mail about {given['about']} sent to {given['to']}"}
        raise LookupError(f"there is no tool {tool}")


def _must(running: Running, action: str, resource: str) -> None:
    if not running.may(action, resource):
        raise PermissionError(f"{running.role} may not {action} on {resource}")
