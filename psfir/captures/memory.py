"""`memory`: keeps what a switch of the tiny estate was, what its replicas did and who wrote last."""

from __future__ import annotations

from typing import ClassVar

from psfir.contracts import BoundConnection, Captured, Target
from psfir.domain.about import CaptureAbout, Field, FieldType
from psfir.domain.canon import canonical
from psfir.vendors.memory import estate_of

LAST_WRITES = 20


class MemoryCapture:
    """One JSON document a switch."""

    about: ClassVar[CaptureAbout] = CaptureAbout(
        name="memory",
        line="Keeps the state and the last writes of a switch of the estate file.",
        connects=("memory",),
        target=(Field("switch", FieldType.TEXT, "which switch"),),
        example={"source": "memory", "target": {"connection": "estate", "switch": "support-assistant"}},
        keeps=f"the switch's state and version, what each replica served, its last {LAST_WRITES} writes",
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._estate = estate_of(connection)

    def take(self, target: Target, *, within: float) -> Captured:
        name = str(target["switch"])
        seen = self._estate.read(name, within=within)
        content = canonical(
            {
                "switch": name,
                "state": seen.state,
                "version": seen.version,
                "served": self._estate.served(name),
                "writes": self._estate.writes(name)[-LAST_WRITES:],
            }
        )
        return Captured(f"{name}.json", "application/json", content)
