"""What one use of a lever, probe or capture needs a right to: its permissions, with the names of its own target."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from psfir.domain.about import About, LeverAbout, Permission, Phase
from psfir.domain.canon import Json
from psfir.domain.values import frozen

_FIELD = re.compile(r"\{([\w.]+)\}")
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


@frozen
class Use:
    """One rung, probe or capture of a runbook. `settings` are what a rung sets, or what a probe is told altogether."""

    about: About
    target: Mapping[str, Json]
    runbook: str
    settings: Mapping[str, Json] | None = None

    @property
    def names(self) -> Mapping[str, Json]:
        """What a permission's resource may name: a field of the target, or `set.` and one of the settings."""
        left_out = {field.name: field.default for field in self.about.target if field.default is not None}
        told = {f"set.{key}": value for key, value in (self.settings or {}).items()}
        return {**left_out, **self.target, **told}


def needs(use: Use, phase: Phase | None = None) -> Iterator[Need]:
    """What it takes in that phase, or in any.

    Of a right on something that the target could name and does not, nothing is needed: it names another kind. What is
    no lever has no part in a restore.
    """
    if phase is Phase.RESTORE and not isinstance(use.about, LeverAbout):
        return
    optional = {field.name for field in use.about.target if not field.required and field.default is None}
    for one in getattr(use.about, "permissions", ()):
        fields = [*_FIELD.findall(one.resource), *filter(None, [one.of])]
        if phase is not None and phase not in one.phases:
            continue
        if use.settings is not None and not one.when(use.settings):
            continue
        if not any(field in optional and not use.target.get(field) for field in fields):
            yield Need(one, use.names, use.about.name, use.runbook)


def _name(value: Json) -> str:
    """Where somebody gave a whole ARN, the name at its end."""
    text = str(value or "*")
    return re.split(r"[:/]", text)[-1] if text.startswith("arn:") else text
