"""Each message promises the next one. The promise is a clock; a missed one is counted and never forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from psfir.comms.record import Talk, Told
from psfir.domain import instants
from psfir.domain.message import Audience, Phase
from psfir.domain.modes import Severity
from psfir.domain.values import frozen

FIRST = timedelta(minutes=10)
"""From the declaration to a holding statement."""

EVERY: Mapping[Severity, float] = {Severity.SEV1: 1800.0, Severity.SEV2: 3600.0}
OTHERWISE = 4 * 3600.0
SCOPE = 1200.0
"""Seconds until the second message, and then until each further one, unless a template or a person says otherwise."""

SLOWER_AFTER = timedelta(hours=2)
"""Before that nobody may make it slower."""

WARN = timedelta(minutes=5)
_LAST = {Phase.RESOLVED, Phase.FOLLOW_UP}
"""After these nothing more is promised unless the message itself does."""


@frozen
class Promise:
    """When an audience was to hear next, by which message, and when it did; `kept` is None while it still can be."""

    audience: Audience
    by: str
    due: datetime
    heard: datetime | None
    kept: bool | None


def next_after(phase: Phase, severity: Severity, *, template: float | None, set_: float | None) -> float | None:
    """Seconds until the next message after one of this phase; None where none is promised."""
    if phase in _LAST:
        return None
    if set_ is not None:
        return set_
    if template is not None:
        return template
    return usual(phase, severity)


def usual(phase: Phase, severity: Severity) -> float:
    """Seconds, where neither a template nor a person says how often."""
    return SCOPE if phase is Phase.HOLDING else EVERY.get(severity, OTHERWISE)


def promises(talk: Talk, now: datetime) -> list[Promise]:
    """Every promise that a message which went out made, in order."""
    found: list[Promise] = []
    for audience in Audience:
        heard = talk.sent_to(audience)
        for at, told in enumerate(heard, 1):
            found += _promise(audience, told, heard[at] if at < len(heard) else None, now)
    return sorted(found, key=lambda one: one.due)


def _promise(audience: Audience, told: Told, after: Told | None, now: datetime) -> list[Promise]:
    due = told.message.next_update_at if told.message else None
    if due is None:
        return []
    at = instants.read(after.sent.at) if after and after.sent else None
    kept = at <= due if at else (False if now > due else None)
    return [Promise(audience, told.id, due, at, kept)]


def due(found: Iterable[Promise]) -> list[Promise]:
    """Those that nothing has answered yet, the earliest first."""
    return [one for one in found if one.heard is None]


def missed(found: Iterable[Promise]) -> int:
    return sum(one.kept is False for one in found)
