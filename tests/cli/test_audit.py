"""`psfir audit` as people and programs call it: words, JSON, exit codes."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from psfir.cli.main import main
from psfir.domain.entries import Draft
from psfir.domain.kinds import Kind
from psfir.records.sqlite import SqliteJournal
from tests.records.parts import AT, INCIDENT, alter, note, texts

DECLARED = {
    "systems": ["support-assistant"],
    "severity": "sev1",
    "case": None,
    "trigger": {"at": "2026-11-21T03:12:00.000000Z", "source": "ana"},
}


class Said(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def workspace(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace whose record has an incident with two notes."""
    folder = tmp_path / "work"
    folder.mkdir()
    shutil.copy(root / "psfir" / "app" / "workspace" / "psfir.yaml", folder)
    monkeypatch.setenv("PSFIR_WORKSPACE", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    declared = Draft(AT, INCIDENT, "asserted:ada", "cli", Kind.DECLARED, dict(DECLARED))
    with SqliteJournal(record(folder)) as journal:
        journal.append([declared, note("her name is Jane"), note("stays")])
    return folder


def record(workspace: Path) -> Path:
    return workspace / ".psfir" / "record.sqlite3"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: object) -> Said:
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        assert isinstance(ended.value.code, int)
        return Said(ended.value.code, *capsys.readouterr())

    return run


def test_a_whole_record_exits_0_and_shows_its_head(workspace: Path, run: Run) -> None:
    """The head is printed in the form that --head takes."""
    said = run("audit", "verify")
    assert said.code == 0
    assert "The record is whole: 3 entries." in said.out
    head = next(word for word in said.out.split() if word.startswith("3:sha256:"))
    assert run("audit", "verify", "--head", head).code == 0
    assert run("audit", "verify", "--head", head.replace("sha256:", "")).code == 0


def test_verify_as_json(workspace: Path, run: Run) -> None:
    """One object with everything a program needs, and nothing else on standard output."""
    said = run("audit", "verify", "--json")
    value = json.loads(said.out)
    head = value.pop("head")
    assert value == {
        "schema": "psfir.out.audit.verify/1",
        "sound": True,
        "whole": True,
        "entries": 3,
        "flaw": None,
        "evidence": [],
    }
    assert head["seq"] == 3
    assert head["hash"].startswith("sha256:")


def test_an_altered_entry_exits_1_and_is_named(workspace: Path, run: Run) -> None:
    """In words and in JSON."""
    alter(record(workspace), "UPDATE entries SET actor = 'asserted:eve' WHERE seq = 2")
    said = run("audit", "verify")
    assert said.code == 1
    assert "entry 2 its heading was altered" in said.out
    as_json = run("audit", "verify", "--json")
    assert as_json.code == 1
    assert json.loads(as_json.out)["flaw"]["seq"] == 2


def test_a_cut_tail_exits_1(workspace: Path, run: Run) -> None:
    """The head of before is not in the record any more."""
    with SqliteJournal(record(workspace)) as journal:
        seq, tip = journal.heads()
    alter(record(workspace), "DELETE FROM entries WHERE seq = 3")
    assert run("audit", "verify").code == 0
    said = run("audit", "verify", "--head", f"{seq}:{tip}")
    assert said.code == 1
    assert "entry 3 is missing" in said.out


def test_missing_evidence_exits_1(workspace: Path, run: Run) -> None:
    """The piece, its incident and its entry are named."""
    data = {"name": "pods.log", "sha256": "sha256:" + "a" * 64}
    with SqliteJournal(record(workspace)) as journal:
        journal.append([Draft(AT, INCIDENT, "trigger:x", "engine", Kind.EVIDENCE, data)])
    said = run("audit", "verify")
    assert said.code == 1
    assert f"Evidence missing: pods.log of {INCIDENT}, entry 4" in said.out


@pytest.mark.parametrize("head", ["", "3", "3:abc", ":sha256:" + "a" * 64, "-1:" + "a" * 64, "x:" + "a" * 64])
def test_a_head_that_is_none_is_a_usage_error(workspace: Path, run: Run, head: str) -> None:
    """With the form it should have."""
    said = run("audit", "verify", "--head", head)
    assert said.code == 2
    assert "SEQ:sha256:HASH" in said.err


def test_an_export_verifies_where_there_is_no_workspace(
    workspace: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written by --out or from standard output, it is the same file, and proves the record anywhere."""
    out = tmp_path / "record.jsonl"
    said = run("audit", "export", "--out", out)
    assert said.code == 0
    assert f"3 entries in {out}" in said.out
    assert run("audit", "export").out == out.read_text(encoding="utf-8")
    monkeypatch.delenv("PSFIR_WORKSPACE")
    monkeypatch.chdir(tmp_path)
    assert run("audit", "verify", "--file", out).code == 0
    out.write_text(out.read_text(encoding="utf-8").replace("Jane", "John"), encoding="utf-8")
    altered = run("audit", "verify", "--file", out)
    assert altered.code == 1
    assert "entry 2 its data was altered" in altered.out
    assert run("audit", "verify", "--file", tmp_path / "none").code == 2


def test_one_incidents_export_says_what_it_cannot_show(workspace: Path, run: Run, tmp_path: Path) -> None:
    """Found by the end of its id, verified entry by entry."""
    out = tmp_path / "one.jsonl"
    assert run("audit", "export", "--incident", "k3q7", "--out", out).code == 0
    said = run("audit", "verify", "--file", out)
    assert said.code == 0
    assert "only the whole record can show" in said.out
    assert run("audit", "export", "--incident", "INC-none").code == 2


def test_an_export_as_json_tells_where_it_is(workspace: Path, run: Run, tmp_path: Path) -> None:
    """With the head to keep; the same file a second time is refused."""
    out = tmp_path / "record.jsonl"
    value = json.loads(run("audit", "export", "--out", out, "--json").out)
    assert (value["schema"], value["file"], value["entries"]) == ("psfir.out.audit.export-file/1", str(out), 3)
    assert run("audit", "export", "--out", out).code == 2


def test_who_may_erases_and_the_record_is_still_whole(
    workspace: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words are gone, the tombstone says who and why, and the verification holds."""
    monkeypatch.setenv("PSFIR_ME", "emma")
    said = run("audit", "erase", 2, "--reason", "asked for by her", "--yes")
    assert said.code == 0
    assert "Erased: 2. Entry 4 says so." in said.out
    assert run("audit", "verify").code == 0
    with SqliteJournal(record(workspace)) as journal:
        entries = list(journal.read())
    assert texts(entries) == ["stays"]
    assert (entries[3].actor, entries[3].data) == ("asserted:emma", {"seq": 2, "why": "asked for by her"})
    assert b"Jane" not in b"".join(path.read_bytes() for path in record(workspace).parent.glob("record*"))


@pytest.mark.parametrize(
    ("me", "words", "code", "says"),
    [
        ("ada", ["2", "--reason", "x", "--yes"], 3, "may not erase"),
        ("", ["2", "--reason", "x", "--yes"], 3, "cannot erase"),
        ("emma", ["1", "--reason", "x", "--yes"], 3, "stays readable"),
        ("emma", ["99", "--reason", "x", "--yes"], 3, "no entry 99"),
        ("emma", ["2", "--reason", " ", "--yes"], 2, "say why"),
        ("emma", ["2", "--yes"], 2, "--reason"),
        ("emma", ["2", "--reason", "x"], 2, "nothing was erased"),
        ("emma", ["two", "--reason", "x", "--yes"], 2, "two"),
        ("emma", ["--reason", "x", "--yes"], 2, "SEQ"),
    ],
)
def test_what_may_not_be_erased_is_not(
    workspace: Path, run: Run, monkeypatch: pytest.MonkeyPatch, me: str, words: list[str], code: int, says: str
) -> None:
    """Without the right, the reason, the yes or an erasable entry, nothing changes."""
    monkeypatch.setenv("PSFIR_ME", me)
    said = run("audit", "erase", *words)
    assert said.code == code
    assert says in said.err
    with SqliteJournal(record(workspace)) as journal:
        assert texts(journal.read()) == ["her name is Jane", "stays"]


def test_copies_are_pointed_out_when_words_are_erased(
    workspace: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loudly on standard error, and in the JSON."""
    monkeypatch.setenv("PSFIR_ME", "emma")
    copy = record(workspace).with_name("record.sqlite3.v1-20261121T031200Z.bak")
    copy.touch()
    said = run("audit", "erase", 2, "--reason", "asked for", "--yes", "--json")
    assert json.loads(said.out) == {
        "schema": "psfir.out.audit.erase/1",
        "erased": [2],
        "tombstones": [4],
        "discarded": [],
        "copies": [str(copy)],
    }
    assert "may still hold it" in said.err


def test_a_record_that_cannot_be_opened_exits_1(workspace: Path, run: Run) -> None:
    """With the reason, not a traceback."""
    record(workspace).write_text("no database " * 100, encoding="utf-8")
    said = run("audit", "verify")
    assert said.code == 1
    assert "not a psfir record" in said.err
