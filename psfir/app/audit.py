"""Prove the record: every link of its chain, the heads that were kept outside it, and each piece of evidence it names.

A chain shows what was altered in it, not what was cut off its end: only a head kept elsewhere shows that. An export of
one incident holds entries of the chain without their neighbours, so each is proven by itself, and that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from psfir.contracts import Journal
from psfir.domain.entries import GENESIS, Draft, Entry, Flaw, check
from psfir.domain.kinds import Kind
from psfir.domain.values import frozen
from psfir.errors import RecordError
from psfir.records.absorb import ABSORBED
from psfir.records.evidence import EvidenceFolder, Found
from psfir.records.rows import DamagedEntry

if TYPE_CHECKING:  # a verification needs no workspace: a file that left the house has none
    from psfir.app.session import Session

Head = tuple[int, str]
Looks = Callable[[str, str], Found]


@runtime_checkable
class Examinable(Protocol):
    """A journal that can look at its entries byte by byte, which is stricter than reading them."""

    def examine(self) -> Iterator[Entry]: ...


@runtime_checkable
class Erasing(Protocol):
    """A journal that can blank what people typed."""

    def erase(self, seqs: Sequence[int], tombstone: Draft) -> list[Entry]: ...


@frozen
class Piece:
    """Evidence that an entry names and that is missing or altered."""

    seq: int
    incident: str
    name: str
    sha256: str
    state: Found


@frozen
class Audit:
    """What a verification saw. `whole` is False for one incident's export, whose gaps in the chain are not known."""

    entries: int
    head: Head
    flaw: Flaw | None
    evidence: tuple[Piece, ...] = ()
    whole: bool = True

    @property
    def sound(self) -> bool:
        return self.flaw is None and not self.evidence


@dataclass
class Walk:
    """What is noted down while the entries go by, so that a long record is read once and never held.

    `cut` is whether an end before one of the heads is a flaw.
    """

    heads: Sequence[Head] = ()
    cut: bool = True
    count: int = 0
    last: Head = (0, GENESIS)
    named: list[Entry] = field(default_factory=list)
    discarded: dict[tuple[str, str], int] = field(default_factory=dict)
    rewritten: int | None = None

    def over(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """The same entries."""
        for entry in entries:
            self.count += 1
            self.last = (entry.seq, entry.hash)
            if entry.kind == Kind.EVIDENCE:
                self.named.append(entry)
            if entry.kind == Kind.DISCARDED and entry.data:
                self.discarded[entry.incident, str(entry.data.get("sha256"))] = entry.seq
            if self.rewritten is None and any(s == entry.seq and h != entry.hash for s, h in self.heads):
                self.rewritten = entry.seq
            yield entry

    def outside(self) -> Flaw | None:
        """Whether the heads that were kept outside are in this chain."""
        if self.rewritten is not None:
            return Flaw(self.rewritten, "is not the entry whose hash was kept: it, or one before it, was written anew")
        furthest = max((seq for seq, _ in self.heads), default=0)
        if self.cut and furthest > self.last[0]:
            return Flaw(self.last[0] + 1, f"is missing: the tail was cut off, entry {furthest} was there once")
        return None


def verify_session(session: Session, *, heads: Sequence[Head] = ()) -> Audit:
    """Look at a workspace's record and at its evidence."""
    look = session.evidence.check if isinstance(session.evidence, EvidenceFolder) else None
    return verify(session.journal.inner, heads=heads, look=look)


def verify(journal: Journal, *, heads: Sequence[Head] = (), look: Looks | None = None) -> Audit:
    """Look at every entry, at the heads kept outside and, with `look`, at the evidence."""
    walk = Walk(heads)
    entries = journal.examine() if isinstance(journal, Examinable) else journal.read()
    flaw = first_flaw(walk, lambda: check(walk.over(entries)) or walk.outside())
    return Audit(walk.count, walk.last, flaw, _evidence(walk, look) if look else ())


def first_flaw(walk: Walk, checking: Callable[[], Flaw | None]) -> Flaw | None:
    """What the checking finds, or what it stumbles over."""
    try:
        return checking()
    except DamagedEntry as damage:
        return Flaw(damage.seq, damage.what)
    except (ValueError, KeyError, TypeError) as error:
        return Flaw(walk.last[0], f"holds what no psfir writes: {error!r}")


def _evidence(walk: Walk, look: Looks) -> tuple[Piece, ...]:
    """A piece that a later entry says was discarded is not missed."""
    pieces = []
    for entry in walk.named:
        data = entry.data or {}
        name, digest = str(data.get("name", "")), str(data.get("sha256", ""))
        try:
            state = look(entry.incident, digest)
        except RecordError:  # a name that no evidence can have, or a file nobody may read
            state = Found.MISSING
        if state is Found.MISSING and walk.discarded.get((entry.incident, digest), 0) > entry.seq:
            continue
        if state is not Found.WHOLE:
            pieces.append(Piece(entry.seq, entry.incident, name, digest, state))
    return tuple(pieces)


def copies(record: Path) -> list[Path]:
    """Files beside the record that may still hold what was erased from it: copies kept by migrations, merged spools."""
    merged = (record.parent / "spool").glob(f"*{ABSORBED}")
    return sorted([*record.parent.glob(f"{record.name}.v*.bak"), *merged])
