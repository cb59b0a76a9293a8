"""Who must say yes to a filled text, and whether they did: by its class, each role by another person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import permutations

from psfir.comms.check import Yes as TemplateYes
from psfir.comms.record import Told
from psfir.domain.approval import Approval, Standing, standing
from psfir.domain.channels import MessageClass
from psfir.domain.message import Audience
from psfir.domain.people import Deed, Seat, Team
from psfir.domain.values import frozen

OF = "message"
"""What the yes is to, as the approval says."""

LASTS = 3600.0
"""Seconds: facts move on."""


@frozen
class Crew:
    """Whom psfir.yaml names, and who sits where in this incident."""

    team: Team
    seats: Mapping[Seat, str]

    def has(self, person: str, role: str) -> bool:
        """Whoever sits as commander is one, whatever psfir.yaml says of their roles."""
        if role == "incident_commander" and self.seats.get(Seat.COMMANDER) == person:
            return True
        known = self.team.people.get(person)
        return known is not None and role in known.roles


@frozen
class Clearance:
    """What the yeses to one text come to: those that count, and the roles that nobody has spoken for yet."""

    standing: Standing
    missing: tuple[str, ...]

    @property
    def enough(self) -> bool:
        return not self.missing or any(one.break_glass for one in self.standing.counted)

    @property
    def counted(self) -> tuple[Approval, ...]:
        return self.standing.counted


def class_of(audience: Audience, *, edited: bool, template: TemplateYes) -> MessageClass:
    """A text whose template nobody approved counts as edited: nobody has agreed to its words."""
    if audience is Audience.REGULATOR:
        return MessageClass.REGULATOR
    if audience is Audience.PRESS:
        return MessageClass.PRESS
    return MessageClass.EDITED if edited or not template.state.good else MessageClass.ORDINARY


def clearance(
    told: Told, approvals: Iterable[Approval], *, roles: Sequence[str], crew: Crew, now: datetime
) -> Clearance:
    """Approvals of another text, expired ones and those of nobody entitled are told and do not count."""
    about = [one for one in approvals if one.of == OF and one.digest == told.digest]
    found = standing(
        about, digest=told.digest, needed=len(roles), at=now, refused=lambda one: _refused(one, roles, crew)
    )
    people = [one.actor.id for one in found.counted]
    missing = _missing(roles, people, crew)
    author = told.by.partition(":")[2]
    if not missing and people == [author] and len(roles) > 1:
        missing = tuple(roles)
    return Clearance(found, missing)


def _refused(one: Approval, roles: Sequence[str], crew: Crew) -> str:
    if not one.actor.known or one.actor.id not in crew.team.people:
        return "is by nobody whom psfir.yaml names"
    if one.break_glass:
        return "" if crew.team.may(one.actor, Deed.BREAK_GLASS) else f"{one.actor.id} may not break the glass"
    if not any(crew.has(one.actor.id, role) for role in roles):
        return f"{one.actor.id} is not {' or '.join(roles)}"
    return ""


def _missing(roles: Sequence[str], people: Sequence[str], crew: Crew) -> tuple[str, ...]:
    """The fewest roles that are left open when each person speaks for one of theirs."""
    best = tuple(roles)
    for order in permutations(people, min(len(people), len(roles))):
        left = list(roles)
        for person in order:
            spoken = next((role for role in left if crew.has(person, role)), None)
            if spoken:
                left.remove(spoken)
        if len(left) < len(best):
            best = tuple(left)
    return best
