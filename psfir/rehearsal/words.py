"""The closed lists of a scenario: how real it is, what injects are for, how expectations stand."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """Tabletop: decisions only. Functional: real runbooks on the range. Live: an approved containment, observed."""

    TABLETOP = "tabletop"
    FUNCTIONAL = "functional"
    LIVE = "live"

    @property
    def shows(self) -> str:
        """What such a drill can show, and what it cannot."""
        return _SHOWS[self]


_SHOWS = {
    Level.TABLETOP: "who decides what, and how fast; never the 15 minutes",
    Level.FUNCTIONAL: "that the runbooks work on the range, timed, with faults",
    Level.LIVE: "the 15 minutes, by an ordinary approved containment that the drill only observes",
}


class Levers(StrEnum):
    """What levers reach in a drill. Of the live estate it holds none."""

    RANGE = "range"
    NONE = "none"


class CommsTo(StrEnum):
    """Where messages go: into the folder of the drill, there is no other value."""

    SINK = "sink"


class Delivery(StrEnum):
    """Who lets injects fire: the scenario clock, or the facilitator, one by one."""

    CLOCK = "clock"
    FACILITATOR = "facilitator"


class By(StrEnum):
    """What fires an inject that has neither an offset nor an expectation to wait for."""

    HAND = "hand"


class Via(StrEnum):
    """How it reaches the players."""

    CHAT = "chat"
    EMAIL = "email"
    PAGE = "page"
    SOCIAL = "social"
    CALL = "call"
    DASHBOARD = "dashboard"
    DOCUMENT = "document"


class Purpose(StrEnum):
    """What an inject does to the players; the arc of a scenario is judged by it."""

    TRIGGER = "trigger"
    REPORT = "report"
    CONFLICT = "conflict"
    DECISION = "decision"
    ESCALATION = "escalation"
    PRESSURE = "pressure"
    RELIEF = "relief"


class Axis(StrEnum):
    """What a team is judged on, one by one."""

    DETECT = "detect"
    ACTIVATE = "activate"
    RESPOND = "respond"
    CONTAIN = "contain"
    COMMUNICATE = "communicate"
    DOCUMENT = "document"
    RECOVER = "recover"


class Rating(StrEnum):
    """P performed, S performed with some challenges, M performed with major challenges, U unable to be performed."""

    P = "P"
    S = "S"
    M = "M"
    U = "U"


class Met(StrEnum):
    """How an expectation stands. `unasked`: the inject it belongs to never came, so nobody could meet it."""

    PENDING = "pending"
    MET = "met"
    PARTIAL = "partial"
    MISSED = "missed"
    WAIVED = "waived"
    UNASKED = "unasked"


class Wait(StrEnum):
    """What an inject can wait for an expectation to come to."""

    MET = "met"
    PARTIAL = "partial"
    MISSED = "missed"


class Sent(StrEnum):
    """How far a message has to get."""

    SENT = "sent"
    APPROVED = "approved"


class Sees(StrEnum):
    """What a role is shown: what players read, or all."""

    PLAYER = "player"
    FACILITATOR = "facilitator"
