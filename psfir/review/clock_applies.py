"""Which duties may run, by what psfir.yaml says of the company. It proposes; whether one applies, a person says.

What nobody said rules nothing out: a duty is left out only where somebody said something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum

from psfir.domain.duties import Legal, Review
from psfir.domain.near import near
from psfir.domain.values import frozen
from psfir.loading.files import Loaded
from psfir.loading.nodes import Node
from psfir.review.clock import Clock


class May(StrEnum):
    """Whether a duty may run: as far as psfir.yaml says, yes; it does not say; no."""

    YES = "yes"
    UNKNOWN = "unknown"
    NO = "no"


@frozen
class Proposal:
    """`says` names what rules it out, or what psfir.yaml leaves open."""

    may: May
    says: str = ""


def propose(clock: Clock, review: Review, systems: Iterable[str], today: date) -> Proposal:
    """For an incident about these systems: the widest answer that one of them gives."""
    if not clock.enabled:
        return Proposal(May.NO, f"switched off: {clock.reason}")
    if clock.in_force_from and today < clock.in_force_from:
        return Proposal(May.NO, f"in force from {clock.in_force_from}")
    found = [_one(clock, review.legal_of(system)) for system in systems] or [_one(clock, review.legal)]
    order = [May.YES, May.UNKNOWN, May.NO]
    return min(found, key=lambda one: order.index(one.may))


def _one(clock: Clock, legal: Legal) -> Proposal:
    open_questions = []
    for name, asked, said in _asked(clock, legal):
        if said is None:
            open_questions.append(name)
        elif not any(_fits(word, one) for word in asked for one in said):
            wanted = " or ".join(asked)
            return Proposal(May.NO, f"asks for {name} {wanted}")
    if clock.applies.high_risk and legal.high_risk is None:
        open_questions.append("high_risk")
    elif clock.applies.high_risk and not legal.high_risk:
        return Proposal(May.NO, "asks for a high-risk system")
    if open_questions:
        return Proposal(May.UNKNOWN, f"psfir.yaml does not say: {', '.join(open_questions)}")
    return Proposal(May.YES)


def _asked(clock: Clock, legal: Legal) -> Iterable[tuple[str, tuple[str, ...], tuple[str, ...] | None]]:
    applies = clock.applies
    asked = (
        ("roles", applies.roles, legal.roles),
        ("data", applies.data, legal.data),
        ("jurisdictions", applies.jurisdictions, legal.jurisdictions),
    )
    return (one for one in asked if one[1])


def _fits(asked: str, said: str) -> bool:
    """Who is in us-ca is in us as well."""
    return said == asked or said.startswith(f"{asked}-")


def check_words(words: Loaded, clocks: Mapping[str, Clock]) -> None:
    """A word that no clock asks for is probably a slip, and a slip would keep a duty out of sight."""
    block = words.root.get("review")
    legal = block.get("legal") if block else None
    if legal is None:
        return
    nodes = [legal, *(legal.names("systems") or {}).values()]
    for key in ("roles", "data", "jurisdictions"):
        known = sorted({word for clock in clocks.values() for word in getattr(clock.applies, key)})
        for node in nodes:
            for word in node.each(key):
                _check_word(words, word, known, key)


def _check_word(words: Loaded, word: Node, known: list[str], key: str) -> None:
    if word.text and not any(_fits(asked, word.text) for asked in known):
        says = f"no clock asks for {words.problems.shown(word.text)} under {key}; {near(word.text, known)}"
        words.problems.add(word, says, rule="clock-word", warning=True)
