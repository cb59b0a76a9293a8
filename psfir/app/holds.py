"""Legal holds as people place and release them, and the refusal that each erasure and each discarding meets first."""

from __future__ import annotations

import re
from collections.abc import Iterable

from psfir.app.session import Session
from psfir.domain.canon import Json
from psfir.domain.entries import Draft
from psfir.domain.holds import Hold, covering, holds
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.near import near
from psfir.domain.people import Deed
from psfir.errors import Refusal, UsageError

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def standing(session: Session) -> tuple[Hold, ...]:
    """Every hold that was not released."""
    return holds(session.journal.read())


def place(session: Session, name: str, incidents: Iterable[str], *, why: str) -> tuple[Hold, ...]:
    """Hold these incidents, or everything where none is named."""
    session.need(Deed.HOLD)
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a hold", todo="small letters, digits and -: smith-v-acme")
    wanted = list(dict.fromkeys(incidents)) or [""]
    there = {one.incident for one in standing(session) if one.name == name}
    if again := [one or "everything" for one in wanted if one in there]:
        raise Refusal(f"{name} holds {', '.join(again)} already", todo="psfir hold list")
    _record(session, name, wanted, Kind.HOLD_PLACED, why)
    return standing(session)


def release(session: Session, name: str, incidents: Iterable[str], *, why: str) -> tuple[Hold, ...]:
    """Release it for these incidents, or wholly where none is named. What it held may go from here on."""
    session.need(Deed.HOLD)
    known = standing(session)
    mine = [one.incident for one in known if one.name == name]
    if not mine:
        raise UsageError(f"no hold {name!r} stands", todo=near(name, [one.name for one in known]))
    wanted = list(dict.fromkeys(incidents)) or mine
    if missing := [one for one in wanted if one not in mine]:
        raise UsageError(f"{name} does not hold {', '.join(missing)} by name", todo="psfir hold list")
    _record(session, name, wanted, Kind.HOLD_RELEASED, why)
    return standing(session)


def refuse_held(session: Session, incidents: Iterable[str]) -> None:
    """Refuse where a hold covers one of these; `""` is what belongs to none, which any hold covers."""
    stand, merged = standing(session), merged_into(session.incidents())
    for name in dict.fromkeys(incidents):
        found = covering(stand, name, merged)
        if found:
            of = name or "this"
            raise Refusal(f"{of} is under legal hold: {found[0].line}", todo=f"psfir hold release {found[0].name}")


def merged_into(incidents: Iterable[Incident]) -> dict[str, str]:
    """By incident, the one that it was merged into."""
    return {one.id: one.merged_into for one in incidents if one.merged_into}


def _record(session: Session, name: str, incidents: Iterable[str], kind: Kind, why: str) -> None:
    if not why.strip():
        raise UsageError("this needs a reason, which is recorded", todo="--why REASON")
    data: dict[str, Json] = {"hold": name}
    drafts: list[Draft] = []
    for one in incidents:
        drafts.append(session.draft(one, Kind.NOTE, {"text": why.strip(), "about": "reason"}))
        drafts.append(session.draft(one, kind, data))
    session.record(*drafts)
