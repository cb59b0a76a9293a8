"""What the incident commands share: which words name the incident, and how they end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psfir.cli.desk import Desk
from psfir.errors import UsageError

if TYPE_CHECKING:
    from psfir.app.session import Session
    from psfir.domain.incident import Incident
    from psfir.domain.people import Seat

PEOPLE_EXIT = "\n\nExit codes: 0 done, 1 the record cannot be written, 2 wrong words, 3 refused (status, or no right)."
TAIL = 6


def split(session: Session, words: tuple[str, ...], *, exactly: int = 0) -> tuple[str, tuple[str, ...]]:
    """The incident, if the first word names one, and the rest. With `exactly`, one word more means it does."""
    first = words[0]
    if exactly:
        return (first, words[1:]) if len(words) > exactly else ("", words)
    if len(words) > 1 and (first.lower().startswith("inc-") or _tail(session, first)):
        return first, words[1:]
    return "", words


def _tail(session: Session, word: str) -> bool:
    return len(word) == TAIL and any(one.id.endswith(word.lower()) for one in session.incidents())


def seat_of(word: str) -> Seat:
    """A seat, written with - or _."""
    from psfir.domain.near import near
    from psfir.domain.people import Seat

    name = word.lower().replace("-", "_")
    seats = [seat.value for seat in Seat]
    if name not in seats:
        raise UsageError(f"there is no seat {word!r}", todo=near(name, seats))
    return Seat(name)


def done(desk: Desk, session: Session, found: Incident, command: str, text: str = "") -> int:
    """The end of a deed: one sentence, or the incident as JSON."""
    from psfir.app.incident_view import to_json

    desk.result(command, {"incident": to_json(found, session.clock.now())})
    desk.say(text)
    return 0
