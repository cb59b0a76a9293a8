"""The statement that aws.sqs_policy adds to a queue's policy, and how it is added and taken out beside all others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from psfir.domain.canon import Json, digest
from psfir.errors import LeverError, UsageError

PREFIX = "psfirDeny"
_ACTIONS: Mapping[str, str] = {"send": "sqs:SendMessage", "receive": "sqs:ReceiveMessage"}
_VERSION = "2012-10-17"


def statement(deny: Json, queue: str) -> dict[str, Json]:
    """What is denied to everybody on the queue of that ARN, under an id of its own."""
    said = list(deny) if isinstance(deny, Sequence) and not isinstance(deny, str) else []
    if not said or any(one not in _ACTIONS for one in said):
        todo = f"say deny: [...], of {' and '.join(_ACTIONS)}"
        raise UsageError(f"aws.sqs_policy cannot deny {deny!r}", todo=todo)
    actions: list[Json] = [action for name, action in _ACTIONS.items() if name in said]
    body: dict[str, Json] = {"Effect": "Deny", "Principal": "*", "Action": actions, "Resource": queue}
    return {"Sid": PREFIX + digest(body).rpartition(":")[2][:16], **body}


def parsed(text: str, where: str) -> dict[str, Json]:
    """The policy of a queue; of one that has none, one without statements."""
    if not text:
        return {"Version": _VERSION, "Statement": []}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("Statement"), list | dict):
        what = "the queue has a policy that cannot be read"
        raise LeverError(what, where=where, todo="see what its policy says in AWS")
    return found


def ours(policy: Mapping[str, Json]) -> dict[str, Json]:
    """The statements that psfir has put in, by their ids."""
    return {_sid(one): one for one in _statements(policy) if _sid(one).startswith(PREFIX)}


def altered(policy: Mapping[str, Json], without: str, adding: Sequence[Json]) -> str:
    """The policy as text, in which one statement is replaced and every other stays; nothing if none is left."""
    kept = [one for one in _statements(policy) if _sid(one) != without]
    statements = [*kept, *adding]
    return json.dumps({**policy, "Statement": statements}) if statements else ""


def denied(one: Json) -> str:
    """What a statement denies, in a few words."""
    actions = one.get("Action") if isinstance(one, Mapping) else None
    listed = actions if isinstance(actions, Sequence) and not isinstance(actions, str) else [actions]
    return " and ".join(name for name, action in _ACTIONS.items() if action in listed) or "something else"


def _statements(policy: Mapping[str, Json]) -> list[Json]:
    found = policy.get("Statement")
    if isinstance(found, Mapping):
        return [found]
    return list(found) if isinstance(found, Sequence) and not isinstance(found, str) else []


def _sid(one: Json) -> str:
    return str(one.get("Sid", "")) if isinstance(one, Mapping) else ""
