"""The published JSON Schema of each kind of file, from the very shapes that check it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.loading.faults import SCRIPT
from psfir.loading.playbook import FRONT
from psfir.loading.runbook import RUNBOOK
from psfir.loading.settings import SETTINGS
from psfir.loading.shapes import Record
from psfir.loading.workspace import OVERLAY, WORKSPACE

Shapes = Mapping[str, tuple[Record, str]]

SHAPES: Shapes = {
    "workspace": (WORKSPACE, "psfir.yaml: people, connections, systems"),
    "connections": (OVERLAY, "an overlay that re-points connections and nothing else"),
    "runbook": (RUNBOOK, "what psfir runs to contain a system"),
    "playbook": (FRONT, "the front matter of a playbook"),
    "settings": (SETTINGS, "a user's own settings"),
    "faults": (SCRIPT, "faults of the range, one after the other"),
}


def schema_of(kind: str, shapes: Shapes = SHAPES) -> dict[str, Any]:
    """Draft 2020-12. Wings add their kinds through the argument."""
    shape, title = shapes[kind]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"psfir.{kind}/1",
        "title": title,
        **shape.schema(),
    }
