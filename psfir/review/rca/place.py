"""Where the written analysis of an incident lies: alone, so that who only asks whether it is there loads no more."""

from __future__ import annotations

from pathlib import Path

FOLDER = "reviews"


def path_of(root: Path, incident: str) -> Path:
    """Its file in the workspace."""
    return root / FOLDER / f"{incident}.md"
