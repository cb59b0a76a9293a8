"""The smallest project roles of Unleash for a set of rights, as its API takes them: one for each project."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_RESOURCE = re.compile(r"project/(?P<project>.*):environment/(?P<environment>.*)")


def project_roles(wanted: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """What goes by a client or a frontend token, no role can give."""
    by_project: dict[str, set[tuple[str, str]]] = {}
    for action, resource in wanted:
        if found := _RESOURCE.fullmatch(resource):
            by_project.setdefault(found["project"], set()).add((found["environment"], action))
    line = "what the runbooks at hand need, and nothing else"
    return [
        {
            "name": f"psfir {project}",
            "description": line,
            "type": "custom",
            "permissions": [{"name": action, "environment": environment} for environment, action in sorted(rights)],
        }
        for project, rights in sorted(by_project.items())
    ]
