"""What one use of a lever, probe or capture needs a right to: its permissions, with the names of its own target."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from psfir.domain.about import About, Permission
from psfir.domain.canon import Json
from psfir.domain.values import frozen

_FIELD = re.compile(r"\{(\w+)\}")
_TWICE = re.compile(r"(?<!:)//+")


@frozen
class Need:
    """One right on one target. `by` is the lever, probe or capture that needs it, in this runbook."""

    permission: Permission
    target: Mapping[str, Json]
    by: str
    runbook: str

    @property
    def resource(self) -> str:
        """As the permission words it, with the target's own names in it; a name may bring the slash before it along."""
        named = _FIELD.sub(lambda field: _name(self.target.get(field[1])), self.permission.resource)
        return _TWICE.sub("/", named)


def needs(about: About, target: Mapping[str, Json], runbook: str) -> Iterator[Need]:
    """Of a right on something that the target could name and does not, nothing is needed: it names another kind."""
    optional = {field.name for field in about.target if not field.required and field.default is None}
    for one in getattr(about, "permissions", ()):
        fields = _FIELD.findall(one.resource)
        if not any(field in optional and not target.get(field) for field in fields):
            yield Need(one, target, about.name, runbook)


def _name(value: Json) -> str:
    """Where somebody gave a whole ARN, the name at its end."""
    text = str(value or "*")
    return re.split(r"[:/]", text)[-1] if text.startswith("arn:") else text
