"""The smallest custom role of LaunchDarkly for a set of rights, as its API takes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

NAME = "psfir"


def custom_role(wanted: Iterable[tuple[str, str]]) -> dict[str, Any] | None:
    """None where nothing is needed of a role; what goes by an SDK key, no role can give."""
    by_resource: dict[str, set[str]] = {}
    for action, resource in wanted:
        if resource.startswith("proj/"):
            by_resource.setdefault(resource, set()).add(action)
    by_actions: dict[tuple[str, ...], list[str]] = {}
    for resource, actions in sorted(by_resource.items()):
        by_actions.setdefault(tuple(sorted(actions)), []).append(resource)
    policy = [
        {"effect": "allow", "resources": resources, "actions": list(actions)}
        for actions, resources in sorted(by_actions.items())
    ]
    line = "what the runbooks at hand need, and nothing else"
    return {"key": NAME, "name": NAME, "description": line, "policy": policy} if policy else None
