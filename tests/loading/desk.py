"""A small sound workspace to spoil, a catalog made by hand, and one way to say what a loader found wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from psfir.app.catalog import installed_catalog
from psfir.domain.about import CaptureAbout, Field, FieldType, LeverAbout, MessengerAbout, ProbeAbout, Stops
from psfir.domain.connecting import ConnectionKind
from psfir.domain.modes import Mode
from psfir.errors import CatalogError, Problem
from psfir.loading.lint import LintReport, lint_workspace

TODAY = date(2026, 11, 21)
REAL = installed_catalog()

WORDS = """\
schema: psfir.workspace/1
name: Works
people:
  ada: {name: Ada, roles: [on_call]}
  ben: {name: Ben, roles: [owner]}
connections:
  estate: {kind: memory, path: estate.json, vendor: one, network: here}
  direct: {kind: memory, path: estate.json, vendor: two, network: there}
systems:
  bot: {title: Bot, owner: ben}
"""

BOOK = """\
schema: psfir.runbook/1
id: off
title: Off
system: bot
mode: disable
covers: [harmful_output, data_leakage, model_failure]
playbook: harm
steps:
  - id: stop
    ladder:
      - lever: memory.switch
        target: {connection: estate, switch: bot}
        set: {on: false}
        within: 10s
      - lever: memory.switch
        target: {connection: direct, switch: bot}
        set: {on: false}
        within: 10s
verify:
  - probe: memory
    target: {connection: direct, switch: bot}
    expect: {state: {on: false}}
"""

PLAY = """\
---
schema: psfir.playbook/1
id: harm
title: It does harm
covers: [harmful_output, data_leakage, model_failure]
last_reviewed: 2026-01-31
last_tested: null
---

## Checklist

- [ ] stop | ops_lead | due 3m | Switch it off
  say: "I switch it off."
- [ ] tell | comms_lead | due 15m | Tell people

## Details

### stop

First this.

### tell

Then that.
"""


def swapped(text: str, swaps: Mapping[str, str]) -> str:
    """A text with single places changed; a place that is not there is a slip of the test."""
    for old, new in swaps.items():
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


class Works:
    """A workspace on disk that lints without a word until something in it is changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("runbooks", "playbooks", "comms_templates", "drills"):
            (root / folder).mkdir(parents=True)
        self.write("psfir.yaml", WORDS)
        self.write("runbooks/off.yaml", BOOK)
        self.write("playbooks/harm.md", PLAY)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def words(self, swaps: Mapping[str, str]) -> None:
        self.write("psfir.yaml", swapped(WORDS, swaps))

    def book(self, swaps: Mapping[str, str], *, name: str = "off") -> None:
        self.write(f"runbooks/{name}.yaml", swapped(BOOK, swaps))

    def play(self, swaps: Mapping[str, str], *, name: str = "harm") -> None:
        self.write(f"playbooks/{name}.md", swapped(PLAY, swaps))

    def lint(self, *names: str, catalog: Catalog | None = None, today: date = TODAY) -> LintReport:
        paths = [self.root / name for name in names]
        return lint_workspace(self.root, paths=paths, catalog=catalog or REAL, today=today)

    def said(self, *names: str, catalog: Catalog | None = None, today: date = TODAY) -> list[str]:
        return said(self.lint(*names, catalog=catalog, today=today).problems)


def said(problems: Sequence[Problem]) -> list[str]:
    """`file:line:column: [warning: ]sentence [rule]` of each."""
    return [
        f"{p.file}:{p.line}:{p.column}: {'warning: ' if p.warning else ''}{p.sentence} [{p.rule}]" for p in problems
    ]


_SWITCH = (Field("switch", FieldType.TEXT, "which one"),)
_ON = (Field("on", FieldType.FLAG, "whether it runs"),)

LEVER = LeverAbout(
    name="test.lever",
    line="A lever",
    connects=("memory",),
    target=_SWITCH,
    modes=tuple(Mode),
    stops=Stops.BOTH,
    settings=_ON,
    permissions=(),
    blast_radius="it",
    undo="put back",
    exact=True,
    vendor="any",
)


class Catalog:
    """What is installed is what the test says: levers by name, `memory` as the one probe, no capture."""

    def __init__(self, **levers: LeverAbout) -> None:
        named = {name.replace("_", "."): about for name, about in levers.items()}
        self.levers = {"memory.switch": LEVER, **{name: replace(about, name=name) for name, about in named.items()}}
        self.asked = 0

    def lever(self, name: str) -> LeverAbout:
        self.asked += 1
        if name not in self.levers:
            raise CatalogError(f"there is no lever {name!r}")
        return self.levers[name]

    def probe(self, name: str) -> ProbeAbout:
        expect = (Field("state", FieldType.OBJECT, "what it is"),)
        return ProbeAbout(name=name, line="A probe", connects=("memory",), target=_SWITCH, expect=expect)

    def capture(self, name: str) -> CaptureAbout:
        raise CatalogError(f"there is no capture {name!r}")

    def messenger(self, name: str) -> MessengerAbout:
        raise CatalogError(f"there is no messenger {name!r}")

    def connection(self, name: str) -> ConnectionKind:
        raise CatalogError(f"there is no kind of connection {name!r}")

    def names(self, group: str) -> Sequence[str]:
        return sorted(self.levers) if group == "levers" else ()
