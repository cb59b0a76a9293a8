"""Whom to ask for what whoever sits here may not do: by name, by seat in the incident, by the role that entitles."""

from __future__ import annotations

from collections.abc import Collection

from psfir.app.session import Session
from psfir.domain.incident import Incident
from psfir.domain.people import Deed

NAMED = 3
"""How many people are named; the others are counted."""


def whom(session: Session, incident: Incident, deed: Deed, *, but: Collection[str] = ()) -> str:
    """Whom to ask, those with a seat first; '' where whoever asks may do it. `but` have done their part already."""
    team = session.workspace.team
    if team.may(session.actor, deed) and session.actor.id not in but:
        return ""
    seated = set(incident.seats.values())
    may = sorted((name for name in team.who_may(deed) if name not in but), key=lambda name: name not in seated)
    if not may:
        return f"nobody {'else ' if but else ''}may {deed.value.replace('_', ' ')}: name somebody in psfir.yaml"
    shown = [entitled(session, incident, name, deed) for name in may[:NAMED]]
    more = [f"{len(may) - NAMED} more"] if len(may) > NAMED else []
    return f"ask {' or '.join([*shown, *more])}"


def entitled(session: Session, incident: Incident, name: str, deed: Deed) -> str:
    """`bob (commander, on_call)`: the seats held in this incident, then the roles that give the right."""
    team = session.workspace.team
    seats = [seat.value for seat, person in incident.seats.items() if person == name]
    roles = [role for role in team.people[name].roles if deed in team.roles.get(role, frozenset())]
    return f"{name} ({', '.join([*seats, *roles])})"
