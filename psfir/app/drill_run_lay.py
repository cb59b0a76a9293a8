"""Laying a run out: what is played, and the copy of the workspace in which nothing live can be reached."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

from psfir.app.catalog import installed_catalog
from psfir.app.drill_run_folder import WORKSPACE, RunFolder, begin
from psfir.app.drill_run_home import Home, home_of, joined
from psfir.app.drills import path_of
from psfir.app.init import WORDS, lay_out
from psfir.contracts import Clock
from psfir.domain.canon import Json, digest_bytes
from psfir.domain.near import near
from psfir.domain.system import Connection
from psfir.domain.values import frozen
from psfir.errors import Refusal, UsageError
from psfir.loading.content import FOLDERS, content_files
from psfir.loading.workspace import load_workspace
from psfir.rehearsal.drill_file import load_drill
from psfir.rehearsal.scenario import Scenario
from psfir.rehearsal.words import Level, Levers

_MEMORY = "memory"


@frozen
class Wanted:
    """What was asked for. `reference` plays in the reference system's workspace instead of a copy of one's own."""

    scenario: str
    cut: str = ""
    speed: Fraction | None = None
    reference: bool = False
    solo: bool = False


def lay(live: Path, wanted: Wanted, *, clock: Clock, env: Mapping[str, str]) -> RunFolder:
    """Refusal from within a drill; UsageError for a scenario or a version of one that there is not."""
    if joined(env) is not None or home_of(live) is not None:
        raise Refusal("this shell is in a drill: another one cannot be begun from within it")
    path = path_of(live, wanted.scenario)
    raw = path.read_bytes()
    whole = load_drill(path)
    scenario = chosen(whole, wanted)
    if wanted.reference and scenario.level is Level.LIVE:
        raise UsageError("a live drill is played on the live system", todo="leave --reference out")
    words = load_workspace(live / WORDS, kinds=installed_catalog())
    if range_needed(scenario) and not wanted.reference and _tiny(words.connections):
        what = "this workspace has only a tiny estate, on which the faults of this scenario mean nothing"
        raise Refusal(what, todo="play it on the reference system: --reference")
    run = begin(live, raw, {**_about(live, scenario, wanted), "cut": _cut(whole, wanted)}, now=clock.now())
    if scenario.level is not Level.LIVE:
        _copy(live, run, scenario, reference=wanted.reference)
    for name in _attachments(whole):
        _attach(path.parent, run.path, name)
    return run


def chosen(scenario: Scenario, wanted: Wanted) -> Scenario:
    """The version that is played: whoever plays alone has half an hour, where there is such a version."""
    cut = _cut(scenario, wanted)
    return scenario.cut(cut) if cut else scenario


def range_needed(scenario: Scenario) -> bool:
    return scenario.safety.levers is Levers.RANGE and scenario.level is not Level.LIVE and bool(scenario.faults)


def _cut(scenario: Scenario, wanted: Wanted) -> str:
    names = [one.name for one in scenario.cuts]
    if wanted.cut and wanted.cut not in names:
        raise UsageError(f"{scenario.id} has no version {wanted.cut!r}", todo=near(wanted.cut, names))
    return wanted.cut or ("30m" if wanted.solo and "30m" in names else "")


def _tiny(connections: Mapping[str, Connection]) -> bool:
    return all(one.kind == _MEMORY for one in connections.values())


def _about(live: Path, scenario: Scenario, wanted: Wanted) -> dict[str, Json]:
    return {
        "scenario": scenario.id,
        "level": scenario.level.value,
        "speed": str(wanted.speed or scenario.pace.speed),
        "roles": list(scenario.roles),
        "reference": wanted.reference,
        "solo": wanted.solo,
        "systems": list(scenario.systems),
        "statements": [*sorted({one.psf for one in scenario.objectives})],
        "runbooks": {name: digest_bytes(path.read_bytes()) for name, path in _books(live, scenario)},
    }


def _books(live: Path, scenario: Scenario) -> Iterator[tuple[str, Path]]:
    """Those that the scenario expects, as they are today."""
    files = content_files(live, "runbooks")
    named = {name for one in scenario.expected.values() for name in one.wanted.runbooks}
    yield from ((name, files[name]) for name in sorted(named) if name in files)


def _copy(live: Path, run: RunFolder, scenario: Scenario, *, reference: bool) -> None:
    root = run.path / WORKSPACE
    if reference:
        lay_out(root, reference=True)
    else:
        root.mkdir(mode=0o700)
        shutil.copy2(live / WORDS, root / WORDS)
        for kind in FOLDERS[:-1]:  # not the scenarios: players could read on
            if (live / kind).is_dir():
                shutil.copytree(live / kind, root / kind)
        _estates(live, root)
    shutil.rmtree(root / FOLDERS[-1], ignore_errors=True)
    levers = scenario.safety.levers is Levers.RANGE
    Home(root.resolve(), run.name, scenario.safety.banner, levers=levers).write()


def _estates(live: Path, root: Path) -> None:
    """The files of tiny estates that lie in the workspace: their copies are what is switched off."""
    words = load_workspace(live / WORDS, kinds=installed_catalog())
    for one in words.connections.values():
        for name in one.files if one.kind == _MEMORY else ():
            source = (live / str(one.settings.get(name, ""))).resolve()
            if live.resolve() in source.parents and source.is_file():
                target = root / source.relative_to(live.resolve())
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.copy2(source, target)


def _attachments(scenario: Scenario) -> list[str]:
    return [name for one in scenario.injects for name in one.shown.attachments]


def _attach(source: Path, run: Path, name: str) -> None:
    """Kept with the run, out of the players' workspace until the inject that brings it has come."""
    found = (source / name).resolve()
    if source.resolve() in found.parents and found.is_file() and ".." not in Path(name).parts:
        target = run / "attached" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(found, target)
