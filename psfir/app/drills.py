"""Scenarios for people who look for one, and a first one of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from psfir.domain.near import near
from psfir.domain.values import frozen
from psfir.errors import ContentError, PsfirError, Refusal, UsageError
from psfir.loading.content import content_files
from psfir.rehearsal.drill_file import load_drill
from psfir.rehearsal.scenario import Scenario

FOLDER = "drills"
_TEN_LINES = """\
schema: psfir.drill/1
id: {name}
title: The assistant tells of somebody else's order
safety: {{banner: EXERCISE EXERCISE EXERCISE, levers: none, comms: sink, abort_word: REAL WORLD}}
objectives: [{{id: contain, text: Decide and contain within 15 minutes, psf: 2}}]
injects:
  - {{body: A customer was told of another's order., expect: [{{kind: containment, due: 15m, critical: true}}]}}
  - {{at: 5m, purpose: [conflict, decision], body: Engineering sees nothing., expect: [{{kind: decision, due: 5m}}]}}
  - {{at: 15m, purpose: [escalation], body: A journalist has a screenshot with a name in it.}}
hot_wash: ["What would have halved the time?"]
"""


@frozen
class Shelf:
    """All scenarios that can be read, and of each that cannot, why."""

    drills: tuple[Scenario, ...]
    broken: Mapping[str, str]


def shelf(root: Path) -> Shelf:
    """One broken file hides no other."""
    drills, broken = [], {}
    files = content_files(root, FOLDER)
    for name in files:
        try:
            drills.append(load_drill(files[name]))
        except PsfirError as error:
            broken[name] = str(error)
    return Shelf(tuple(drills), broken)


def path_of(root: Path, name: str) -> Path:
    """Where a scenario lies; UsageError with the one that was probably meant."""
    known = content_files(root, FOLDER)
    if name not in known:
        raise UsageError(f"there is no scenario {name!r}", todo=near(name, known))
    return known[name]


def one(root: Path, name: str) -> Scenario:
    """A scenario by its id."""
    return load_drill(path_of(root, name))


def new(root: Path, name: str) -> Path:
    """Write a scenario of ten lines that can be played, and changed into one's own."""
    path = root / FOLDER / f"{name}.yaml"
    if name in content_files(root, FOLDER) or path.exists():
        raise Refusal(f"there is a scenario {name} already", todo="ids are used once: choose another")
    path.parent.mkdir(exist_ok=True)
    path.write_text(_TEN_LINES.format(name=name), encoding="utf-8")
    try:
        load_drill(path)
    except ContentError:  # all but the name is ours
        path.unlink()
        todo = "small letters and digits, with - _ . between them"
        raise UsageError(f"{name!r} cannot name a scenario", todo=todo) from None
    return path
