"""`psfir store`: laid out, checked, moved there and back, and refused where it would do harm."""

import json
from pathlib import Path

import pytest

from psfir.cli.main import main
from tests.app.workspaces import lay_out
from tests.postgres import cluster


class Shell:
    """Commands in this process, as one person would give them."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capsys = capsys

    def __call__(self, *words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as end:
            main([*words, "-w", str(self.root)])
        out, err = self._capsys.readouterr()
        return int(end.value.code or 0), out + err

    def keep_at(self, store: str) -> None:
        words = self.root / "psfir.yaml"
        kept = [line for line in words.read_text(encoding="utf-8").splitlines() if not line.startswith("store:")]
        words.write_text("\n".join([*kept, f"store: {store}", ""]), encoding="utf-8")


@pytest.fixture
def psfir(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    lay_out(tmp_path)
    words = (tmp_path / "psfir.yaml").read_text(encoding="utf-8")
    (tmp_path / "psfir.yaml").write_text(words.replace("[on_call]", "[on_call, platform]") + ROLES, encoding="utf-8")
    for name in ("PSFIR_WORKSPACE", "PSFIR_CONNECTIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PSFIR_ME", "dana")
    return Shell(tmp_path, capsys)


ROLES = "roles:\n  platform: [kill, note, erase, declare]\n"


def test_a_record_is_laid_out_checked_and_moved(psfir: Shell) -> None:
    """From a file to a new database and on from there; the words to write into psfir.yaml are said."""
    assert psfir("incident", "declare", "assistant", "--title", "Odd answers")[0] == 0
    code, said = psfir("store", "check")
    assert (code, "can be written" in said, "SQLite" in said) == (0, True, True)
    place = cluster().url(cluster().database())
    code, said = psfir("store", "move", "--to", place, "--yes")
    assert code == 0, said
    assert f"store: {place}" in said
    psfir.keep_at(place)
    assert "format 1, as it was" in psfir("store", "migrate")[1]
    code, said = psfir("store", "check", "--json")
    found = json.loads(said)
    assert code == 1
    assert found["server"].startswith("PostgreSQL ")
    assert found["findings"][0].startswith("this login may change")
    assert "assistant" in psfir("status")[1]
    assert psfir("audit", "verify")[0] == 0


def test_a_database_is_laid_out_by_migrate_alone(psfir: Shell) -> None:
    """Every other command names it as the next step; once it is laid out, it says so."""
    psfir.keep_at(cluster().url(cluster().database()))
    code, said = psfir("status")
    assert (code, "psfir store migrate" in said) == (1, True)
    assert "format 0 -> 1" in psfir("store", "migrate")[1]
    assert psfir("status")[0] == 0


@pytest.mark.parametrize(
    ("to", "code", "says"),
    [
        ("postgresql://psfir:plain@h/x", 2, "without a password"),
        (".psfir/record.sqlite3", 2, "where the record is already"),
        ("mysql://h/x", 2, "not a kind of record"),
    ],
)
def test_where_it_cannot_go_is_said(psfir: Shell, to: str, code: int, says: str) -> None:
    """Before anything is copied, and a password is not repeated."""
    found, said = psfir("store", "move", "--to", to, "--yes")
    assert (found, says in said) == (code, True), said
    assert "plain@" not in said


def test_a_password_in_psfir_yaml_is_refused(psfir: Shell) -> None:
    """The line is named, the password is not repeated."""
    psfir.keep_at("postgresql://psfir:s3cr3t@h/x")
    code, said = psfir("status")
    assert (code, "${NAME}" in said, "s3cr3t" in said) == (2, True, False), said


def test_rights_are_printed_for_the_database(psfir: Shell) -> None:
    """As SQL that can be piped on."""
    code, said = psfir("store", "grants", "--role", "app")
    assert code == 0
    assert 'GRANT SELECT, INSERT ON psfir.entries, psfir.absorbed TO "app";' in said.splitlines()
