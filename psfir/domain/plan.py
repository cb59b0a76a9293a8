"""What a runbook would do to today's world, and the digest by which people approve exactly that."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from psfir.domain import canon, runbook
from psfir.domain.canon import Json
from psfir.domain.change import Change, NothingToDo
from psfir.domain.runbook import Runbook, Rung
from psfir.domain.values import frozen


class Verb(StrEnum):
    """Which way a plan goes."""

    KILL = "kill"
    RESTORE = "restore"


@frozen
class PlannedRung:
    """One rung against today's reading. Exactly one of `change`, `nothing` and `unreadable` is set.

    An unreadable rung stays in the ladder and is tried. `source` is the distribution its lever came from.
    """

    step: str
    index: int
    rung: Rung
    change: Change | None = None
    nothing: NothingToDo | None = None
    unreadable: str = ""
    notes: tuple[str, ...] = ()
    source: str = ""

    @property
    def after(self) -> Json:
        """What the world is to become; None where it could not be read, then `set` alone says it."""
        if self.change:
            return self.change.after
        return self.nothing.after if self.nothing else None

    def to_json(self) -> dict[str, Json]:
        return {
            "step": self.step,
            "index": self.index,
            "rung": self.rung.to_json(),
            "change": self.change.to_json() if self.change else None,
            "nothing": dict(vars(self.nothing)) if self.nothing else None,
            "unreadable": self.unreadable,
            "notes": list(self.notes),
            "source": self.source,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PlannedRung:
        return cls(
            step=data["step"],
            index=data["index"],
            rung=Rung(**data["rung"]),
            change=Change.from_json(data["change"]) if data["change"] else None,
            nothing=NothingToDo(**data["nothing"]) if data["nothing"] else None,
            unreadable=data["unreadable"],
            notes=tuple(data["notes"]),
            source=data["source"],
        )


class _Once:
    """Where a value keeps what is worked out of it once: beside its fields, so that it is no part of it."""

    __slots__ = ("_digest", "_ladders")
    _digest: str
    _ladders: Mapping[str, tuple[PlannedRung, ...]]

    def __getstate__(self) -> dict[str, Any]:
        return vars(self).copy()


@frozen
class Plan(_Once):
    """A runbook and its rungs, planned. `containment` names the runs that a restore plan puts back, empty for a kill.

    The steps of a restore plan are named `run/step`, so that several runs can be put back together.
    """

    verb: Verb
    runbook: Runbook
    rungs: tuple[PlannedRung, ...]
    containment: str = ""

    @property
    def digest(self) -> str:
        """What an approval names.

        A kill's digest has each `after` but no `before`: an autoscaler would void it for ever. A restore's has the
        whole change: all of it was recorded, so none of it may differ.
        """
        # A kill asks for it a dozen times, and of a hundred rungs it takes 20 ms.
        if not hasattr(self, "_digest"):
            object.__setattr__(self, "_digest", self._worked_out())
        return self._digest

    def _worked_out(self) -> str:
        rungs: list[Json] = [self._digested(planned) for planned in self.rungs]
        return canon.digest(
            {
                "verb": self.verb.value,
                "runbook": runbook.to_json(self.runbook),
                "containment": self.containment,
                "rungs": rungs,
            }
        )

    def _digested(self, planned: PlannedRung) -> Json:
        base: dict[str, Json] = {"step": planned.step, "index": planned.index, "source": planned.source}
        base["rung"] = planned.rung.to_json()
        base["after"] = planned.after
        if self.verb is Verb.RESTORE and planned.change:
            base["change"] = planned.change.to_json()
        return base

    def of(self, step: str) -> tuple[PlannedRung, ...]:
        """The ladder of one step, top first."""
        if not hasattr(self, "_ladders"):
            ladders: dict[str, list[PlannedRung]] = {}
            for planned in self.rungs:
                ladders.setdefault(planned.step, []).append(planned)
            object.__setattr__(self, "_ladders", {name: tuple(rungs) for name, rungs in ladders.items()})
        return self._ladders.get(step, ())

    def to_json(self) -> dict[str, Json]:
        return {
            "verb": self.verb.value,
            "runbook": runbook.to_json(self.runbook),
            "rungs": [planned.to_json() for planned in self.rungs],
            "containment": self.containment,
            "digest": self.digest,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        return cls(
            Verb(data["verb"]),
            runbook.from_json(data["runbook"]),
            tuple(PlannedRung.from_json(planned) for planned in data["rungs"]),
            data["containment"],
        )


class _Lately:
    """The last plans that were told, each with the very data it was told from: a kill tells its own four times."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[Mapping[str, Any], Plan], ...] = ()

    def plan(self, data: Mapping[str, Any]) -> Plan:
        for told, plan in self._kept:
            if told is data:
                return plan
        plan = Plan.from_json(data)
        self._kept = ((data, plan), *self._kept[:3])
        return plan


told_plan = _Lately().plan
