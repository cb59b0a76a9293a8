"""What a lever saw, would change, and what came of it. All plain JSON: another process must be able to restore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from psfir.domain.canon import Json
from psfir.domain.values import frozen


@frozen
class Reading:
    """`state` as the lever words it, `version` the vendor's token or None, `notes` what will get in the way."""

    state: Json
    version: str | None = None
    notes: tuple[str, ...] = ()


@frozen
class Change:
    """Before, after and why for one target. `detail` is the lever's own: what apply and restore need beside these."""

    lever: str
    target: Mapping[str, Json]
    before: Json
    after: Json
    why: str
    version: str | None = None
    detail: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        return {
            "lever": self.lever,
            "target": dict(self.target),
            "before": self.before,
            "after": self.after,
            "why": self.why,
            "version": self.version,
            "detail": dict(self.detail),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Change:
        return cls(**data)


@frozen
class NothingToDo:
    """The world is already `after`; `why` is a sentence for a person."""

    why: str
    after: Json


class Result(StrEnum):
    """What became of one pull. There is no default: an outcome is always said."""

    CHANGED = "changed"
    ALREADY_SO = "already_so"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"


@frozen
class Outcome:
    """`says` is a sentence for a person, `found` the state it rests on; `again`: nothing was done, a retry is safe.

    `after`: how many seconds from now the other side wants to be left alone.
    """

    result: Result
    says: str
    found: Json = None
    again: bool = False
    after: float = 0.0


class Held(StrEnum):
    """What one look at an effect said. Not having been able to look is an answer of its own."""

    HELD = "held"
    NOT_HELD = "not_held"
    COULD_NOT_TELL = "could_not_tell"


@frozen
class Look:
    """One look, with what was seen in a few words."""

    held: Held
    says: str
