"""The smallest IAM policy for a set of rights: a statement for what is done to the same resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from psfir.domain.canon import Json

_PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov"}


def policy(wanted: Iterable[tuple[str, str]], settings: Mapping[str, Json]) -> dict[str, Any]:
    """Actions on resources, bound to the connection's region, and to its account where psfir.yaml names that."""
    by_resource: dict[str, set[str]] = {}
    for action, resource in wanted:
        by_resource.setdefault(_bound(resource, settings), set()).add(action)
    by_actions: dict[tuple[str, ...], list[str]] = {}
    for resource, actions in sorted(by_resource.items()):
        by_actions.setdefault(tuple(sorted(actions)), []).append(resource)
    statements = [
        {"Effect": "Allow", "Action": list(actions), "Resource": resources}
        for actions, resources in sorted(by_actions.items())
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _bound(resource: str, settings: Mapping[str, Json]) -> str:
    if not resource.startswith("arn:"):
        return resource
    head, _, service, region, account, rest = resource.split(":", 5)
    told = str(settings.get("region") or "*")
    partition = next((name for begin, name in _PARTITIONS.items() if told.startswith(f"{begin}-")), "aws")
    region = told if region == "*" else region
    account = str(settings.get("account") or "*") if account == "*" else account
    return f"{head}:{partition}:{service}:{region}:{account}:{rest}"
