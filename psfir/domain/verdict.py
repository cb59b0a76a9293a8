"""From looks to a verdict. The worst of what was seen decides; not having seen is never good news."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.values import frozen


class Verdict(StrEnum):
    """What a containment came to."""

    CONTAINED = "contained"
    PARTIAL = "partial"
    NOT_CONTAINED = "not_contained"
    UNKNOWN = "unknown"


@frozen
class Sight:
    """What one look of a probe saw at one replica."""

    replica: str
    held: Held
    says: str


@frozen
class Proof:
    """How much was seen: answers that came, over how many seconds, from which replicas; `untold` could not tell."""

    answers: int
    untold: int
    over: float
    replicas: tuple[str, ...]
    soaked: float = 0.0

    def to_json(self) -> dict[str, Json]:
        return {
            "answers": self.answers,
            "untold": self.untold,
            "over": round(self.over, 3),
            "replicas": list(self.replicas),
            "soaked": round(self.soaked, 3),
        }


def judge(looks: Iterable[Held]) -> Verdict:
    """The verdict over the last state of everything that was to be looked at. Nothing looked at is unknown."""
    seen = set(looks)
    if not seen:
        return Verdict.UNKNOWN
    if Held.NOT_HELD in seen:
        return Verdict.PARTIAL if Held.HELD in seen else Verdict.NOT_CONTAINED
    return Verdict.UNKNOWN if Held.COULD_NOT_TELL in seen else Verdict.CONTAINED


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Of several systems or phases together. Partial only where some part is known to be contained."""
    seen = set(verdicts)
    if not seen:
        return Verdict.UNKNOWN
    if Verdict.NOT_CONTAINED in seen or Verdict.PARTIAL in seen:
        return Verdict.PARTIAL if seen & {Verdict.CONTAINED, Verdict.PARTIAL} else Verdict.NOT_CONTAINED
    return Verdict.UNKNOWN if Verdict.UNKNOWN in seen else Verdict.CONTAINED


def capped(verdict: Verdict, *, steps_failed: bool) -> Verdict:
    """A step that no rung achieved keeps `contained` out of reach, whatever the probes say."""
    return Verdict.PARTIAL if steps_failed and verdict is Verdict.CONTAINED else verdict
