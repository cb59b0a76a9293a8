"""Check the files of a workspace. Works on the files alone: no record, no identity, no secret is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from psfir.app.catalog import installed_catalog
from psfir.errors import UsageError
from psfir.loading.content import find_workspace
from psfir.loading.lint import LintReport, lint_workspace


def lint(workspace: Path | None, paths: Sequence[Path], *, today: date, env: Mapping[str, str]) -> LintReport:
    """Of the workspace named, or of the one around the first path, or around the current folder."""
    return lint_workspace(root_of(workspace, paths, env), paths=paths, catalog=installed_catalog(), today=today)


def root_of(workspace: Path | None, paths: Sequence[Path], env: Mapping[str, str]) -> Path:
    named = workspace or (Path(env["PSFIR_WORKSPACE"]) if env.get("PSFIR_WORKSPACE") else None)
    if named is not None:
        if named.is_dir():
            return named
        raise UsageError(f"{named} is not a folder")
    if paths and not paths[0].exists():
        raise UsageError(f"there is no {paths[0]}", todo="paths are files or folders of the workspace")
    start = paths[0] if paths else Path.cwd()
    found = find_workspace(start if start.is_dir() else start.parent)
    if found is None:
        raise UsageError("no psfir.yaml here or in any folder above", todo="say -w DIR, or run psfir init")
    return found
