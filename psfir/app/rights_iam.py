"""The smallest IAM policy for a set of rights: a statement for what is done to the same resources, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from psfir.app.rights_document import Document, joined
from psfir.domain.canon import Json

DIRECTION = (
    "IAM tells a put from a delete, and not what is put: iam:PutRolePolicy could put another policy over the deny, or "
    "give the role more. lambda:PutFunctionConcurrency, ecs:UpdateService and RegisterScalableTarget set any number: "
    "who may turn those down may turn them up. Every other update and modify goes both ways too, and "
    "appconfig:StartDeployment deploys any version"
)

_PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov"}


def policy(wanted: Iterable[tuple[str, str, str]], settings: Mapping[str, Json]) -> Document:
    """Actions on resources, bound to the connection's region, and to its account where psfir.yaml names that.

    Each comes with where alone it is needed. IAM keeps no comments, so the Sid of a statement says that.
    """
    reasons: dict[tuple[str, str], set[str]] = {}
    for action, resource, only in wanted:
        reasons.setdefault((_bound(resource, settings), action), set()).add(only)
    by_resource: dict[tuple[str, str], set[str]] = {}
    for (resource, action), found in reasons.items():
        by_resource.setdefault((joined(found), resource), set()).add(action)
    by_actions: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (only, resource), actions in sorted(by_resource.items()):
        by_actions.setdefault((only, tuple(sorted(actions))), []).append(resource)
    said = sorted(by_actions.items())
    statements = [
        {**_sid(only, number), "Effect": "Allow", "Action": list(actions), "Resource": resources}
        for number, ((only, actions), resources) in enumerate(said, 1)
    ]
    body = {"Version": "2012-10-17", "Statement": statements}
    return Document(body, "Statement", tuple(only for (only, _), _ in said))


def _sid(only: str, number: int) -> dict[str, str]:
    """Letters and digits are all that it may have, and no two may be the same."""
    words = "".join(word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", only.replace("'", "")))
    return {"Sid": f"Only{words}{number}"} if words else {}


def _bound(resource: str, settings: Mapping[str, Json]) -> str:
    if not resource.startswith("arn:"):
        return resource
    head, _, service, region, account, rest = resource.split(":", 5)
    told = str(settings.get("region") or "*")
    partition = next((name for begin, name in _PARTITIONS.items() if told.startswith(f"{begin}-")), "aws")
    region = told if region == "*" else region
    account = str(settings.get("account") or "*") if account == "*" else account
    return f"{head}:{partition}:{service}:{region}:{account}:{rest}"
