"""Entries of a journal, and the chain that makes an unseen alteration impossible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from psfir.domain import canon, instants
from psfir.domain.canon import Json
from psfir.domain.kinds import CATALOGUE, Kind
from psfir.domain.values import frozen, remade

VERSION = 1
GENESIS = "sha256:" + "0" * 64


@frozen
class Draft:
    """An entry that is to be written; the journal adds its place in the chain."""

    at: datetime
    incident: str
    actor: str
    channel: str
    kind: Kind
    data: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        head = {"incident": self.incident, "actor": self.actor, "channel": self.channel, "kind": self.kind.value}
        return {"at": instants.write(self.at), **head, "data": dict(self.data)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Draft:
        rest = {key: data[key] for key in ("incident", "actor", "channel", "data")}
        return cls(at=instants.read(data["at"]), kind=Kind(data["kind"]), **rest)


@frozen
class Entry:
    """One link of the chain. `data` and `salt` are None once erased; the digest stays and the chain holds."""

    v: int
    seq: int
    at: str
    incident: str
    actor: str
    channel: str
    kind: str
    digest: str
    prev: str
    hash: str
    data: Mapping[str, Any] | None
    salt: str | None

    def head(self) -> dict[str, Json]:
        """What `hash` is taken of."""
        return {
            "v": self.v,
            "seq": self.seq,
            "at": self.at,
            "incident": self.incident,
            "actor": self.actor,
            "channel": self.channel,
            "kind": self.kind,
            "digest": self.digest,
            "prev": self.prev,
        }

    def to_json(self) -> dict[str, Json]:
        return {**self.head(), "hash": self.hash, "data": self.data, "salt": self.salt}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Entry:
        return cls(**data)


def salted(data: Mapping[str, Json], salt: str) -> str:
    """The digest of an entry's data: salted, so that erased data cannot be guessed back."""
    return canon.digest_bytes(salt.encode() + canon.canonical(data))


def seal(draft: Draft, *, seq: int, prev: str, salt: str) -> Entry:
    """Give a draft its place in the chain."""
    return seal_bytes(draft, seq=seq, prev=prev, salt=salt)[0]


def seal_bytes(draft: Draft, *, seq: int, prev: str, salt: str) -> tuple[Entry, bytes]:
    """The same, and the very bytes that its digest was taken of."""
    raw = canon.canonical(draft.data)
    unsealed = Entry(
        v=VERSION,
        seq=seq,
        at=instants.write(draft.at),
        incident=draft.incident,
        actor=draft.actor,
        channel=draft.channel,
        kind=draft.kind.value,
        digest=canon.digest_bytes(salt.encode() + raw),
        prev=prev,
        hash="",
        data=draft.data,
        salt=salt,
    )
    return remade(unsealed, hash=canon.digest(unsealed.head())), raw


@frozen
class Flaw:
    """The first entry at which a chain does not hold, and what is wrong with it."""

    seq: int
    says: str


def check(entries: Iterable[Entry], *, prev: str = GENESIS, first: int = 1) -> Flaw | None:
    """The first bad entry of a whole chain, or None. Erased data is bad unless a tombstone further on names it."""
    missing: set[int] = set()
    expected = first
    for entry in entries:
        says = _flaw(entry, expected, prev)
        if says:
            return Flaw(entry.seq, says)
        if entry.data is None:
            missing.add(entry.seq)
        elif entry.kind == Kind.ERASED:
            missing.discard(entry.data.get("seq", 0))
        prev, expected = entry.hash, expected + 1
    if missing:
        return Flaw(min(missing), "its data is gone and no later entry says that it was erased")
    return None


def alone(entry: Entry) -> str:
    """What is wrong with an entry by itself, "" if nothing is: for where its neighbours are not at hand."""
    return _flaw(entry, entry.seq, entry.prev)


def _flaw(entry: Entry, expected: int, prev: str) -> str:
    if entry.seq != expected:
        return f"entry {expected} is missing: {entry.seq} stands in its place"
    if entry.prev != prev:
        return "does not follow the entry before it"
    try:
        fits = canon.digest(entry.head()) == entry.hash
    except (ValueError, TypeError):
        fits = False
    return _data_flaw(entry) if fits else "its heading was altered: the hash does not fit"


def _data_flaw(entry: Entry) -> str:
    if (entry.data is None) != (entry.salt is None):
        return "its data was altered: data and salt are erased together or not at all"
    if entry.data is None:
        return "" if _erasable(entry.kind) else "its data is gone, and this kind cannot be erased"
    try:
        fits = entry.salt is not None and salted(entry.data, entry.salt) == entry.digest
    except (ValueError, TypeError, AttributeError):
        fits = False
    return "" if fits else "its data was altered: the digest does not fit"


def _erasable(kind: str) -> bool:
    return kind in {k.value for k, about in CATALOGUE.items() if about.erasable}
