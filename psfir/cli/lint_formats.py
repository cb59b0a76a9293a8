"""Lint results for programs: JSON, GitHub's annotations, SARIF."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from psfir import __version__
from psfir.errors import Problem
from psfir.loading.lint import LintReport


def from_here(report: LintReport, root: Path) -> LintReport:
    """The same with each file as seen from the current folder, so that a terminal, an editor and CI all find it."""
    problems = tuple(replace(problem, file=_from_here(root, problem.file)) for problem in report.problems)
    return replace(report, problems=problems, files=tuple(_from_here(root, name) for name in report.files))


def _from_here(root: Path, name: str) -> str:
    path = Path(os.path.relpath(root / name)).as_posix()
    return os.fsencode(path).decode("utf-8", "replace")  # a name that can be printed, whatever bytes it has


def as_json(report: LintReport) -> dict[str, Any]:
    """All that the text shows, and playbooks nobody has rehearsed."""
    budgets = {
        name: {
            "total": budget.total,
            "deadline": budget.deadline,
            "fits": budget.fits,
            "critical_path": [vars(share) for share in budget.shares],
        }
        for name, budget in report.budgets.items()
    }
    return {
        "errors": report.errors,
        "warnings": report.warnings,
        "files": list(report.files),
        "problems": [dict(vars(problem)) for problem in report.problems],
        "runbooks": budgets,
        "untested": list(report.untested),
    }


def github(report: LintReport) -> Iterator[str]:
    """Workflow commands, escaped as GitHub asks."""
    for problem in report.problems:
        level = "warning" if problem.warning else "error"
        place = f"file={_property(problem.file)}"
        if problem.line:
            place += f",line={problem.line},col={problem.column}"
        yield f"::{level} {place}::{_message(problem.sentence)}"


def sarif(report: LintReport) -> str:
    """SARIF 2.1.0."""
    rules = sorted({problem.rule for problem in report.problems})
    driver = {"name": "psfir", "version": __version__, "rules": [{"id": rule} for rule in rules]}
    run = {"tool": {"driver": driver}, "results": [_result(problem) for problem in report.problems]}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2)


def _result(problem: Problem) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(problem.file)}}
    if problem.line:
        physical["region"] = {"startLine": problem.line, "startColumn": problem.column}
    return {
        "ruleId": problem.rule,
        "level": "warning" if problem.warning else "error",
        "message": {"text": problem.sentence},
        "locations": [{"physicalLocation": physical}],
    }


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
