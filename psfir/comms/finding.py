"""What lint tells of a message: where, why, and a better wording; and what it is told of the message beforehand."""

from __future__ import annotations

from collections.abc import Callable

from psfir.comms.pack import Level
from psfir.domain.message import Audience, Phase
from psfir.domain.values import frozen

_LONGEST = 60


@frozen
class About:
    """What a text is for, and what may stand in it although it looks like something else.

    `allowed` are addresses and links of psfir.yaml; `people` are names of staff; `knows` tells a secret of this
    workspace that is in reach; in an `exercise` the marker must stand there, and nowhere else.
    """

    audience: Audience
    phase: Phase
    lang: str
    allowed: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    knows: Callable[[str], bool] | None = None
    exercise: bool = False
    filled: bool = True


@frozen
class Finding:
    """Where, why, and a better wording. `line` counts from 1 with the title as line 0."""

    rule: str
    level: Level
    line: int
    text: str
    says: str
    better: str


def error(rule: str, line: int, text: str, says: str, better: str) -> Finding:
    """A finding that keeps the text from going out."""
    return Finding(rule, Level.ERROR, line, short(text), says, better)


def short(text: str) -> str:
    """A part of a line, on one line."""
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"
