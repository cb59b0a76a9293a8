"""Remediation items: what becomes of each is a fold over the entries of its incident, and nothing else.

An item closes on verification by somebody else than its owner and than whoever said that it is done. Entries that say
otherwise, wherever they come from, close nothing. Its words stand in the notes before a deed, so that they can be
erased and the deed stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from psfir.domain import instants
from psfir.domain.approval import Approval
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.people import Actor
from psfir.domain.timeline import ERASED
from psfir.domain.values import remade
from psfir.review.remediation_export import exported
from psfir.review.remediation_item import OF, RISK, Did, ItemType, Priority, RemediationItem, State

TITLE, VERIFY, WHY = "remediation", "verification", "remediation reason"
"""What a note before a deed is about."""


def items(entries: Iterable[Entry]) -> dict[str, RemediationItem]:
    """By `INC/R1`. The entries may be of one incident or of many, in the order of the record."""
    found: dict[str, RemediationItem] = {}
    counts: dict[str, int] = {}
    notes: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.kind == Kind.NOTE:
            notes.setdefault(entry.incident, []).append(entry)
            continue
        before = notes.pop(entry.incident, [])
        if entry.kind == Kind.REMEDIATION_ADDED:
            counts[entry.incident] = counts.get(entry.incident, 0) + 1
            one = _added(entry, f"R{counts[entry.incident]}", _words(entry, before))
            found[one.ref] = one
        elif step := _STEPS.get(entry.kind):
            ref = f"{entry.incident}/{_data(entry)['item']}"
            if ref in found:
                found[ref] = step(found[ref], entry, _words(entry, before))
    return found


_Words = Mapping[str, str]


def _words(entry: Entry, notes: Iterable[Entry]) -> _Words:
    """The notes that were written together with it."""
    told: dict[str, str] = {}
    wanted = entry.seq - 1
    for note in reversed(list(notes)):
        if note.seq != wanted or note.actor != entry.actor:
            break
        wanted -= 1
        if note.data is None:
            # Which one it was went with it: all that nobody else says is taken for erased.
            told.setdefault("", ERASED)
        else:
            told.setdefault(note.data["about"], note.data["text"])
    return told


def _text(words: _Words, about: str, *, default: str = "") -> str:
    return words.get(about, words.get("", default))


def _data(entry: Entry) -> Mapping[str, Any]:
    return entry.data or {}


def _did(entry: Entry, words: _Words, evidence: Iterable[str] = ()) -> Did:
    actor = Actor.parse(entry.actor)
    login = _data(entry).get("login", "")
    return Did(
        entry.seq,
        Actor(actor.id, actor.identity, login),
        instants.read(entry.at),
        _text(words, WHY),
        tuple(evidence),
    )


def _added(entry: Entry, name: str, words: _Words) -> RemediationItem:
    data = _data(entry)
    return RemediationItem(
        incident=entry.incident,
        id=name,
        title=_text(words, TITLE),
        verify=_text(words, VERIFY),
        added=_did(entry, words),
        type=ItemType(data["type"]),
        factor=data["factor"],
        key=tuple(data["key"]),
        same_as=data["same_as"],
        **_terms(data),
        stamps=(entry.hash,),
    )


def _terms(data: Mapping[str, Any]) -> dict[str, Any]:
    """Who does it by when: what may change later."""
    return {
        "priority": Priority(data["priority"]),
        "owner": data["owner"],
        "verifier": data["verifier"],
        "due": date.fromisoformat(data["due"]),
        "due_at": instants.read(data["due_at"]),
        "tracker": data["tracker"],
    }


def _taken(item: RemediationItem, entry: Entry, words: _Words) -> RemediationItem:
    if item.state is State.VERIFIED:
        return item
    did = _did(entry, words)
    mine = did.by.id == _data(entry)["owner"]
    # A risk was accepted for the item as it was: in other hands it is open, whichever of two merged records came first.
    given = State.OPEN if item.state is State.ACCEPTED else item.state
    state = State.IN_PROGRESS if mine else given
    verify = _text(words, VERIFY, default=item.verify)
    hands = _joined(item.hands, did.by) if mine else item.hands
    return remade(item, **_terms(_data(entry)), verify=verify, state=state, hands=hands, **_stamped(item, entry))


def _blocked(item: RemediationItem, entry: Entry, words: _Words) -> RemediationItem:
    if item.state in {State.VERIFIED, State.DONE}:
        return item
    return remade(item, state=State.BLOCKED, blocked=_did(entry, words), **_stamped(item, entry))


def _done(item: RemediationItem, entry: Entry, words: _Words) -> RemediationItem:
    if item.state is State.VERIFIED:
        return item
    did = _did(entry, words, _data(entry)["evidence"])
    return remade(item, state=State.DONE, done=did, hands=_joined(item.hands, did.by), **_stamped(item, entry))


def _verified(item: RemediationItem, entry: Entry, words: _Words) -> RemediationItem:
    approval = Approval.from_json(_data(entry)["approval"])
    fits = approval.of == OF and approval.digest == item.digest
    if item.state is not State.DONE or not fits or item.same_hands(approval.actor):
        return item
    did = remade(_did(entry, words, _data(entry)["evidence"]), by=approval.actor, why=approval.reason)
    return remade(item, state=State.VERIFIED, verified=did)


def _accepted(item: RemediationItem, entry: Entry, _: _Words) -> RemediationItem:
    approval = Approval.from_json(_data(entry)["approval"])
    fits = approval.of == RISK and approval.digest == item.digest
    if item.state is State.VERIFIED or not fits or item.same_hands(approval.actor):
        return item
    # Its last day is the owner's, whose midnight is another one than UTC's; older entries tell only the instant.
    last = _data(entry).get("until") or (approval.expires - timedelta(seconds=1)).date().isoformat()
    return remade(item, state=State.ACCEPTED, risk=approval, until=date.fromisoformat(last))


def _reopened(item: RemediationItem, entry: Entry, words: _Words) -> RemediationItem:
    if item.state not in {State.VERIFIED, State.ACCEPTED, State.DONE}:
        return item
    again = {"reopened": (*item.reopened, _did(entry, words)), "hands": ()}
    return remade(
        item, state=State.OPEN, done=None, verified=None, risk=None, until=None, **again, **_stamped(item, entry)
    )


def _exported(item: RemediationItem, entry: Entry, _: _Words) -> RemediationItem:
    to = _data(entry)["to"]
    return remade(item, exports={**item.exports, to: exported(item.exports.get(to), entry)})


def _stamped(item: RemediationItem, entry: Entry) -> dict[str, tuple[str, ...]]:
    return {"stamps": (*item.stamps, entry.hash)}


def _joined(hands: tuple[Actor, ...], actor: Actor) -> tuple[Actor, ...]:
    return hands if actor in hands else (*hands, actor)


_STEPS: Mapping[str, Callable[[RemediationItem, Entry, _Words], RemediationItem]] = {
    Kind.REMEDIATION_TAKEN: _taken,
    Kind.REMEDIATION_BLOCKED: _blocked,
    Kind.REMEDIATION_DONE: _done,
    Kind.REMEDIATION_VERIFIED: _verified,
    Kind.REMEDIATION_ACCEPTED: _accepted,
    Kind.REMEDIATION_REOPENED: _reopened,
    Kind.REMEDIATION_EXPORTING: _exported,
    Kind.REMEDIATION_EXPORTED: _exported,
}
