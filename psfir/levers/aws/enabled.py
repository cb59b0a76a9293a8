"""`set: {enabled: ...}`, for what AWS has only as on or off."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain.about import Field, FieldType
from psfir.domain.canon import Json
from psfir.errors import UsageError


def setting(line: str) -> Field:
    return Field("enabled", FieldType.FLAG, f"{line}; default false", required=False, default=False)


def wanted(settings: Mapping[str, Json], name: str) -> bool:
    """What it shall be; UsageError if that is neither."""
    said = settings.get("enabled", False)
    if isinstance(said, bool):
        return said
    raise UsageError(f"{name} is enabled or not, and never {said!r}", todo="say set: {enabled: false}")
