"""What people do with remediation items: who may, what they have to say, and that nobody closes their own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from psfir.app.approve import Yes, spoken
from psfir.app.remediation_factors import known, node, same_spot
from psfir.app.remediation_terms import Wanted, calendar, day, kept, terms
from psfir.app.session import Session
from psfir.domain import instants
from psfir.domain.approval import Approval
from psfir.domain.canon import Json
from psfir.domain.drill import DRILL
from psfir.domain.entries import Draft
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.near import near
from psfir.domain.people import Deed
from psfir.domain.values import frozen
from psfir.errors import Refusal, UsageError
from psfir.review.remediation import TITLE, VERIFY, WHY, items
from psfir.review.remediation_item import OF, RISK, ItemType, RemediationItem, State
from psfir.review.remediation_views import came_back, repeats

LASTS = timedelta(days=30)
_ITEM = re.compile(r"(?:(?P<incident>[^/]+)/)?(?P<item>[Rr][0-9]+)")


@frozen
class Added:
    """A new item; what was opened again with it; closed items of the same factor that a person may open again."""

    item: RemediationItem
    reopened: tuple[RemediationItem, ...]
    back: tuple[tuple[RemediationItem, str], ...]


def items_of(session: Session, incident: str = "") -> dict[str, RemediationItem]:
    """By `INC/R1`, of one incident or of all."""
    return items(session.journal.read(incident or None))


def place(session: Session, ref: str) -> str:
    """The incident that is meant, or the drill: what items stand under."""
    return ref if ref.startswith(DRILL) else session.incident(ref).id


def find(session: Session, ref: str) -> RemediationItem:
    """`INC/R1`; `R1` alone is of the incident that is meant without a word."""
    named = _ITEM.fullmatch(ref.strip())
    if named is None:
        raise UsageError(f"{ref!r} is no item", todo="say R1, or INC-20261121-k7q2xa/R1")
    incident = place(session, named["incident"] or "")
    wanted, listed = f"{incident}/{named['item'].upper()}", items_of(session, incident)
    if wanted not in listed:
        others = [one for one in items_of(session) if one.endswith(f"/{named['item'].upper()}")]
        raise UsageError(f"there is no item {wanted}", todo=near(wanted, [*listed, *others]))
    return listed[wanted]


def add(session: Session, incident: Incident, wanted: Wanted, *, kind: ItemType = ItemType.PREVENT) -> Added:
    """A new item of an incident. Items of a factor that is said to be the same are opened again with it."""
    _may(session, "", Deed.NOTE, Deed.REVIEW)
    if not wanted.title.strip():
        raise UsageError("an item needs a title: a verb, an object, an end that can be seen")
    factor, key = known(session, incident, wanted.factor) if wanted.factor else ("", ())
    if wanted.same_as and not factor:
        raise UsageError("nothing can be the same as that without a factor of its own", todo="--factor F1")
    same_as = same_spot(session, wanted.same_as, but=incident.id) if wanted.same_as else ""
    system = incident.systems[0]
    data: dict[str, Json] = {
        "type": kind.value,
        "factor": factor,
        "key": list(key),
        "same_as": same_as,
        **terms(session, wanted, None, system=system),
        "login": session.actor.login,
    }
    notes = {TITLE: wanted.title, VERIFY: wanted.verify}
    drafts = _drafts(session, incident.id, Kind.REMEDIATION_ADDED, data, notes)
    again = [one for one in items_of(session).values() if same_as and one.spot == same_as and _closed(one)]
    for one in again:
        why = f"the same factor stands in {incident.id}/{factor}"
        back: dict[str, Json] = {"item": one.id, "same_as": f"{incident.id}/{factor}", "login": session.actor.login}
        drafts += _drafts(session, one.incident, Kind.REMEDIATION_REOPENED, back, {WHY: why})
    written = session.record(*drafts)
    every = items_of(session)
    seq = next(entry.seq for entry in written if entry.kind == Kind.REMEDIATION_ADDED)
    item = next(one for one in every.values() if one.added.seq == seq)
    return Added(item, tuple(every[one.ref] for one in again), tuple(returned(session, incident)))


def add_for_drill(session: Session, run: str, wanted: Wanted, *, kind: ItemType, system: str) -> RemediationItem:
    """A new item of a drill, which is no incident and has no factors."""
    _may(session, "", Deed.NOTE, Deed.REVIEW)
    nothing: dict[str, Json] = {"factor": "", "key": [], "same_as": ""}
    now = terms(session, wanted, None, system=system)
    data: dict[str, Json] = {"type": kind.value, **nothing, **now, "login": session.actor.login}
    notes = {TITLE: wanted.title, VERIFY: wanted.verify}
    session.record(*_drafts(session, run, Kind.REMEDIATION_ADDED, data, notes))
    return list(items_of(session, run).values())[-1]


def take(session: Session, item: RemediationItem, wanted: Wanted) -> RemediationItem:
    """Take it in hand, or give it to somebody; and say what changes of its terms."""
    _open(session, item)
    _may(session, item.owner, Deed.NOTE, Deed.REVIEW)
    owner = wanted.owner or session.actor.id
    now = terms(session, Wanted(**{**vars(wanted), "owner": owner}), item, system=_system(session, item))
    data: dict[str, Json] = {"item": item.id, **now, "login": session.actor.login}
    return _write(session, item, Kind.REMEDIATION_TAKEN, data, {VERIFY: wanted.verify})


def block(session: Session, item: RemediationItem, *, why: str) -> RemediationItem:
    """It cannot go on, and why. It stays due."""
    _open(session, item)
    _may(session, item.owner, Deed.NOTE, Deed.REVIEW)
    if item.state is State.DONE:
        raise Refusal(f"{item.id} is done already", todo=f"psfir remediation reopen {item.ref}, if it is not")
    data: dict[str, Json] = {"item": item.id, "login": session.actor.login}
    return _write(session, item, Kind.REMEDIATION_BLOCKED, data, {WHY: _reason(why)})


def done(session: Session, item: RemediationItem, evidence: Sequence[str]) -> RemediationItem:
    """Say that it is done. It stays open until somebody else has looked."""
    _open(session, item)
    _may(session, item.owner, Deed.NOTE, Deed.REVIEW)
    if item.state is State.DONE:
        raise Refusal(f"{item.id} is done already", todo=f"somebody else: psfir remediation verify {item.ref}")
    data: dict[str, Json] = {"item": item.id, "evidence": kept(session, evidence), "login": session.actor.login}
    return _write(session, item, Kind.REMEDIATION_DONE, data, {})


def verify(session: Session, item: RemediationItem, evidence: Sequence[str], yes: Yes) -> RemediationItem:
    """Close it: somebody else has looked, and says what shows that it helps."""
    _open(session, item)
    _may(session, item.verifier, Deed.REVIEW)
    if item.state is not State.DONE:
        raise Refusal(f"nobody has said that {item.id} is done", todo=f"psfir remediation done {item.ref}")
    shown = kept(session, evidence)
    if not shown and not (item.done and item.done.evidence):
        raise UsageError("nothing shows that it helps", todo="--evidence '[entry 12]', a digest or a link")
    data: dict[str, Json] = {"item": item.id, "evidence": shown}
    return _closing(session, item, Kind.REMEDIATION_VERIFIED, yes, of=OF, expires=None, data=data)


def accept(session: Session, item: RemediationItem, *, until: str, yes: Yes) -> RemediationItem:
    """Live with it until then. The approver is not its owner; when it runs out, the item is open again."""
    _open(session, item)
    session.need(Deed.REVIEW)
    _reason(yes.reason)
    works = calendar(session, item.owner, _system(session, item))
    expires = works.end_of(day(until))
    if expires <= session.clock.now():
        raise UsageError(f"{until} is over", todo="--until a day to come")
    data: dict[str, Json] = {"item": item.id, "until": day(until).isoformat()}
    return _closing(session, item, Kind.REMEDIATION_ACCEPTED, yes, of=RISK, expires=expires, data=data)


def reopen(session: Session, item: RemediationItem, *, why: str, same_as: str = "") -> RemediationItem:
    """It did not help, or the same factor came back."""
    _may(session, item.owner, Deed.NOTE, Deed.REVIEW)
    if item.state not in {State.VERIFIED, State.ACCEPTED, State.DONE}:
        raise Refusal(f"{item.id} is open")
    spot = same_spot(session, same_as, but=item.incident) if same_as else ""
    said = why.strip() or (f"the same factor stands in {spot}" if spot else "")
    data: dict[str, Json] = {"item": item.id, "same_as": spot, "login": session.actor.login}
    return _write(session, item, Kind.REMEDIATION_REOPENED, data, {WHY: _reason(said)})


def returned(session: Session, incident: Incident) -> list[tuple[RemediationItem, str]]:
    """Closed items of other incidents whose factor stands in the analysis of this one, or in an item of it."""
    every = list(items_of(session).values())
    here = node(session, incident)
    spots = {**here, **{one.spot: one.key for one in every if one.incident == incident.id and one.spot}}
    return came_back(repeats(every, spots), set(spots))


def moment(session: Session, text: str) -> datetime:
    """At which instant items are looked at: now, the end of a day in UTC, or an instant."""
    if not text:
        return session.clock.now()
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), UTC)
    except ValueError:
        pass  # then it is an instant
    try:
        return instants.read(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day and no instant", todo="write 2026-12-19") from None


def _closing(
    session: Session,
    item: RemediationItem,
    kind: Kind,
    yes: Yes,
    *,
    of: str,
    expires: datetime | None,
    data: Mapping[str, Json],
) -> RemediationItem:
    """A yes to the item as it stands, by somebody else."""
    now = session.clock.now()
    approval = spoken(session, Approval(item.digest, of, session.actor, now, expires or now + LASTS), yes)
    why = item.same_hands(approval.actor)
    if why:
        raise Refusal(why, todo="somebody else has to look")
    closed = _write(session, item, kind, {**data, "approval": approval.to_json()}, {})
    if not closed.closed(now):
        raise Refusal(f"{item.id} changed meanwhile, so this yes does not count", todo="look again")
    return closed


def _write(
    session: Session, item: RemediationItem, kind: Kind, data: Mapping[str, Json], notes: Mapping[str, str]
) -> RemediationItem:
    session.record(*_drafts(session, item.incident, kind, data, notes))
    return items_of(session, item.incident)[item.ref]


def _drafts(
    session: Session, incident: str, kind: Kind, data: Mapping[str, Json], notes: Mapping[str, str]
) -> list[Draft]:
    """The deed behind its words."""
    said = {about: " ".join(text.split()) for about, text in notes.items()}
    words = [session.draft(incident, Kind.NOTE, {"text": text, "about": about}) for about, text in said.items() if text]
    return [*words, session.draft(incident, kind, data)]


def _system(session: Session, item: RemediationItem) -> str:
    """Whose calendar counts where the owner has none; "" for an item of a drill."""
    return "" if item.incident.startswith(DRILL) else session.incident(item.incident).systems[0]


def _open(session: Session, item: RemediationItem) -> None:
    if item.closed(session.clock.now()):
        word = item.state.value.replace("_", " ")
        raise Refusal(f"{item.id} is closed: {word}", todo=f"psfir remediation reopen {item.ref} --why REASON")


def _closed(item: RemediationItem) -> bool:
    return item.state in {State.VERIFIED, State.ACCEPTED}


def _may(session: Session, also: str, *deeds: Deed) -> None:
    """Whoever it belongs to, and whoever may do one of these."""
    if session.actor.known and session.actor.id == also:
        return
    if not any(session.workspace.team.may(session.actor, deed) for deed in deeds):
        session.need(deeds[-1])


def _reason(why: str) -> str:
    if not why.strip():
        raise UsageError("this needs a reason, which is recorded", todo="--why REASON")
    return why
