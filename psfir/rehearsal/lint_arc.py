"""The arc of a scenario: it begins early, contradicts itself, asks for a decision, gets worse, and can be judged."""

from __future__ import annotations

from psfir.domain.durations import show
from psfir.rehearsal.drill_rules import Draft
from psfir.rehearsal.expectation import Expects
from psfir.rehearsal.inject import At
from psfir.rehearsal.words import Purpose, Rating, Sees

_RULE = "drill-quality"
_FIFTH = 5


def objectives(draft: Draft) -> None:
    """Each objective has an expectation, or nothing would show it."""
    for number, one in enumerate(draft.scenario.objectives):
        if not any(expected.objective == one.id for _, expected in draft.expectations()):
            says = f"nothing is expected for {one.id!r}: say `objective: {one.id}` at an expectation"
            draft.add(("objectives", number), says, _RULE)


def roles(draft: Draft) -> None:
    """Each player gets something to do."""
    for name, role in draft.scenario.roles.items():
        if role.sees is Sees.PLAYER and not any(one.shown.for_role(name) for one in draft.scenario.injects):
            draft.add(("roles", name), f"no inject is for {name!r}: its player would sit and wait", _RULE, warning=True)


def first_trigger(draft: Draft) -> None:
    """It begins within a fifth of its time."""
    starts = [one.trigger.seconds for one in draft.scenario.injects if isinstance(one.trigger, At)]
    latest = draft.scenario.duration // _FIFTH
    if not starts or min(starts) > latest:
        says = f"nothing happens by itself in the first fifth of the time ({show(latest)})"
        draft.add(("injects",), says, _RULE, warning=True)


def conflict(draft: Draft) -> None:
    """Two reports contradict each other: on a bad night they do."""
    says = "no inject contradicts another: give one `purpose: [conflict]`"
    _has(draft, Purpose.CONFLICT, says)


def decision(draft: Draft) -> None:
    """Something has to be decided before it is known."""
    says = "nothing has to be decided under uncertainty: give an inject `purpose: [decision]`"
    _has(draft, Purpose.DECISION, says)


def escalation(draft: Draft) -> None:
    """It gets worse before it gets better."""
    says = "it never gets worse: give an inject after the first `purpose: [escalation]`"
    _has(draft, Purpose.ESCALATION, says, first=1)


def _has(draft: Draft, purpose: Purpose, says: str, *, first: int = 0) -> None:
    if not any(purpose in one.purposes for one in draft.scenario.injects[first:]):
        draft.add(("injects",), says, _RULE, warning=True)


def verifiable(draft: Draft) -> None:
    """What caps the score is seen by the record, not by somebody's eye."""
    for place, one in draft.expectations():
        if one.critical and one.kind is Expects.MANUAL:
            says = "a critical expectation is met by what the record shows: `manual` is an opinion"
            draft.add((*place, "critical"), says, _RULE)


def bands(draft: Draft) -> None:
    """Each better rating asks for more."""
    given = draft.scenario.scoring.bands
    least = [given.get(rating, -1) for rating in (Rating.P, Rating.S, Rating.M)]
    if -1 in least or Rating.U in given or sorted(set(least), reverse=True) != least:
        draft.add(("scoring", "bands"), "says the least percent of P, S and M, each less than the one before", _RULE)
