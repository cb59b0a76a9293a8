"""What lint says to programs: JSON, GitHub's annotations and SARIF."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from psfir import __version__
from psfir.cli.lint_formats import as_json, from_here, github, sarif
from psfir.domain.budget import Budget, Share
from psfir.errors import Problem
from psfir.loading.lint import LintReport
from tests.cli.keyboard import Keyboard
from tests.loading.desk import Works

ERROR = Problem("runbooks/a, b:c.yaml", 3, 7, "100% wrong\r\nand 'twice'", "schema")
WARNING = Problem("playbooks/ö.md", 6, 16, "was last reviewed 400 days ago", "dates", warning=True)
WHOLE = Problem("psfir.yaml", 0, 0, "cannot be read: No such file or directory", "file")
BUDGET = Budget((Share("plan", 5.0, "side by side"), Share("step a", 10.0, "x 10s")), 900.0)
REPORT = LintReport((ERROR, WARNING, WHOLE), {"off": BUDGET}, ("psfir.yaml", "playbooks/ö.md"), ("harm",))

# What SARIF 2.1.0 asks of the parts that are used here, from its published schema.
SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string", "pattern": "sarif-2\\.1\\.0"},
        "runs": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/run"}},
    },
    "$defs": {
        "run": {
            "type": "object",
            "required": ["tool", "results"],
            "properties": {
                "tool": {
                    "type": "object",
                    "required": ["driver"],
                    "properties": {"driver": {"$ref": "#/$defs/driver"}},
                },
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
            },
        },
        "driver": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "rules": {
                    "type": "array",
                    "uniqueItems": True,
                    "items": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
                }
            },
        },
        "result": {
            "type": "object",
            "required": ["message"],
            "properties": {
                "level": {"enum": ["none", "note", "warning", "error"]},
                "message": {"type": "object", "required": ["text"]},
                "locations": {"type": "array", "items": {"$ref": "#/$defs/location"}},
            },
        },
        "location": {
            "type": "object",
            "properties": {
                "physicalLocation": {
                    "type": "object",
                    "required": ["artifactLocation"],
                    "properties": {
                        "artifactLocation": {"properties": {"uri": {"type": "string", "pattern": "^[!-~]+$"}}},
                        "region": {
                            "type": "object",
                            "required": ["startLine"],
                            "properties": {
                                "startLine": {"type": "integer", "minimum": 1},
                                "startColumn": {"type": "integer", "minimum": 1},
                            },
                        },
                    },
                }
            },
        },
    },
}


def test_json_has_all_that_the_text_shows() -> None:
    """Problems with place and rule, each runbook's critical path, and playbooks nobody has rehearsed."""
    found = as_json(REPORT)
    json.dumps(found)
    assert (found["errors"], found["warnings"]) == (2, 1)
    assert found["problems"][1] == {
        "file": "playbooks/ö.md",
        "line": 6,
        "column": 16,
        "sentence": "was last reviewed 400 days ago",
        "rule": "dates",
        "warning": True,
    }
    assert found["runbooks"] == {
        "off": {
            "total": 15.0,
            "deadline": 900.0,
            "fits": True,
            "critical_path": [
                {"name": "plan", "seconds": 5.0, "how": "side by side"},
                {"name": "step a", "seconds": 10.0, "how": "x 10s"},
            ],
        }
    }
    assert found["untested"] == ["harm"]
    assert found["files"] == ["psfir.yaml", "playbooks/ö.md"]


def test_github_annotations_are_escaped() -> None:
    """One line each; what would end a property or the line is written in percent."""
    assert list(github(REPORT)) == [
        "::error file=runbooks/a%2C b%3Ac.yaml,line=3,col=7::100%25 wrong%0D%0Aand 'twice'",
        "::warning file=playbooks/ö.md,line=6,col=16::was last reviewed 400 days ago",
        "::error file=psfir.yaml::cannot be read: No such file or directory",
    ]


def test_sarif_is_what_the_standard_asks() -> None:
    """Version, tool, a rule for each kind of problem, and a place for each result."""
    log = json.loads(sarif(REPORT))
    Draft202012Validator(SARIF).validate(log)
    (run,) = log["runs"]
    assert run["tool"]["driver"] == {
        "name": "psfir",
        "version": __version__,
        "rules": [{"id": "dates"}, {"id": "file"}, {"id": "schema"}],
    }
    assert {result["ruleId"] for result in run["results"]} == {rule["id"] for rule in run["tool"]["driver"]["rules"]}


def test_sarif_names_files_as_addresses() -> None:
    """Spaces and letters beyond ASCII are percent-encoded; what is wrong with a whole file has no region."""
    results = json.loads(sarif(REPORT))["runs"][0]["results"]
    places = [result["locations"][0]["physicalLocation"] for result in results]
    assert places == [
        {
            "artifactLocation": {"uri": "runbooks/a%2C%20b%3Ac.yaml"},
            "region": {"startLine": 3, "startColumn": 7},
        },
        {"artifactLocation": {"uri": "playbooks/%C3%B6.md"}, "region": {"startLine": 6, "startColumn": 16}},
        {"artifactLocation": {"uri": "psfir.yaml"}},
    ]
    assert [result["level"] for result in results] == ["error", "warning", "error"]


def test_nothing_wrong_is_a_log_as_well() -> None:
    """A code scanning service needs an empty one to close what it had open."""
    log = json.loads(sarif(LintReport((), {}, ("psfir.yaml",))))
    Draft202012Validator(SARIF).validate(log)
    assert log["runs"][0]["results"] == []
    assert list(github(LintReport((), {}, ()))) == []


def test_files_are_named_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the workspace is a part of a repository, an annotation still lands on the file."""
    monkeypatch.chdir(tmp_path)
    seen = from_here(REPORT, tmp_path / "ops")
    assert [p.file for p in seen.problems] == ["ops/runbooks/a, b:c.yaml", "ops/playbooks/ö.md", "ops/psfir.yaml"]
    assert seen.files == ("ops/psfir.yaml", "ops/playbooks/ö.md")
    assert seen.budgets == REPORT.budgets


@pytest.mark.parametrize("style", ["json", "github", "sarif"])
def test_every_format_has_the_same_problems_and_exit_code(
    style: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real command: one error and one warning, told in each format, and exit code 1."""
    keyboard = Keyboard(tmp_path / "other", capsys, monkeypatch)
    works = Works(tmp_path / "works")
    works.words({"title: Bot, owner: ben": "title: Bot, owner: bem"})
    works.play({"last_reviewed: 2026-01-31": "last_reviewed: 2020-01-31"})
    done = keyboard.type("lint", "-w", str(works.root), "--format", style)
    assert (done.code, done.err) == (1, "")
    assert done.out.count("nobody under people") == done.out.count("was last reviewed") == 1
    if style == "sarif":
        Draft202012Validator(SARIF).validate(done.json)
    elif style == "github":
        assert all(line.startswith(("::error file=", "::warning file=")) for line in done.out.splitlines())
    else:
        assert done.json["schema"] == "psfir.out.lint/1"
        assert keyboard.type("lint", "-w", str(works.root), "--json").out == done.out
