"""Proving a record and its exports: what verifies, what does not, and what cannot be told."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psfir.app.audit import Audit, copies, verify
from psfir.app.audit_export import EXPORT, export, verify_export, write_export
from psfir.contracts import Captured
from psfir.domain.canon import Json, canonical
from psfir.domain.entries import GENESIS, Draft, seal
from psfir.domain.kinds import Kind
from psfir.errors import UsageError
from psfir.records.evidence import EvidenceFolder, Found
from psfir.records.sqlite import SqliteJournal
from tests.records.parts import AT, INCIDENT, alter, note

OTHER = "INC-2026-11-20-aaaa"


def tombstone() -> Draft:
    return Draft(AT, "", "asserted:lee", "cli", Kind.ERASED, {"why": "asked for"})


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    """Six entries of two incidents and the tombstone of the second."""
    with SqliteJournal(tmp_path / "record.sqlite3") as opened:
        opened.append([note("one"), note("gone"), note("theirs", incident=OTHER), note("four ü")])
        opened.append([note("theirs too", incident=OTHER), note("six")])
        opened.erase([2], tombstone())
        yield opened


def exported(journal: SqliteJournal, path: Path, incident: str | None = None) -> Path:
    write_export(export(journal, incident=incident), path)
    return path


def flaw(seen: Audit) -> tuple[int, str]:
    assert seen.flaw is not None
    assert not seen.sound
    return seen.flaw.seq, seen.flaw.says


def test_a_whole_record_is_sound_and_tells_its_head(journal: SqliteJournal) -> None:
    """All entries are counted, and the head is the one to keep elsewhere."""
    seen = verify(journal, heads=[journal.heads()])
    assert (seen.sound, seen.whole, seen.entries, seen.head) == (True, True, 7, journal.heads())


def test_an_empty_record_is_sound(tmp_path: Path) -> None:
    """There is nothing to alter in it; but a head kept outside tells that there was something."""
    with SqliteJournal(tmp_path / "empty.sqlite3") as empty:
        assert verify(empty).sound
        assert flaw(verify(empty, heads=[(3, "sha256:" + "a" * 64)]))[0] == 1


def test_earlier_heads_are_ancestors(journal: SqliteJournal) -> None:
    """Heads kept at any time before are found in the chain."""
    heads = [(entry.seq, entry.hash) for entry in journal.read()]
    assert verify(journal, heads=heads).sound


def test_a_tail_that_was_cut_off_is_shown_by_a_head_only(journal: SqliteJournal) -> None:
    """Without the head the shorter chain is whole; with it, the first missing entry is named."""
    journal.append([note("eight"), note("nine")])
    head = journal.heads()
    alter(journal.path, "DELETE FROM entries WHERE seq > 7")
    assert verify(journal).sound
    assert flaw(verify(journal, heads=[head])) == (8, "is missing: the tail was cut off, entry 9 was there once")


def test_a_record_written_anew_is_shown_by_a_head_only(journal: SqliteJournal, tmp_path: Path) -> None:
    """Somebody makes a whole new chain with other words: it is sound by itself, and not what it was."""
    heads = [(entry.seq, entry.hash) for entry in journal.read()]
    with SqliteJournal(tmp_path / "forged.sqlite3") as forged:
        forged.append([note("one"), note("forged"), note("three"), note("four"), note("five"), note("six"), note("7")])
        assert verify(forged).sound
        seq, says = flaw(verify(forged, heads=heads[3:4]))
    assert seq == 4
    assert "written anew" in says


def test_data_that_is_gone_without_a_tombstone_is_a_flaw(journal: SqliteJournal) -> None:
    """Blanked behind psfir's back: the entry is named."""
    alter(journal.path, "UPDATE entries SET data = NULL, salt = NULL WHERE seq = 4")
    assert flaw(verify(journal))[0] == 4


def test_evidence_is_looked_at_too(journal: SqliteJournal, tmp_path: Path) -> None:
    """Missing and altered pieces are named with the entry that speaks of them; whole ones are not."""
    folder = EvidenceFolder(tmp_path / "evidence")
    digests = [folder.keep(INCIDENT, Captured(f"log {n}", "text/plain", b"x" * n)) for n in range(3)]
    journal.append(
        [
            Draft(AT, INCIDENT, "trigger:x", "engine", Kind.EVIDENCE, {"name": f"log {n}", "sha256": digest})
            for n, digest in enumerate([*digests, "sha256:../../etc/passwd"])
        ]
    )
    assert [piece.name for piece in verify(journal, look=folder.check).evidence] == ["log 3"]
    folder.path(INCIDENT, digests[0]).unlink()
    folder.path(INCIDENT, digests[1]).write_bytes(b"altered")
    seen = verify(journal, look=folder.check)
    assert not seen.sound
    assert [(p.seq, p.name, p.state) for p in seen.evidence] == [
        (8, "log 0", Found.MISSING),
        (9, "log 1", Found.ALTERED),
        (11, "log 3", Found.MISSING),
    ]
    assert seen.flaw is None


def test_an_export_of_all_verifies_without_the_record(journal: SqliteJournal, tmp_path: Path) -> None:
    """The file holds the chain, its head and nothing else, for its owner only."""
    path = exported(journal, tmp_path / "all.jsonl")
    seen = verify_export(path, heads=[journal.heads()])
    assert (seen.sound, seen.whole, seen.entries, seen.head) == (True, True, 7, journal.heads())
    assert path.stat().st_mode & 0o777 == 0o600
    first, *_, last = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    assert first == {
        "schema": "psfir.out.audit.export/1",
        "incident": None,
        "head": {"seq": 7, "hash": journal.heads()[1]},
    }
    assert last == {"event": "result", "entries": 7}


def test_an_export_of_one_incident_verifies_entry_by_entry(journal: SqliteJournal, tmp_path: Path) -> None:
    """Nothing of the other incident leaves the house, and the answer says that it is not the whole chain."""
    path = exported(journal, tmp_path / "one.jsonl", INCIDENT)
    assert "theirs" not in path.read_text(encoding="utf-8")
    seen = verify_export(path)
    assert (seen.sound, seen.whole, seen.entries) == (True, False, 5)


def test_an_incidents_export_shows_what_it_can(journal: SqliteJournal, tmp_path: Path) -> None:
    """Erased without a tombstone, out of order, or not the entry that a head names: each is found."""
    lines = exported(journal, tmp_path / "one.jsonl", INCIDENT).read_text(encoding="utf-8").splitlines()
    path = tmp_path / "altered.jsonl"

    def altered(*chosen: str) -> tuple[int, str]:
        path.write_text("\n".join(chosen) + "\n", encoding="utf-8")
        return flaw(verify_export(path))

    without_tombstone = [line for line in lines[:-1] if "data.erased" not in line]
    assert altered(*without_tombstone, '{"entries":4,"event":"result"}')[0] == 2
    assert "order is wrong" in altered(lines[0], lines[2], lines[1], *lines[3:])[1]
    assert "has no end" in altered(*lines[:-1])[1]
    assert "says it has 5 entries and has 4" in altered(*lines[:4], *lines[5:])[1]


def test_a_tombstone_buries_only_what_stands_before_it(tmp_path: Path) -> None:
    """One that names an entry still to come explains no gap, in one incident as in the whole chain."""
    early = seal(
        replace(tombstone(), incident=INCIDENT, data={"seq": 2, "why": "early"}), seq=1, prev=GENESIS, salt="00"
    )
    gone = replace(seal(note("gone"), seq=2, prev=early.hash, salt="01"), data=None, salt=None)
    path = tmp_path / "early.jsonl"
    for incident in (INCIDENT, None):
        lines: list[Json] = [
            {"schema": EXPORT, "incident": incident, "head": {"seq": 2, "hash": gone.hash}},
            {"event": "entry", "entry": early.to_json()},
            {"event": "entry", "entry": gone.to_json()},
            {"event": "result", "entries": 2},
        ]
        path.write_bytes(b"".join(canonical(line) + b"\n" for line in lines))
        assert flaw(verify_export(path)) == (2, "its data is gone and no later entry says that it was erased")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10_000), bit=st.integers(0, 7), whole=st.booleans())
def test_flipping_any_bit_of_an_export_is_found(
    journal: SqliteJournal, tmp_path: Path, place: int, bit: int, whole: bool
) -> None:
    """Of any line: either an entry is named, or it is no export any more; never a traceback, never sound."""
    path = tmp_path / f"{whole}.jsonl"
    if not path.exists():
        exported(journal, path, None if whole else INCIDENT)
    content = bytearray(path.read_bytes())
    first = content.index(b"\n") + 1
    content[first + place % (len(content) - first)] ^= 1 << bit
    altered = tmp_path / "altered.jsonl"
    altered.write_bytes(content)
    assert not verify_export(altered).sound


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"[]\n", b"{}\n", b"\xff\xfe\n", b'{"schema": "other/1"}\n', b"[" * 100_000, b'"x"\n']
)
def test_what_is_no_export_is_said(tmp_path: Path, content: bytes) -> None:
    """Any other file: one sentence with its name."""
    path = tmp_path / "other.txt"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="not an export"):
        verify_export(path)


@pytest.mark.parametrize(
    "line",
    [
        b"[1]",
        b"{}",
        b'{"event":"entry"}',
        b'{"entry":{"seq":8},"event":"entry"}',
        b'{"entry":null,"event":"entry"}',
        b"[" * 100_000,
        b'{"entries":1e999,"event":"result"}',
        b'{"entries":NaN,"event":"result"}',
    ],
)
def test_a_line_of_nonsense_is_a_flaw_and_no_traceback(journal: SqliteJournal, tmp_path: Path, line: bytes) -> None:
    """Put before the end of a good export: the line is named."""
    path = exported(journal, tmp_path / "all.jsonl")
    *lines, end = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([*lines, line, end]) + b"\n")
    assert flaw(verify_export(path)) == (8, flaw(verify_export(path))[1])
    assert "line 9 of the file" in flaw(verify_export(path))[1]


def test_a_well_sealed_entry_that_no_psfir_writes_is_a_flaw(journal: SqliteJournal) -> None:
    """A tombstone that names no number: sealed by somebody who knows how, and still no traceback."""
    seq, prev = journal.heads()
    forged = seal(replace(tombstone(), data={"seq": [2]}), seq=seq + 1, prev=prev, salt="00")
    row = [getattr(forged, name) for name in ("seq", "v", "at", "incident", "actor", "channel", "kind", "digest")]
    values = [*row, forged.prev, forged.hash, '{"seq":[2]}', forged.salt]
    alter(journal.path, "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *values)
    assert flaw(verify(journal))[0] == 8


def test_an_export_is_never_written_over_a_file(journal: SqliteJournal, tmp_path: Path) -> None:
    """An existing file stays as it is; an export that breaks off leaves none."""
    path = tmp_path / "there.jsonl"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be written"):
        exported(journal, path)
    assert path.read_text(encoding="utf-8") == "mine"

    def broken() -> Iterator[str]:
        yield "first"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_export(broken(), tmp_path / "half.jsonl")
    assert not (tmp_path / "half.jsonl").exists()


def test_copies_that_may_still_hold_erased_words_are_named(tmp_path: Path) -> None:
    """Those that migrations kept and spools that were merged, and nothing else."""
    record = tmp_path / "record.sqlite3"
    (tmp_path / "spool").mkdir()
    kept = [tmp_path / "record.sqlite3.v1-20261121T031200Z.bak", tmp_path / "spool" / "x.jsonl.absorbed"]
    for path in [record, *kept, tmp_path / "spool" / "y.jsonl", tmp_path / "other.bak"]:
        path.touch()
    assert copies(record) == kept
