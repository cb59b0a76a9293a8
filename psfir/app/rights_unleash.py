"""The smallest project roles of Unleash for a set of rights, as its API takes them: one for each project."""

from __future__ import annotations

import re
from collections.abc import Iterable

from psfir.app.rights_document import NAME, Document, joined

DIRECTION = (
    "Unleash has one permission, UPDATE_FEATURE_ENVIRONMENT, for off and on: who may switch a flag off may switch it "
    "on. It tells CREATE_FEATURE_STRATEGY from DELETE_FEATURE_STRATEGY: with this a variant for everyone, or any other "
    "strategy, can be put in front and not taken away"
)
_RESOURCE = re.compile(r"project/(?P<project>.*):environment/(?P<environment>.*)")
_LINE = "What the runbooks at hand need, and nothing else."


def project_roles(wanted: Iterable[tuple[str, str, str]], name: str = NAME) -> list[Document]:
    """What goes by a client or a frontend token, no role can give. Each comes with where alone it is needed."""
    by_project: dict[str, dict[tuple[str, str], set[str]]] = {}
    for action, resource, only in wanted:
        if found := _RESOURCE.fullmatch(resource):
            rights = by_project.setdefault(found["project"], {})
            rights.setdefault((found["environment"], action), set()).add(only)
    return [_role(f"{name} {project}", rights) for project, rights in sorted(by_project.items())]


def _role(name: str, rights: dict[tuple[str, str], set[str]]) -> Document:
    said = sorted(rights)
    body = {
        "name": name,
        "description": _LINE,
        "type": "custom",
        "permissions": [{"name": action, "environment": environment} for environment, action in said],
    }
    return Document(body, "permissions", tuple(joined(rights[one]) for one in said))
