"""Every file of a workspace at once: each is read by the loader its first line names, then held to the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

from psfir.domain.budget import Budget
from psfir.domain.catalog import Catalog
from psfir.domain.playbook import Playbook
from psfir.domain.runbook import Runbook
from psfir.domain.system import Workspace
from psfir.domain.values import frozen
from psfir.errors import Problem
from psfir.loading.content import SUFFIX, id_of
from psfir.loading.files import Loaded, kind_of, load
from psfir.loading.nodes import MAP, Node
from psfir.loading.playbook import read_playbook
from psfir.loading.problems import Problems
from psfir.loading.rules import check_runbook
from psfir.loading.rules_channels import check_channels
from psfir.loading.rules_ladder import check_ladders
from psfir.loading.rules_references import check_book, check_modes, check_overlay
from psfir.loading.rules_workspace import check_playbook, check_workspace
from psfir.loading.runbook import read_runbook
from psfir.loading.settings import SETTINGS
from psfir.loading.sweep import WORDS, Found, select, sweep
from psfir.loading.workspace import read_overlay, read_workspace

Loader = Callable[[Path, Catalog, str], Loaded]
Rule = Callable[[Mapping[str, Loaded]], None]
"""What must hold between files, each by its name: a problem goes to the file that has to be mended."""

LOADERS: Mapping[str, Loader] = {
    "workspace": lambda path, catalog, shown: read_workspace(path, shown=shown, kinds=catalog),
    "runbook": lambda path, catalog, shown: read_runbook(path, catalog, shown=shown),
    "playbook": lambda path, _, shown: read_playbook(path, shown=shown),
    "connections": lambda path, catalog, shown: read_overlay(path, shown=shown, kinds=catalog),
    "settings": lambda path, _, shown: load(path, "settings", SETTINGS, shown=shown),
}
"""By kind; wings add theirs through the argument of `lint_workspace`."""

FOLDER_OF = {"runbook": "runbooks", "playbook": "playbooks", "template": "comms_templates", "drill": "drills"}
FREE = {"template"}
"""Kinds whose id several files may share, and stands further down: the wing that reads them sees to it."""
LATER = {"drills"}
"""Folders whose kinds may have no loader here yet."""


@frozen
class LintReport:
    """Problems in order of files and lines; the worst case of each sound runbook; playbooks nobody has rehearsed."""

    problems: tuple[Problem, ...]
    budgets: Mapping[str, Budget]
    files: tuple[str, ...]
    untested: tuple[str, ...] = ()

    @property
    def errors(self) -> int:
        return sum(not problem.warning for problem in self.problems)

    @property
    def warnings(self) -> int:
        return len(self.problems) - self.errors


def lint_workspace(
    root: Path,
    *,
    paths: Sequence[Path] = (),
    catalog: Catalog,
    today: date,
    loaders: Mapping[str, Loader] = LOADERS,
    rules: Sequence[Rule] = (),
) -> LintReport:
    """Check all files, or report on some of them only; references are resolved in the whole workspace either way."""
    files = sweep(root)
    wanted = select(root, paths, files)
    read = {found.name: _read(found, catalog, loaders) for found in {**files, **wanted}.values()}
    budgets = _rules(read, {**files, **wanted}, catalog, today)
    for rule in rules:
        rule(read)
    reported = [loaded for name, loaded in read.items() if name in wanted]
    playbooks = [loaded.value for loaded in reported if isinstance(loaded.value, Playbook)]
    return LintReport(
        problems=tuple(sorted(problem for loaded in reported for problem in loaded.problems.found)),
        budgets={name: budget for file, (name, budget) in budgets.items() if file in wanted},
        files=tuple(wanted),
        untested=tuple(playbook.id for playbook in playbooks if playbook.last_tested is None),
    )


def _rules(
    read: Mapping[str, Loaded], files: Mapping[str, Found], catalog: Catalog, today: date
) -> dict[str, tuple[str, Budget]]:
    """Hold every file to its rules; the worst case of each sound runbook by the name of its file."""
    words = read[WORDS]
    workspace: Workspace | None = words.value
    runbooks, playbooks = _by_id(read, files, Runbook), _by_id(read, files, Playbook)
    budgets: dict[str, tuple[str, Budget]] = {}
    for name, loaded in read.items():
        kind = _kind(loaded)
        if kind == "runbook":
            check_book(loaded, words.root, playbooks)
        elif kind == "connections":
            check_overlay(loaded, words.root)
        if isinstance(loaded.value, Runbook):
            budget = check_runbook(loaded, workspace)
            check_ladders(loaded, workspace, catalog)
            if budget and not loaded.problems.errors:
                budgets[name] = (loaded.value.id, budget)
        elif isinstance(loaded.value, Playbook):
            check_playbook(loaded, today)
    check_modes(words, runbooks)
    if workspace is not None:
        check_workspace(words, runbooks, playbooks)
        check_channels(words, workspace, catalog)
    return budgets


def _kind(loaded: Loaded) -> str:
    """What its tree says it is, also where its value is too wrong to be looked into."""
    said = loaded.root.get("schema")
    return said.text.removeprefix("psfir.").partition("/")[0] if said else ""


def _read(found: Found, catalog: Catalog, loaders: Mapping[str, Loader]) -> Loaded:
    claimed = kind_of(found.path)
    kind = "workspace" if found.name == WORDS else claimed.removeprefix("psfir.").partition("/")[0]
    if kind in loaders and (found.name == WORDS or claimed.startswith("psfir.")):
        loaded = loaders[kind](found.path, catalog, found.name)
        _place(found, kind, loaded)
        return loaded
    problems, top = Problems(found.name), Node(MAP, 1, 1)
    if claimed:
        meant = problems.near(claimed, [f"psfir.{kind}/1" for kind in loaders])
        sentence, warning = f"{problems.shown(claimed)} is no kind of file here; {meant}", False
        if found.folder in LATER and claimed.startswith("psfir."):
            sentence, warning = f"this psfir cannot check files of the kind {problems.shown(claimed)}", True
    else:
        likely = next((kind for kind, folder in FOLDER_OF.items() if folder == found.folder), "KIND")
        sentence = f"the first line must say what this is: `schema: psfir.{likely}/1`"
        warning = found.folder in LATER
    problems.add(top, sentence, rule="unknown-kind", warning=warning)
    return Loaded(None, top, problems)


def _place(found: Found, kind: str, loaded: Loaded) -> None:
    """A file in the wrong folder, under the wrong suffix or with a hidden id would never be found by a kill."""
    wanted = FOLDER_OF.get(kind)
    if found.folder and wanted and found.folder != wanted:
        sentence = f"a {kind} belongs into {wanted}/; here nobody looks for it"
        loaded.problems.add(loaded.root, sentence, rule="place")
    elif wanted and found.path.suffix != SUFFIX[wanted]:
        loaded.problems.add(
            loaded.root, f"a {kind} is called *{SUFFIX[wanted]}; like this nobody finds it", rule="place"
        )
    elif wanted and kind not in FREE and loaded.value is not None and id_of(found.path) != loaded.value.id:
        sentence = "must stand on a line of its own near the top, as `id: NAME`: there psfir looks for it"
        loaded.problems.add(loaded.root.at("id"), sentence, rule="place")


_T = TypeVar("_T", Runbook, Playbook)


def _by_id(read: Mapping[str, Loaded], files: Mapping[str, Found], kind: type[_T]) -> dict[str, _T | None]:
    """By id, None for what is there and cannot be read; an id that is taken is a problem of the later file."""
    folder = FOLDER_OF[kind.__name__.lower()]
    known: dict[str, _T | None] = {}
    holders: dict[str, str] = {}
    for name, loaded in read.items():
        value, found = loaded.value, files[name]
        if found.folder != folder or not (value is None or isinstance(value, kind)):
            continue
        key = id_of(found.path) or found.path.stem if value is None else value.id
        if key in known:
            sentence = f"the id {key!r} is taken by {holders[key]}; ids are used once"
            loaded.problems.add(loaded.root.at("id"), sentence, rule="duplicate-id")
            continue
        known[key], holders[key] = value, name
    return known
