"""The kind of file that this wing brings."""

from __future__ import annotations

from psfir.loading.jsonschema import Shapes
from psfir.rehearsal.drill_file import DRILL

SHAPES: Shapes = {"drill": (DRILL, "a scenario to rehearse")}
