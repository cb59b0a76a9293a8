"""Every file in bad/ is refused with exactly the sentences beside it: `line:column: sentence`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psfir.domain.system import Workspace
from psfir.errors import ContentError
from psfir.loading.playbook import load_playbook
from psfir.loading.runbook import load_runbook
from psfir.loading.settings import load_settings
from psfir.loading.workspace import load_workspace
from tests.loading.desk import REAL, WORDS

BAD = Path(__file__).parent / "bad"
FILES = sorted(path for path in BAD.iterdir() if path.suffix in {".yaml", ".md"})
CANARY = "hunter2canary"


def _overlay(path: Path) -> Workspace:
    base = path.parent / "psfir.yaml"
    base.write_text(WORDS)
    return load_workspace(base, overlay=path)


LOADERS: dict[str, Callable[[Path], Any]] = {
    "runbook": lambda path: load_runbook(path, REAL),
    "workspace": load_workspace,
    "playbook": load_playbook,
    "settings": load_settings,
    "connections": _overlay,
}


def _refused(path: Path, tmp_path: Path) -> ContentError:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    with pytest.raises(ContentError) as refused:
        LOADERS[path.name.partition("-")[0]](copy)
    assert {problem.file for problem in refused.value.problems} == {str(copy)}
    return refused.value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_sentences(path: Path, tmp_path: Path) -> None:
    """All problems of the file at once, each at its place, in words that say what was probably meant."""
    found = [f"{p.line}:{p.column}: {p.sentence}" for p in _refused(path, tmp_path).problems]
    assert found == path.with_suffix(".said").read_text(encoding="utf-8").splitlines()


def test_every_sentence_has_its_file() -> None:
    """No expectation is left over from a file that is gone."""
    assert {path.stem for path in BAD.glob("*.said")} == {path.stem for path in FILES}


@pytest.mark.parametrize("path", [p for p in FILES if CANARY in p.read_text()], ids=lambda path: path.name)
def test_a_secret_in_the_file_is_in_no_sentence(path: Path, tmp_path: Path) -> None:
    """Whoever wrote a secret where only its place belongs does not find it in a log as well."""
    error = _refused(path, tmp_path)
    assert CANARY not in str(error)
    assert not any(CANARY in str(vars(problem)) for problem in error.problems)


def test_the_whole_error_is_one_line_that_counts_the_rest(tmp_path: Path) -> None:
    """The first problem, and how many more."""
    error = _refused(BAD / "runbook-everything-at-once.yaml", tmp_path)
    assert str(error).endswith(f"(and {len(error.problems) - 1} more)")
    assert "\n" not in str(error)
