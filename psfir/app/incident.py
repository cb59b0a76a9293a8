"""Declare an incident. Its clock counts from the trigger, and a killer without papers is written down."""

from __future__ import annotations

import os
import re
from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime, timedelta

from psfir.app.session import Session, systems_of
from psfir.domain import instants
from psfir.domain.canon import Json
from psfir.domain.durations import seconds
from psfir.domain.entries import Draft
from psfir.domain.fold import fold
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.modes import PlanCase, Severity
from psfir.domain.people import Deed
from psfir.domain.values import frozen
from psfir.errors import Refusal, UsageError

_AGO = re.compile(r"\s*ago\s*$")
LONGEST_AGO = 366 * 86400.0


@frozen
class Declared:
    """What is said of an incident as it begins. `claimed_name` is what an unknown person who kills calls themselves."""

    title: str = ""
    reason: str = ""
    severity: Severity = Severity.SEV2
    case: PlanCase | None = None
    trigger_at: datetime | None = None
    source: str = ""
    claimed_name: str = ""


def new_id(now: datetime, randomness: bytes) -> str:
    """`INC-20261121-k7q2xa`: sortable by day, and chance enough that records spooled apart can merge. Needs 4 bytes."""
    if len(randomness) < 4:  # noqa: PLR2004 - six base32 letters are 30 bits
        raise ValueError("an incident id needs at least 4 bytes of chance")
    letters = b32encode(randomness).decode().lower()[:6]
    return f"INC-{now:%Y%m%d}-{letters}"


def since(text: str, now: datetime) -> datetime:
    """An instant with its zone, or how long ago (`10m`, `10m ago`). Never the future: no trigger lies there."""
    words = text.strip()
    try:
        span = seconds(_AGO.sub("", words))
    except ValueError:
        at = _instant(words)
    else:
        if span > LONGEST_AGO:
            raise UsageError(f"{text!r} is more than a year ago", todo="a trigger is when this began")
        at = now - timedelta(seconds=span)
    if at > now:
        raise UsageError(
            f"{text!r} lies in the future: it is {instants.write(now)} now", todo="say --since 10m, or check the zone"
        )
    return at


def _instant(text: str) -> datetime:
    try:
        return instants.read(text)
    except (ValueError, OverflowError) as error:
        says = str(error) if "time zone" in str(error) else f"{text!r} is neither a time nor a span"
        raise UsageError(says, todo="write 10m, or 2026-11-21T03:12:00Z, or 2026-11-21T04:12:00+01:00") from None


def declare(session: Session, systems: Sequence[str], *, words: Declared, killing: bool = False) -> Incident:
    """Open an incident. Somebody psfir does not know may do so only by killing, and then says who they are and why."""
    if not systems:
        raise UsageError("an incident is about at least one system", todo="psfir incident declare SYSTEM")
    systems_of(session, systems)
    session.need(Deed.KILL if killing else Deed.DECLARE)
    now = session.clock.now()
    at = words.trigger_at or now
    if at > now:
        raise UsageError(f"the trigger lies in the future: {instants.write(at)}", todo="check the zone of --since")
    incident = new_id(now, os.urandom(4))
    data: dict[str, Json] = {
        "systems": list(dict.fromkeys(systems)),
        "severity": words.severity.value,
        "case": words.case.value if words.case else None,
        "trigger": {"at": instants.write(at), "source": words.source},
    }
    claims = [claim(session, incident, words)] if killing and not session.actor.known else []
    said = [("title", words.title), ("reason", words.reason)]
    notes = [session.draft(incident, Kind.NOTE, {"text": text, "about": about}) for about, text in said if text.strip()]
    return fold(session.record(session.draft(incident, Kind.DECLARED, data), *claims, *notes))


def claim(session: Session, incident: str, words: Declared) -> Draft:
    """What somebody unknown says of themselves: the one paper a kill switch asks for."""
    name, reason = words.claimed_name.strip(), words.reason.strip()
    if not name or not reason:
        raise Refusal(
            "psfir does not know you: say who you are and why", todo="--name NAME --reason TEXT, or set PSFIR_ME"
        )
    return session.draft(incident, Kind.CLAIMED, {"name": name, "reason": reason, "login": session.actor.login})
