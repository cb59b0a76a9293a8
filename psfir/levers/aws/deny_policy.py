"""The policy that aws.iam_deny puts on a role: what it says, what it is called, and what else a role tells of itself.

Its name carries a digest of what is denied, so that two kills on one role stand side by side, and the same kill twice
is one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from psfir.domain.canon import Json, digest
from psfir.errors import UsageError

PREFIX = "psfir-deny-"
SERVICE_PATH = "/aws-service-role/"
_ACTION = re.compile(r"\*|[a-z0-9-]+:[A-Za-z0-9*?]+")
_RESOURCE = re.compile(r"\*|arn:\S+")
_SHOWN = 4


def document(settings: Mapping[str, Json]) -> dict[str, Json]:
    """What the settings deny, as a policy. UsageError for what IAM would take and nobody could have meant."""
    actions = _texts(settings.get("deny"), "deny", _ACTION, "an action such as bedrock:InvokeModel*")
    resources = _texts(settings.get("resources") or ["*"], "resources", _RESOURCE, "an ARN, or *")
    statement: dict[str, Json] = {"Sid": "psfir", "Effect": "Deny", "Action": actions, "Resource": resources}
    return {"Version": "2012-10-17", "Statement": [statement]}


def name(policy: Mapping[str, Json]) -> str:
    """What the policy is called on whatever role."""
    return PREFIX + digest(dict(policy)).rpartition(":")[2][:16]


def denied(policy: Json) -> str:
    """What it denies, in a few words."""
    statements = policy.get("Statement") if isinstance(policy, Mapping) else None
    first = statements[0] if isinstance(statements, Sequence) and statements else {}
    found = first.get("Action") if isinstance(first, Mapping) else None
    actions = [str(action) for action in found] if isinstance(found, Sequence) and not isinstance(found, str) else []
    more = f" and {len(actions) - _SHOWN} more" if len(actions) > _SHOWN else ""
    return ", ".join(actions[:_SHOWN]) + more or "something"


def notes(role: Mapping[str, Any]) -> tuple[str, ...]:
    """What of the role itself gets in the way of a deny, or of going back."""
    called, found = str(role.get("RoleName", "")), []
    if str(role.get("Path", "")).startswith(SERVICE_PATH):
        found.append(f"the role {called} is linked to a service of AWS: no policy can be put on it")
    boundary = role.get("PermissionsBoundary")
    if isinstance(boundary, Mapping):
        arn = boundary.get("PermissionsBoundaryArn")
        found.append(
            f"the role {called} has the permissions boundary {arn}: what it denies stays denied after a restore"
        )
    if not _trusts(role.get("AssumeRolePolicyDocument")):
        found.append(f"nobody may assume the role {called}: a deny on it may stop nobody")
    return tuple(found)


def _trusts(trust: object) -> bool:
    """Whether its trust policy allows anybody; true if it cannot be read, since nothing is known then."""
    if isinstance(trust, str):
        try:
            trust = json.loads(trust)
        except ValueError:
            return True
    statements = trust.get("Statement") if isinstance(trust, Mapping) else None
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, Sequence) or isinstance(statements, str):
        return True
    return any(isinstance(one, Mapping) and one.get("Effect") == "Allow" for one in statements)


def _texts(value: Json, setting: str, shape: re.Pattern[str], wanted: str) -> list[Json]:
    items = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []
    if not items:
        raise UsageError(
            f"aws.iam_deny is not told what to put in {setting}", todo=f"say {setting}: [...], each {wanted}"
        )
    for item in items:
        if not (isinstance(item, str) and shape.fullmatch(item)):
            raise UsageError(f"{item!r} in {setting} of aws.iam_deny is no such thing", todo=f"it must be {wanted}")
    return [*sorted({str(item) for item in items})]
