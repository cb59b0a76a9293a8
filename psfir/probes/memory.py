"""`memory`: what the replicas behind a switch of the tiny estate really do, whatever its API says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import Field, FieldType, ProbeAbout
from psfir.domain.canon import Json, canonical
from psfir.domain.change import Held
from psfir.domain.verdict import Sight
from psfir.errors import LeverError
from psfir.vendors.memory import estate_of


class MemoryProbe:
    """One sight a replica: held if it has every value that was expected."""

    about: ClassVar[ProbeAbout] = ProbeAbout(
        name="memory",
        line="Looks at every replica behind a switch of the estate file.",
        connects=("memory",),
        target=(Field("switch", FieldType.TEXT, "which switch"),),
        example={
            "probe": "memory",
            "target": {"connection": "estate", "switch": "support-assistant"},
            "expect": {"state": {"on": False}},
        },
        expect=(Field("state", FieldType.OBJECT, "the values that each replica must have"),),
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._estate = estate_of(connection)

    def look(self, target: Target, expect: Mapping[str, Json], *, within: float) -> Sequence[Sight]:
        wanted = expect.get("state")
        if not isinstance(wanted, Mapping) or not wanted:
            raise LeverError("the probe was told to expect nothing", todo="say expect: {state: {on: false}}")
        served = self._estate.served(str(target["switch"]))
        return [_sight(replica, state, wanted) for replica, state in served.items()]


def _sight(replica: str, state: Mapping[str, Json], wanted: Mapping[str, Json]) -> Sight:
    held = all(key in state and canonical(state[key]) == canonical(value) for key, value in wanted.items())
    says = ", ".join(f"{key} = {_word(state, key)}" for key in sorted(wanted))
    return Sight(replica, Held.HELD if held else Held.NOT_HELD, says)


def _word(state: Mapping[str, Json], key: str) -> str:
    return canonical(state[key]).decode() if key in state else "not set"
