"""What a prompt is, what it is found from, and who is asked."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from psfir.app.comms_status import Line
from psfir.app.playbook import Row
from psfir.domain.incident import Incident
from psfir.domain.people import Seat
from psfir.domain.values import frozen


class Ask(StrEnum):
    """Which buttons a prompt has."""

    NOTHING = ""
    STEP = "step"
    TAKE = "take"


@frozen
class Facts:
    """`rows` are the steps of the playbook `book`. `owed` are audiences that are to hear; `owners` are the systems'.

    `ownerless`: an analysis is asked for, and nobody has begun it.
    """

    incident: Incident
    now: datetime
    book: str = ""
    rows: tuple[Row, ...] = ()
    owed: tuple[Line, ...] = ()
    owners: tuple[str, ...] = ()
    ownerless: bool = False


@frozen
class Prompt:
    """`to` are ids of people, `say` the words to say, `about` what its buttons bring back, `loud` from 0 to 2."""

    key: str
    to: tuple[str, ...]
    lines: tuple[str, ...]
    loud: int = 0
    say: str = ""
    command: str = ""
    ask: Ask = Ask.NOTHING
    about: str = ""


DEPUTY = {
    Seat.COMMANDER: Seat.DEPUTY_COMMANDER,
    Seat.OPS_LEAD: Seat.DEPUTY_OPS_LEAD,
    Seat.COMMS_LEAD: Seat.DEPUTY_COMMS_LEAD,
}


def seat_of(incident: Incident, seat: Seat) -> Seat:
    """A seat that nobody holds is the commander's to see to."""
    return seat if incident.seats.get(seat) else Seat.COMMANDER


def holder(incident: Incident, seat: Seat) -> str:
    """Whose a step of that seat is; '' where there is no commander either."""
    return incident.seats.get(seat_of(incident, seat), "")


def present(incident: Incident, *seats: Seat) -> tuple[str, ...]:
    return tuple(dict.fromkeys(incident.seats[seat] for seat in seats if incident.seats.get(seat)))


def above(facts: Facts, seat: Seat) -> tuple[str, ...]:
    """Who is asked next: the deputy, else the commander, else the commander's deputy, else the owners."""
    incident = facts.incident
    own = holder(incident, seat)
    wanted = (DEPUTY.get(seat, Seat.COMMANDER), Seat.COMMANDER, Seat.DEPUTY_COMMANDER)
    others = [one for one in present(incident, *wanted) if one != own]
    return tuple(others[:1]) or facts.owners
