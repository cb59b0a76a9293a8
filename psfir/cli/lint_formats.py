"""Lint results for programs: JSON, GitHub's annotations, SARIF."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from psfir import __version__
from psfir.errors import Problem
from psfir.loading.lint import LintReport


def as_json(report: LintReport, prefix: str) -> dict[str, Any]:
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
        "files": [prefix + name for name in report.files],
        "problems": [{**vars(problem), "file": prefix + problem.file} for problem in report.problems],
        "runbooks": budgets,
        "untested": list(report.untested),
    }


def github(report: LintReport, prefix: str) -> Iterator[str]:
    """Workflow commands, escaped as GitHub asks."""
    for problem in report.problems:
        level = "warning" if problem.warning else "error"
        place = f"file={_property(prefix + problem.file)},line={max(1, problem.line)},col={max(1, problem.column)}"
        yield f"::{level} {place}::{_message(problem.sentence)}"


def sarif(report: LintReport, prefix: str) -> str:
    """SARIF 2.1.0."""
    rules = sorted({problem.rule for problem in report.problems})
    driver = {"name": "psfir", "version": __version__, "rules": [{"id": rule} for rule in rules]}
    run = {"tool": {"driver": driver}, "results": [_result(problem, prefix) for problem in report.problems]}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2)


def _result(problem: Problem, prefix: str) -> dict[str, Any]:
    region = {"startLine": max(1, problem.line), "startColumn": max(1, problem.column)}
    place = {"physicalLocation": {"artifactLocation": {"uri": prefix + problem.file}, "region": region}}
    return {
        "ruleId": problem.rule,
        "level": "warning" if problem.warning else "error",
        "message": {"text": problem.sentence},
        "locations": [place],
    }


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
