"""What the demo leaves to try can be typed as it stands."""

import sys
from pathlib import Path

import pytest

from psfir.cli import demo_stage as demo


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment with psfir in it."""
    script = tmp_path / "an env" / "psfir"
    script.parent.mkdir()
    script.write_text(f"#!{sys.executable}\n")
    script.chmod(0o755)
    monkeypatch.setattr(demo, "get_path", lambda _: str(script.parent))
    return script


def test_a_shell_that_does_not_find_it_is_told_the_way(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None on PATH, or another one: the line can be pasted, blanks and all."""
    monkeypatch.setenv("PATH", "/nowhere")
    assert demo.way_here() == [f"export PATH='{script.parent}':$PATH"]
    other = script.parent.parent / "psfir"
    other.write_bytes(script.read_bytes())
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(other.parent))
    assert demo.way_here() == [f"export PATH='{script.parent}':$PATH"]


def test_a_shell_that_finds_it_is_told_nothing(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor one where there is no script that could be found."""
    monkeypatch.setenv("PATH", str(script.parent))
    assert demo.way_here() == []
    script.unlink()
    assert demo.way_here() == []
