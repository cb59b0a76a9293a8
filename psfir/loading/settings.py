"""The user's own settings file: who they are, and which workspace is theirs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from psfir.loading.files import load, schema_key
from psfir.loading.shapes import ID, Key, Record, Text


@dataclass(frozen=True)
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
