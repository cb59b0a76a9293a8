"""The catalogue of what a journal holds, and the chain that makes an unseen alteration impossible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from psfir.domain import canon, instants
from psfir.domain.canon import Json
from psfir.domain.values import frozen, remade

VERSION = 1
GENESIS = "sha256:" + "0" * 64


class Kind(StrEnum):
    """Every kind of entry. What each carries is said in `CATALOGUE`."""

    DECLARED = "incident.declared"
    SYSTEM_ADDED = "incident.system_added"
    NOTE = "incident.note"
    CLAIMED = "actor.claimed"
    SEATED = "incident.seated"
    SEVERITY = "incident.severity"
    RESOLVED = "incident.resolved"
    CLOSED = "incident.closed"
    REOPENED = "incident.reopened"
    FALSE_ALARM = "incident.false_alarm"
    MERGED = "incident.merged"
    HANDED_OVER = "incident.handed_over"
    PLANNED = "plan.drawn"
    APPROVED = "approval.given"
    RUN_STARTED = "run.started"
    RUN_RESUMED = "run.resumed"
    RUN_ENDED = "run.ended"
    EVIDENCE = "evidence.captured"
    NO_EVIDENCE = "evidence.missing"
    INTENDED = "rung.intended"
    ENDED = "rung.ended"
    VERIFIED = "rung.verified"
    LATE = "rung.late"
    REREAD = "rung.reread"
    HANDED = "rung.handed"
    SEEN = "probe.seen"
    VERDICT = "verdict.reached"
    SOAKING = "soak.started"
    TICKED = "playbook.ticked"
    DRAFTED = "message.drafted"
    WITHDRAWN = "message.withdrawn"
    SENDING = "message.sending"
    SENT = "message.sent"
    CADENCE = "cadence.set"
    RCA_SUBMITTED = "rca.submitted"
    RCA_PUBLISHED = "rca.published"
    REMEDIATION_ADDED = "remediation.added"
    REMEDIATION_TAKEN = "remediation.taken"
    REMEDIATION_BLOCKED = "remediation.blocked"
    REMEDIATION_DONE = "remediation.done"
    REMEDIATION_VERIFIED = "remediation.verified"
    REMEDIATION_ACCEPTED = "remediation.risk_accepted"
    REMEDIATION_REOPENED = "remediation.reopened"
    REMEDIATION_EXPORTING = "remediation.exporting"
    REMEDIATION_EXPORTED = "remediation.exported"
    INSTANT = "instant.recorded"
    CLOCK_OPENED = "clock.opened"
    CLOCK_ASIDE = "clock.set_aside"
    CLOCK_DELAYED = "clock.delayed"
    CLOCK_SUBMITTED = "clock.submitted"
    ACKNOWLEDGED = "evidence.acknowledged"
    ABSORBED = "record.absorbed"
    ERASED = "data.erased"
    HOLD_PLACED = "hold.placed"
    HOLD_RELEASED = "hold.released"
    DISCARDED = "file.discarded"
    DRILL_RECORDED = "drill.recorded"
    MIGRATED = "record.migrated"


@frozen
class KindAbout:
    """`writer` is the room that may write it; only what people typed is `erasable`, so that the deeds stay readable."""

    writer: str
    line: str
    erasable: bool = False
    v: int = 1


CATALOGUE: Mapping[Kind, KindAbout] = {
    Kind.DECLARED: KindAbout("app", "systems, severity, case, trigger {at, source}"),
    Kind.SYSTEM_ADDED: KindAbout("app", "systems"),
    Kind.NOTE: KindAbout("app", "text, about: note | title | reason | summary", erasable=True),
    Kind.CLAIMED: KindAbout("app", "name, reason, login: what an unknown person said of themselves", erasable=True),
    Kind.SEATED: KindAbout("app", "seat, person"),
    Kind.SEVERITY: KindAbout("app", "severity"),
    Kind.RESOLVED: KindAbout("app", "verdict at that time"),
    Kind.CLOSED: KindAbout("app", "nothing"),
    Kind.REOPENED: KindAbout("app", "nothing"),
    Kind.FALSE_ALARM: KindAbout("app", "nothing"),
    Kind.MERGED: KindAbout("app", "into: another incident"),
    Kind.HANDED_OVER: KindAbout("app", "to, seat"),
    Kind.PLANNED: KindAbout("app", "plan"),
    Kind.APPROVED: KindAbout("app", "approval"),
    Kind.RUN_STARTED: KindAbout("engine", "run, verb, plan digest, trigger_at, age, boot_id, boot_at"),
    Kind.RUN_RESUMED: KindAbout("engine", "run, age, boot_id, boot_at, certain"),
    Kind.RUN_ENDED: KindAbout("engine", "run, verdict, soaked, why"),
    Kind.EVIDENCE: KindAbout("engine", "run, source, target, name, sha256, size"),
    Kind.NO_EVIDENCE: KindAbout("engine", "run, source, target, why"),
    Kind.INTENDED: KindAbout("engine", "run, step, rung, attempt, act: apply | restore, change"),
    Kind.ENDED: KindAbout("engine", "run, step, rung, attempt, result, says, found, took"),
    Kind.VERIFIED: KindAbout("engine", "run, step, rung, held, says"),
    Kind.LATE: KindAbout("engine", "run, step, rung, result, says: what an abandoned call answered after all"),
    Kind.REREAD: KindAbout("engine", "run, step, rung, result, says: an unknown outcome resolved by reading"),
    Kind.HANDED: KindAbout("engine", "run, step, rung, runner, state: asked | taken | answered | given_up, says"),
    Kind.SEEN: KindAbout("engine", "run, probe, phase, sights: the first sight and every change of it"),
    Kind.VERDICT: KindAbout("engine", "run, phase, verdict, why, proof"),
    Kind.SOAKING: KindAbout("engine", "run, seconds"),
    Kind.TICKED: KindAbout("app", "playbook, step, state: done | skipped, reason"),
    Kind.DRAFTED: KindAbout("app", "message, template, fields, class, digest, draft_only, inventory", erasable=True),
    Kind.WITHDRAWN: KindAbout("app", "message, why"),
    Kind.SENDING: KindAbout("app", "message, digest, channel, attempt, recipients, list"),
    Kind.SENT: KindAbout("app", "message, digest, channel, attempt, result, says, receipt, thread, counts"),
    Kind.CADENCE: KindAbout("app", "audience, every, why"),
    Kind.INSTANT: KindAbout("app", "fact, at: null takes it back; why stands in the note before"),
    Kind.CLOCK_OPENED: KindAbout("app", "clock, digest; why stands in the note before"),
    Kind.CLOCK_ASIDE: KindAbout("app", "clock; why stands in the note before"),
    Kind.CLOCK_DELAYED: KindAbout("app", "clock, until, document, sha256; why stands in the note before"),
    Kind.CLOCK_SUBMITTED: KindAbout("app", "clock, at, receipt, update: whether it only updates an earlier one"),
    Kind.ACKNOWLEDGED: KindAbout("app", "runbook, digest, evidence: sha256 of each; why stands in the note before"),
    Kind.RCA_SUBMITTED: KindAbout("app", "digest, owner"),
    Kind.RCA_PUBLISHED: KindAbout("app", "digest, owner, late: business days after it was due"),
    Kind.REMEDIATION_ADDED: KindAbout("app", "type, factor, key, priority, owner, due, tracker; words in the notes"),
    Kind.REMEDIATION_TAKEN: KindAbout("app", "item, priority, owner, verifier, due, tracker, as they are from here on"),
    Kind.REMEDIATION_BLOCKED: KindAbout("app", "item, login; why stands in the note before"),
    Kind.REMEDIATION_DONE: KindAbout("app", "item, evidence, login"),
    Kind.REMEDIATION_VERIFIED: KindAbout("app", "item, evidence, approval"),
    Kind.REMEDIATION_ACCEPTED: KindAbout("app", "item, until: its last day, approval"),
    Kind.REMEDIATION_REOPENED: KindAbout("app", "item, same_as, login; why stands in the note before"),
    Kind.REMEDIATION_EXPORTING: KindAbout("app", "item, to, act: create | update, digest, attempt"),
    Kind.REMEDIATION_EXPORTED: KindAbout("app", "item, to, act, digest, attempt, result, says, ref, url"),
    Kind.ABSORBED: KindAbout("records", "spool, count"),
    Kind.ERASED: KindAbout("app", "seq, why, request: by which they asked for it"),
    Kind.HOLD_PLACED: KindAbout("app", "hold; why stands in the note before; without an incident it covers everything"),
    Kind.HOLD_RELEASED: KindAbout("app", "hold; why stands in the note before"),
    Kind.DISCARDED: KindAbout("app", "thing: evidence, list or copy; name, sha256, size, why, request"),
    Kind.DRILL_RECORDED: KindAbout("app", "run, scenario, level, result, times, counts, log_digest, at and of what"),
    Kind.MIGRATED: KindAbout("records", "from, to, copy"),
}


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
