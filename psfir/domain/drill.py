"""How the id of a drill begins. What is to be done after one stands in the record under that id; it is no incident."""

from __future__ import annotations

DRILL = "RUN-"
