"""Check the files of a workspace. Works on the files alone: no record, no identity, no secret is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from psfir.app.drill_run_home import stay
from psfir.app.kinds import loaders, rules
from psfir.domain.catalog import Catalog
from psfir.errors import CatalogError, Problem, UsageError
from psfir.loading.content import find_workspace
from psfir.loading.lint import LintReport, lint_workspace


class Installed(Catalog, Protocol):
    """A catalog that can also say what is wrong with the parts that are installed."""

    def flaws(self) -> Sequence[CatalogError]: ...


def lint(root: Path, paths: Sequence[Path], *, catalog: Installed, today: date) -> LintReport:
    """The whole workspace, and with it every part that is installed; or the files that are named."""
    report = lint_workspace(root, paths=paths, catalog=catalog, today=today, loaders=loaders(), rules=rules(root))
    if paths:
        return report
    flaws = [Problem("psfir.yaml", 0, 0, f"installed here: {flaw}", "catalog") for flaw in catalog.flaws()]
    problems = tuple(sorted([*report.problems, *flaws]))
    return LintReport(problems, report.budgets, report.files, report.untested)


def root_of(workspace: Path | None, paths: Sequence[Path], env: Mapping[str, str]) -> Path:
    """The workspace named, or the one around the first path, or around the current folder; in a drill, its own."""
    root = _root_of(workspace, paths, env)
    stay(root, env)
    return root


def _root_of(workspace: Path | None, paths: Sequence[Path], env: Mapping[str, str]) -> Path:
    named = workspace or (Path(env["PSFIR_WORKSPACE"]) if env.get("PSFIR_WORKSPACE") else None)
    if named is not None:
        if named.is_dir():
            return named
        raise UsageError(f"{named} is not a folder")
    if paths and not paths[0].exists():
        raise UsageError(f"there is no {paths[0]}", todo="name files or folders of the workspace")
    start = paths[0] if paths else Path.cwd()
    found = find_workspace(start if start.is_dir() else start.resolve().parent)
    if found is None:
        raise UsageError("no psfir.yaml here or in any folder above", todo="say -w DIR, or run psfir init")
    return found
