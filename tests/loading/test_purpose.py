"""A runbook that sets nothing, or expects nothing, is refused: it would be contained for ever."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from psfir.app.catalog import installed_catalog
from psfir.app.lint import lint
from tests.app.workspaces import RUNBOOK, lay_out


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('set: {"on": false}', "set: {}", "memory.switch is told to set nothing"),
        ('expect: {state: {"on": false}}', "expect: {state: {}}", "is told to expect nothing"),
        ('expect: {state: {"on": false}}', "expect: {}", "is told to expect nothing"),
        ('expect: {state: {"on": false}}', "expect: {state: []}", "is told to expect nothing"),
    ],
)
def test_nothing_to_do_and_nothing_to_find_are_errors(tmp_path: Path, old: str, new: str, says: str) -> None:
    """Each with its place; as it was written first, the same runbook has no error."""
    for runbook, wrong in ((RUNBOOK, False), (RUNBOOK.replace(old, new), True)):
        root = tmp_path / str(wrong)
        lay_out(root, runbook=runbook)
        report = lint(root, (), catalog=installed_catalog(), today=date(2026, 11, 21))
        found = [problem for problem in report.problems if says in problem.sentence and not problem.warning]
        assert bool(found) is wrong
        assert all(problem.line > 1 for problem in found)
