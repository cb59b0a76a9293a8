"""What is said of a remediation item: who does it by when, and what shows that it was done."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from psfir.app.session import Session
from psfir.domain import instants
from psfir.domain.canon import Json
from psfir.domain.kinds import Kind
from psfir.domain.near import near
from psfir.domain.values import frozen
from psfir.errors import Refusal, UsageError
from psfir.review.business_days import Calendar
from psfir.review.holiday_calendar import calendar_of
from psfir.review.remediation_item import DAYS, Priority, RemediationItem

_ENTRY = re.compile(r"\[?entry (?P<seq>[0-9]+)\]?")
_URL = re.compile(r"https?://[^\s/@]+(?:/[^\s@]*)?")
_SHA = re.compile(r"(?:sha256:)?(?P<hex>[0-9a-f]{8,64})")


@frozen
class Wanted:
    """What somebody said of an item; "" for what they did not say."""

    title: str = ""
    factor: str = ""
    priority: str = ""
    owner: str = ""
    verifier: str = ""
    due: str = ""
    tracker: str = ""
    verify: str = ""
    same_as: str = ""


def terms(session: Session, wanted: Wanted, before: RemediationItem | None, *, system: str) -> dict[str, Json]:
    """Who does it by when, with what stood before where nothing is said."""
    people = session.workspace.team.people
    owner = wanted.owner or (before.owner if before else "")
    verifier = wanted.verifier or (before.verifier if before else "")
    for name in (owner, verifier):
        if name and name not in people:
            raise UsageError(f"psfir.yaml names no person {name!r}", todo=near(name, people))
    if verifier and verifier == owner:
        raise Refusal(f"{owner} cannot verify what {owner} does", todo="--verifier somebody else")
    priority = _priority(wanted.priority) if wanted.priority else (before.priority if before else Priority.P1)
    tracker = wanted.tracker or (before.tracker if before else "")
    if tracker and not _URL.fullmatch(tracker):
        raise UsageError(f"{tracker!r} is no link", todo="--tracker https://...")
    works = calendar(session, owner, system)
    if before and not wanted.due and (not wanted.priority or priority is before.priority):
        last = before.due
    else:
        today = works.day_of(session.clock.now())
        last = day(wanted.due) if wanted.due else works.next(today + timedelta(days=DAYS[priority]))
        if last < today:
            raise UsageError(f"{last} is over", todo="--due a day to come")
    due: dict[str, Json] = {"due": last.isoformat(), "due_at": instants.write(works.end_of(last))}
    return {"priority": priority.value, "owner": owner, "verifier": verifier, **due, "tracker": tracker}


def calendar(session: Session, owner: str, system: str) -> Calendar:
    return calendar_of(session.workspace.review.calendar_of(owner, system), session.root)


def kept(session: Session, evidence: Sequence[str]) -> list[Json]:
    """Each as it is kept: what the record does not know, nobody could look at."""
    entries = list(session.journal.read()) if evidence else []
    digests = [str(one.data["sha256"]) for one in entries if one.kind == Kind.EVIDENCE and one.data]
    found: list[Json] = []
    for text in evidence:
        if entry := _ENTRY.fullmatch(text.strip()):
            if not 0 < int(entry["seq"]) <= (entries[-1].seq if entries else 0):
                raise UsageError(f"the record has no entry {entry['seq']}", todo="psfir incident show")
            found.append(f"[entry {int(entry['seq'])}]")
        elif sha := _SHA.fullmatch(text.strip()):
            whole = {one for one in digests if one.removeprefix("sha256:").startswith(sha["hex"])}
            if len(whole) != 1:
                raise UsageError(f"{len(whole)} kept files have the digest {text}", todo="psfir incident show")
            found.append(whole.pop())
        elif _URL.fullmatch(text.strip()):
            found.append(text.strip())
        else:
            raise UsageError(f"{text!r} is no evidence", todo="say '[entry 12]', the digest of a kept file, or a link")
    return found


def _priority(text: str) -> Priority:
    try:
        return Priority(text.lower())
    except ValueError:
        raise UsageError(f"{text!r} is no priority", todo=near(text, [one.value for one in Priority])) from None


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day", todo="write 2026-12-19") from None
