"""Take a person's data out: what was typed, what was captured, to whom it was sent, and copies of all that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from psfir.app.audit import Erasing, copies
from psfir.app.holds import refuse_held
from psfir.app.retention import copies_of, discard, evidence_of, lists_of
from psfir.app.session import Session
from psfir.app.store import record_file
from psfir.domain.canon import Json
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.people import Deed
from psfir.domain.values import frozen
from psfir.errors import Refusal, UsageError
from psfir.review.retention import Lying


@frozen
class Erased:
    """Tombstones of words, files that went, and older copies that are still there."""

    tombstones: tuple[Entry, ...]
    files: tuple[Lying, ...]
    left: tuple[Path, ...]


def erase(session: Session, seqs: Sequence[int], *, why: str, request: str = "", with_copies: bool = False) -> Erased:
    """Blank what people typed in these entries, and discard what they captured or sent, under one reason."""
    session.need(Deed.ERASE)
    if not why.strip():
        raise UsageError("say why it is erased", todo="the reason stays in the record for ever")
    if not seqs:
        raise UsageError("name the entries to erase", todo="psfir audit export shows each entry's seq")
    journal = session.journal.inner
    if not isinstance(journal, Erasing):
        raise Refusal("nothing can be erased while the record is away")
    named = [one for one in session.journal.read(after=min(seqs) - 1) if one.seq in seqs]
    refuse_held(session, [*(one.incident for one in named), *([""] if with_copies else [])])
    files = [*_captured(session, named), *_sent_to(session, named)]
    words = sorted(set(seqs) - {one.seq for one in named if one.kind == Kind.EVIDENCE})
    said: dict[str, Json] = {"why": why, **({"request": request} if request else {})}
    data = session.scrubber.json(said)
    tombstones = journal.erase(words, session.draft("", Kind.ERASED, data)) if words else []
    if with_copies:
        files += copies_of(session, session.journal.read(""))
    discard(session, [(one, why) for one in files], request=request)
    return Erased(tuple(tombstones), tuple(files), tuple(copies(record_file(session.root, session.workspace))))


def _captured(session: Session, named: Sequence[Entry]) -> list[Lying]:
    """The files of entries about evidence; an entry whose file is gone is refused, so that nobody takes it for done."""
    found: list[Lying] = []
    for one in named:
        if one.kind != Kind.EVIDENCE or one.data is None:
            continue
        there = evidence_of(session, list(session.journal.read(one.incident)))
        mine = [file for file in there if file.sha256 == one.data["sha256"]]
        if not mine:
            raise Refusal(f"the evidence of entry {one.seq} is gone already", todo="psfir audit verify")
        found += [file for file in mine if file not in found]
    return found


def _sent_to(session: Session, named: Sequence[Entry]) -> list[Lying]:
    """The lists of drafts that are erased: without its words nobody can send a message on."""
    found: list[Lying] = []
    for one in named:
        if one.kind == Kind.DRAFTED and one.data is not None:
            there = lists_of(session, list(session.journal.read(one.incident)))
            found += [file for file in there if file.more["message"] == one.data["message"]["id"]]
    return found
