"""The user's own settings file: who they are, and which workspace is theirs."""

from __future__ import annotations

from pathlib import Path

from psfir.domain.values import frozen
from psfir.loading.files import load, schema_key
from psfir.loading.shapes import ID, Key, Record, Text


@frozen
class Settings:
    """Both may be left out."""

    schema: str = ""
    me: str = ""
    workspace: str = ""


SETTINGS = Record(
    "settings file",
    (
        schema_key("settings"),
        Key("me", ID, "your id under `people` in psfir.yaml"),
        Key("workspace", Text(), "the workspace to use where none is found"),
    ),
    Settings,
)


def load_settings(path: Path) -> Settings:
    """ContentError with all that is wrong in it."""
    return load(path, "settings", SETTINGS).get()  # type: ignore[no-any-return]  # built as one above
