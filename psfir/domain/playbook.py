"""A playbook as a person follows it. psfir shows it step by step and records the ticks; it never runs one."""

from __future__ import annotations

from datetime import date

from psfir.domain.modes import PlanCase
from psfir.domain.people import Seat
from psfir.domain.values import frozen


@frozen
class PlaybookStep:
    """One line of the checklist: what to do, from which seat, how long after the trigger, words to say, and detail."""

    id: str
    text: str
    seat: Seat
    due: float
    say: str = ""
    detail: str = ""


@frozen
class Playbook:
    """`last_tested` is None until it has been rehearsed. `digest` is that of the canonical text."""

    id: str
    title: str
    covers: tuple[PlanCase, ...]
    last_reviewed: date
    last_tested: date | None
    steps: tuple[PlaybookStep, ...]
    digest: str
