"""Every file of a workspace at once: each is read by the loader its first line names, then held to the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from psfir.domain.budget import Budget, worst_case
from psfir.domain.catalog import Catalog
from psfir.domain.near import near
from psfir.domain.playbook import Playbook
from psfir.domain.runbook import Runbook
from psfir.domain.system import Workspace
from psfir.errors import Problem, UsageError
from psfir.loading.content import FOLDERS, files_of
from psfir.loading.files import KINDS, Loaded, kind_of
from psfir.loading.nodes import MAP, Node
from psfir.loading.playbook import read_playbook
from psfir.loading.problems import Problems
from psfir.loading.rules import check_runbook
from psfir.loading.rules_workspace import check_playbook, check_workspace
from psfir.loading.runbook import read_runbook
from psfir.loading.workspace import read_workspace

Loader = Callable[[Path, Catalog, str], Loaded]

LOADERS: Mapping[str, Loader] = {
    "runbook": lambda path, catalog, shown: read_runbook(path, catalog, shown=shown),
    "playbook": lambda path, _, shown: read_playbook(path, shown=shown),
}
"""By kind; wings add theirs through the argument of `lint_workspace`."""

LATER = {"comms_templates", "drills"}
"""Folders whose kinds may have no loader here yet."""


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Scene:
    """All that was read, for rules that look from one file at another. `workspace` is None if psfir.yaml is wrong."""

    catalog: Catalog
    today: date
    workspace: Workspace | None = None
    runbooks: Mapping[str, tuple[Runbook, Loaded]] = field(default_factory=dict)
    playbooks: Mapping[str, tuple[Playbook, Loaded]] = field(default_factory=dict)


def lint_workspace(
    root: Path,
    *,
    paths: Sequence[Path] = (),
    catalog: Catalog,
    today: date,
    loaders: Mapping[str, Loader] = LOADERS,
) -> LintReport:
    """Check all files, or report on some of them only; references are resolved in the whole workspace either way."""
    wanted = _wanted(root, paths)
    words = read_workspace(root / "psfir.yaml", shown="psfir.yaml")
    read = {name: _read(path, name, catalog, loaders) for name, path in _content(root)}
    scene = Scene(catalog, today, words.value, *_by_id(read))
    if words.value is not None:
        check_workspace(words, words.value, scene.runbooks, scene.playbooks)
    for book, loaded in scene.runbooks.values():
        check_runbook(book, loaded, scene.catalog, scene.workspace, frozenset(scene.playbooks))
    for playbook, loaded in scene.playbooks.values():
        check_playbook(playbook, loaded, today)
    found = [p for loaded in (words, *read.values()) for p in loaded.problems.found if _is_wanted(p.file, wanted)]
    bad = {problem.file for problem in found if not problem.warning}
    sound = {
        n: b
        for n, (b, at) in scene.runbooks.items()
        if at.problems.file not in bad and _is_wanted(at.problems.file, wanted)
    }
    files = tuple(name for name in ("psfir.yaml", *read) if _is_wanted(name, wanted))
    untested = tuple(name for name, (book, _) in scene.playbooks.items() if book.last_tested is None)
    return LintReport(tuple(sorted(found)), {name: worst_case(book) for name, book in sound.items()}, files, untested)


def _wanted(root: Path, paths: Sequence[Path]) -> frozenset[str] | None:
    """Names in the workspace; None is all of them."""
    if not paths:
        return None
    names: set[str] = set()
    for path in paths:
        if not path.exists():
            raise UsageError(f"there is no {path}", todo="paths are files or folders of the workspace")
        try:
            name = path.resolve().relative_to(root.resolve()).as_posix()
        except ValueError:
            raise UsageError(f"{path} is outside the workspace {root}", todo="say -w for another workspace") from None
        if name == ".":
            return None
        names.add(name)
    return frozenset(names)


def _is_wanted(name: str, wanted: frozenset[str] | None) -> bool:
    return wanted is None or any(name == one or name.startswith(f"{one}/") for one in wanted)


def _content(root: Path) -> Iterator[tuple[str, Path]]:
    for folder in FOLDERS:
        for path in files_of(root, folder):
            yield path.relative_to(root).as_posix(), path


def _read(path: Path, name: str, catalog: Catalog, loaders: Mapping[str, Loader]) -> Loaded:
    claimed = kind_of(path)
    kind = claimed.removeprefix("psfir.").partition("/")[0]
    if kind in loaders:
        return loaders[kind](path, catalog, name)
    problems = Problems(name)
    top = Node(MAP, 1, 1)
    if name.partition("/")[0] in LATER:
        problems.add(top, "this psfir cannot check files of this kind", rule="unknown-kind", warning=True)
    elif not claimed:
        wanted = "playbook" if path.suffix == ".md" else "runbook"
        problems.add(top, f"the first line must say what this is: `schema: psfir.{wanted}/1`", rule="unknown-kind")
    else:
        problems.add(
            top,
            f"{claimed!r} is no kind of file here; {near(claimed, [f'psfir.{k}/1' for k in KINDS])}",
            rule="unknown-kind",
        )
    return Loaded(None, top, problems)


def _by_id(
    read: Mapping[str, Loaded],
) -> tuple[dict[str, tuple[Runbook, Loaded]], dict[str, tuple[Playbook, Loaded]]]:
    """Runbooks and playbooks that could be read, by id; an id that is taken is a problem of the later file."""
    runbooks: dict[str, tuple[Runbook, Loaded]] = {}
    playbooks: dict[str, tuple[Playbook, Loaded]] = {}
    for loaded in read.values():
        value = loaded.value
        known = runbooks if isinstance(value, Runbook) else playbooks
        if not isinstance(value, (Runbook, Playbook)):
            continue
        if value.id in known:
            other = known[value.id][1].problems.file
            loaded.problems.add(loaded.root.at("id"), f"the id {value.id!r} is taken by {other}", rule="duplicate-id")
        else:
            known[value.id] = (value, loaded)  # type: ignore[assignment]  # the dict was chosen by the value's own class
    return runbooks, playbooks
