"""docs/walk.md is walked as a newcomer would: its commands as they stand, in order, in one folder."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from psfir.app.session import Door, open_session
from psfir.cli.main import main
from psfir.review.remediation import items
from tests.docs.pages import blocks
from tests.docs.shown import shown, unfound


@pytest.fixture
def page(root: Path) -> Path:
    return root / "docs" / "walk.md"


def typed(command: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """One psfir command in this process, with the variables that stand before it, and its exit code."""
    words = shlex.split(command)
    with monkeypatch.context() as here:
        while "=" in words[0]:
            here.setenv(*words.pop(0).split("=", 1))
        assert words[0] == "psfir", command
        with pytest.raises(SystemExit) as ended:
            main(words[1:])
    return ended.value.code if isinstance(ended.value.code, int) else 0


@pytest.mark.timeout(60)
def test_the_walk_ends_with_a_published_analysis_and_closed_items(
    page: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command ends with the exit code shown and prints the lines shown; then nothing of the incident is open."""
    for name in ("PSFIR_WORKSPACE", "PSFIR_CONNECTIONS", "PSFIR_ME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": str(tmp_path), "COLUMNS": "100", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["psfir"])
    monkeypatch.chdir(tmp_path)
    (written,) = blocks(page, "sh")
    unwritten, wrong = True, []
    for one in shown(page):
        if unwritten and one.line > written.line:
            subprocess.run(["bash", "-ec", written.text], check=True, capture_output=True, timeout=10)
            unwritten = False
        if one.command.startswith("cd "):
            monkeypatch.chdir(one.command.removeprefix("cd "))
            continue
        capfd.readouterr()
        code, said = typed(one.command, monkeypatch), capfd.readouterr()
        missing = unfound(one.lines, said.out + said.err)
        if code != one.code or missing:
            wrong.append((f"walk.md:{one.line}", one.command, code, missing, said.out + said.err))
    assert wrong == []
    session = open_session(Door(env=os.environ), workspace=Path())
    (incident,) = session.incidents()
    assert incident.published
    now = session.clock.now()
    assert [one.closed(now) for one in items(session.journal.read()).values()] == [True, True]
    assert {path.suffix for path in Path().glob("*.*") if path.is_file()} >= {".html", ".docx", ".pdf"}
