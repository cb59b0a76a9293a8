"""Every clock there is: those that ship with psfir, and those of the workspace, which replace them by their id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from psfir.domain.near import near
from psfir.domain.values import remade
from psfir.errors import ContentError, Problem, UsageError
from psfir.loading.files import Loaded
from psfir.loading.problems import Problems
from psfir.review.clock import Clock
from psfir.review.clock_file import read_clock

FOLDER = "clocks"
SHIPPED = Path(__file__).parent / FOLDER

Clocks = Mapping[str, Clock]


def load_clocks(root: Path | None = None) -> Clocks:
    """By id; ContentError with all that is wrong with the workspace's own ones."""
    found = {clock.id: clock for clock in _read(SHIPPED, "shipped clock")}
    if root is not None:
        found |= {clock.id: remade(clock, own=True) for clock in _read(root / FOLDER, FOLDER)}
    flaw = flaw_of(found)
    if flaw:
        name, says = flaw
        raise ContentError([Problem(f"{FOLDER}/{name}.yaml", 0, 0, says, "reference")], todo="psfir lint")
    return found


def one(clocks: Clocks, name: str) -> Clock:
    if name not in clocks:
        raise UsageError(f"there is no clock {name!r}", todo=near(name, clocks))
    return clocks[name]


def flaw_of(clocks: Clocks) -> tuple[str, str] | None:
    """The first clock that names one which is not there, or waits for itself in a circle."""
    for clock in clocks.values():
        for name in (*clock.depends_on, *([clock.yields_to] if clock.yields_to else [])):
            if name not in clocks:
                return clock.id, f"{clock.id} names the clock {name!r}; {near(name, clocks)}"
    for clock in clocks.values():
        if clock.id in _before(clock, clocks):
            return clock.id, f"{clock.id} waits for its own submission, by way of {', '.join(clock.depends_on)}"
    return None


def check_clocks(read: Mapping[str, Loaded]) -> None:
    """What holds between the clocks of a workspace and those that ship: ids are used once, names lead somewhere."""
    if not any(isinstance(loaded.value, Clock) for loaded in read.values()):
        return
    found = {clock.id: clock for clock in _read(SHIPPED, "shipped clock")}
    mine: dict[str, Loaded] = {}
    for name, loaded in read.items():
        if not isinstance(loaded.value, Clock) or not name.startswith(f"{FOLDER}/"):
            continue
        if loaded.value.id in mine:
            other = mine[loaded.value.id].problems.file
            loaded.problems.add(
                loaded.root.at("id"), f"the id is taken by {other}; ids are used once", rule="duplicate-id"
            )
            continue
        mine[loaded.value.id] = loaded
        found[loaded.value.id] = loaded.value
    flaw = flaw_of(found)
    if flaw and flaw[0] in mine:
        mine[flaw[0]].problems.add(mine[flaw[0]].root.at("limits"), flaw[1], rule="reference")


def _before(clock: Clock, clocks: Clocks) -> set[str]:
    """Every clock whose submission it waits for, directly or further off."""
    seen: set[str] = set()
    ahead = list(clock.depends_on)
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead += clocks[name].depends_on
    return seen


def _read(folder: Path, shown: str) -> Iterable[Clock]:
    problems = Problems(shown)
    found: dict[str, Clock] = {}
    for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
        loaded = read_clock(path, shown=f"{shown}/{path.name}")
        problems.found += loaded.problems.found
        if isinstance(loaded.value, Clock):
            if loaded.value.id in found:
                says = f"the id {loaded.value.id!r} is taken by another file; ids are used once"
                problems.found.append(Problem(loaded.problems.file, 1, 1, says, "duplicate-id"))
            found[loaded.value.id] = loaded.value
    problems.raise_errors()
    return found.values()
