"""A planned event of a rehearsal. What players read and what the facilitator knows are two types from the file on."""

from __future__ import annotations

from psfir.domain.values import frozen
from psfir.rehearsal.expectation import Condition, Expectation
from psfir.rehearsal.words import Met, Purpose, Via


@frozen
class Question:
    """A poll as players see it. The right answers are elsewhere."""

    options: tuple[str, ...]
    multi: bool = False


@frozen
class PlayerInject:
    """All of an inject that may ever reach a player's process. Not even its id does: an id can give a plot away."""

    body: str
    title: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    via: Via = Via.CHAT
    attachments: tuple[str, ...] = ()
    poll: Question | None = None

    def for_role(self, role: str) -> bool:
        """One that is addressed to nobody is for all."""
        return not self.to or role in self.to


@frozen
class Guide:
    """What only the facilitator reads. `hints` are a ladder: the gentlest first."""

    note: str = ""
    hints: tuple[str, ...] = ()
    red_flag: str = ""
    questions: tuple[str, ...] = ()
    correct: tuple[str, ...] = ()


@frozen
class At:
    """So many whole seconds of scenario time after the start."""

    seconds: int


@frozen
class After:
    """So many whole seconds after an expectation came to this state."""

    expectation: str
    state: Met
    delay: int = 0


@frozen
class ByHand:
    """Only when the facilitator fires it."""


Trigger = At | After | ByHand


@frozen
class Inject:
    """`only_if` is looked at once, at the instant at which the inject is due; without it holding, it is skipped."""

    id: str
    shown: PlayerInject
    trigger: Trigger
    purposes: tuple[Purpose, ...] = (Purpose.REPORT,)
    only_if: Condition | None = None
    expect: tuple[Expectation, ...] = ()
    guide: Guide = Guide()
    starts_clock: bool = False
