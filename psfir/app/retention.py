"""What lies beside the record and for how long: evidence, lists of recipients, older copies of the record itself.

What goes leaves a tombstone, written first: what it was, its digest and size, who let it go, why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from psfir.app.analysis import awaited
from psfir.app.audit import Erasing, copies
from psfir.app.holds import merged_into, standing
from psfir.app.outbox import outbox_file
from psfir.app.session import Session
from psfir.app.store import record_file
from psfir.comms.record import Told, talk
from psfir.domain.canon import Json
from psfir.domain.entries import Entry
from psfir.domain.holds import covering
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.people import Deed
from psfir.errors import RecordError, Refusal
from psfir.records import outbox
from psfir.records.evidence import EvidenceFolder
from psfir.review.clock_facts import clock_facts
from psfir.review.retention import Kept, Lying, Thing, days_of, discarded, ended, waits


def keeping(session: Session) -> list[Kept]:
    """Every file there is, with its time and what keeps it longer."""
    told: dict[str, list[Entry]] = {}
    for entry in session.journal.read():
        told.setdefault(entry.incident, []).append(entry)
    incidents = {one.id: one for one in session.incidents()}
    stand, merged, now = standing(session), merged_into(incidents.values()), session.clock.now()
    rule = session.workspace.review.retention
    found: list[Kept] = []
    for name in incidents:
        since, wait = _begins(session, incidents, told, name)
        for file in (*evidence_of(session, told[name]), *lists_of(session, told[name])):
            held = covering(stand, name, merged)
            found.append(Kept(file, days_of(rule, file.thing), since, wait, held, now))
    for file in copies_of(session, told.get("", ())):
        made = datetime.fromtimestamp(file.path.stat().st_mtime, UTC)
        found.append(Kept(file, days_of(rule, file.thing), made, "", covering(stand, "", merged), now))
    return found


def _begins(
    session: Session, incidents: Mapping[str, Incident], told: Mapping[str, Sequence[Entry]], name: str
) -> tuple[datetime | None, str]:
    """When the days of an incident begin, or what they wait for. What was merged waits for where it went."""
    seen: list[str] = []
    latest: list[datetime] = []
    while name in incidents and name not in seen:
        seen.append(name)
        incident = incidents[name]
        analysis = awaited(session, incident)
        outstanding = analysis is not None and analysis.outstanding
        if wait := waits(incident, clock_facts(told[name]), outstanding=outstanding):
            return None, wait if len(seen) == 1 else f"of {name}, which it was merged into, {wait}"
        latest.append(ended(told[name]))
        name = incident.merged_into
    return max(latest), ""


def evidence_of(session: Session, entries: Sequence[Entry]) -> Iterator[Lying]:
    """Pieces of one incident that are in the folder; the same content is one file."""
    folder = session.evidence
    if not isinstance(folder, EvidenceFolder):
        return
    gone = discarded(entries)
    last = {one.data["sha256"]: one for one in entries if one.kind == Kind.EVIDENCE and one.data}
    for sha256, one in last.items():
        try:
            path = folder.path(one.incident, sha256)
        except RecordError:
            continue  # a digest that names no file: audit verify tells of it
        if path.exists() and one.data:
            told = gone.get((Thing.EVIDENCE, one.incident, sha256), 0) > one.seq
            yield Lying(Thing.EVIDENCE, one.incident, one.data["name"], sha256, path, path.stat().st_size, told=told)


def lists_of(session: Session, entries: Sequence[Entry]) -> Iterator[Lying]:
    """Lists of messages of one incident: whose words were erased, its list is to go as well."""
    for message in talk(entries).messages.values():
        for channel in dict.fromkeys(one.channel for one in message.sendings):
            path = outbox_file(session, message.id, channel)
            if path.exists():
                yield _list(entries, message, channel, path)


def _list(entries: Sequence[Entry], message: Told, channel: str, path: Path) -> Lying:
    sent = [one for one in entries if one.kind == Kind.SENDING and one.data and one.data["message"] == message.id]
    listed = next((one.data["list"] for one in sent if one.data and one.data["channel"] == channel), "")
    told = channel in message.discarded
    more = {"message": message.id, "channel": channel}
    name, size = f"of {message.id} over {channel}", path.stat().st_size
    orphan = message.message is None
    return Lying(Thing.LIST, sent[0].incident, name, listed, path, size, told=told, orphan=orphan, more=more)


def copies_of(session: Session, entries: Iterable[Entry]) -> Iterator[Lying]:
    """Older records and merged spools: they hold what was in the record then, also what was erased from it since."""
    gone = discarded(entries)
    for path in copies(record_file(session.root, session.workspace)):
        sha256 = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
        told = (Thing.COPY, "", sha256) in gone
        yield Lying(Thing.COPY, "", path.name, sha256, path, path.stat().st_size, told=told)


def apply(session: Session) -> list[Kept]:
    """Let go of all that is past its time; the answer is what went."""
    session.need(Deed.ERASE)
    past = [one for one in keeping(session) if one.past]
    discard(session, [(one.file, one.why) for one in past])
    return past


def discard(session: Session, files: Sequence[tuple[Lying, str]], *, request: str = "") -> None:
    """The tombstones of all are durable before the first file goes; a crash between is made good by the next time."""
    if not isinstance(session.journal.inner, Erasing):
        raise Refusal("nothing can be discarded while the record is away")
    untold = [(one, why) for one, why in files if not one.told]
    if untold:
        session.record(
            *(session.draft(one.incident, Kind.DISCARDED, _tombstone(one, why, request)) for one, why in untold)
        )
    for one, _ in files:
        _remove(session, one)


def _tombstone(file: Lying, why: str, request: str) -> dict[str, Json]:
    said: dict[str, Json] = {"thing": file.thing.value, "name": file.name, "sha256": file.sha256, "size": file.size}
    return {**said, "why": why, **({"request": request} if request else {}), **file.more}


def _remove(session: Session, file: Lying) -> None:
    if file.thing is Thing.EVIDENCE and isinstance(session.evidence, EvidenceFolder):
        session.evidence.discard(file.incident, file.sha256)
    elif file.thing is Thing.LIST:
        outbox.erase(file.path)
    else:
        try:
            file.path.unlink(missing_ok=True)
        except OSError as error:
            raise RecordError(f"cannot be discarded: {error.strerror}", where=str(file.path)) from error
