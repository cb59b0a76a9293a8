"""What TAB offers. Nothing here may fail, print, or write: a broken workspace completes nothing, and that is all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from psfir.domain.system import Workspace

_PATIENCE = 1.0
"""Seconds that somebody who has pressed TAB waits for a record elsewhere."""

Offer = Callable[[click.Context, click.Parameter, str], list[str]]


def _never_fails(names: Callable[[click.Context], Iterable[str]]) -> Offer:
    @wraps(names)
    def offer(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
        try:
            return [name for name in names(ctx) if name.startswith(incomplete)]
        except Exception:  # noqa: BLE001 - the outermost call of completion: a shell must not see an error of ours
            return []

    return offer


@_never_fails
def systems(ctx: click.Context) -> Iterable[str]:
    return _words(_root(ctx)).systems


@_never_fails
def people(ctx: click.Context) -> Iterable[str]:
    return _words(_root(ctx)).team.people


@_never_fails
def incidents(ctx: click.Context) -> Iterable[str]:
    return _incidents(ctx)


def _incidents(ctx: click.Context) -> Iterable[str]:
    """Newest first; a record that is not there yet is not made."""
    from psfir.app.clock import RealClock
    from psfir.app.store import Opening, open_store, record_file
    from psfir.domain.scrub import Scrubber

    root = _root(ctx)
    opening = Opening(root, _words(root), os.environ, RealClock(), Scrubber())
    if opening.address is None and not record_file(root, opening.words).is_file():
        return []
    journal, _ = open_store(opening, wait=_PATIENCE)
    return reversed(dict.fromkeys(entry.incident for entry in journal.read() if entry.incident))


@_never_fails
def seats(_: click.Context) -> Iterable[str]:
    return _seats()


@_never_fails
def seating(ctx: click.Context) -> Iterable[str]:
    """Which of `[INC] SEAT PERSON` comes next."""
    names, said = _seats(), [word.lower().replace("-", "_") for word in _said(ctx)]
    if said and said[-1] in names:
        return _words(_root(ctx)).team.people
    if set(said) & set(names):
        return []
    return names if said else [*names, *_incidents(ctx)]


@_never_fails
def severities(ctx: click.Context) -> Iterable[str]:
    """Which of `[INC] SEV` comes next."""
    from psfir.domain.modes import Severity

    names, said = [one.value for one in Severity], _said(ctx)
    if set(said) & set(names):
        return []
    return names if said else [*names, *_incidents(ctx)]


@_never_fails
def runbooks(ctx: click.Context) -> Iterable[str]:
    return _content(ctx, "runbooks")


@_never_fails
def drills(ctx: click.Context) -> Iterable[str]:
    return _content(ctx, "drills")


@_never_fails
def playbooks(ctx: click.Context) -> Iterable[str]:
    return _content(ctx, "playbooks")


@_never_fails
def templates(ctx: click.Context) -> Iterable[str]:
    from psfir.comms.reading import read_templates

    found, _ = read_templates(_root(ctx))
    return [name for one in found for name in (one.id, one.key)]


@_never_fails
def clocks(ctx: click.Context) -> Iterable[str]:
    return _clocks(ctx)


@_never_fails
def clocks_words(ctx: click.Context) -> Iterable[str]:
    """Which of `[INC] CLOCK` comes next."""
    return _behind_incident(ctx, _clocks(ctx))


@_never_fails
def facts_words(ctx: click.Context) -> Iterable[str]:
    """Which of `[INC] FACT` comes next."""
    from psfir.review.clock import Fact

    return _behind_incident(ctx, [fact.value for fact in Fact])


@_never_fails
def runbooks_words(ctx: click.Context) -> Iterable[str]:
    """Which of `[INC] RUNBOOK` comes next."""
    return _behind_incident(ctx, _content(ctx, "runbooks"))


def _behind_incident(ctx: click.Context, names: Iterable[str]) -> Iterable[str]:
    said = _said(ctx)
    if not said:
        return [*names, *_incidents(ctx)]
    return names if len(said) == 1 and said[0].lower().startswith("inc-") else []


def _clocks(ctx: click.Context) -> Iterable[str]:
    from psfir.review.catalogue import load_clocks

    return sorted(load_clocks(_root(ctx)))


@_never_fails
def steps(ctx: click.Context) -> Iterable[str]:
    """Those of the playbook that was named before."""
    from psfir.loading.playbook import load_playbook

    return [step.id for step in load_playbook(_content(ctx, "playbooks")[ctx.params["name"]]).steps]


@_never_fails
def levers(_: click.Context) -> Iterable[str]:
    from psfir.app.catalog import installed_catalog

    return installed_catalog().names("levers")


@_never_fails
def faults(_: click.Context) -> Iterable[str]:
    from psfir.range.faults.catalogue import FAULTS

    return FAULTS


def _said(ctx: click.Context) -> tuple[str, ...]:
    """The words before the one that is being typed, of a command that takes them all as one argument."""
    return ctx.params.get("words") or ()


def _seats() -> list[str]:
    from psfir.domain.people import Seat

    return [seat.value for seat in Seat]


def _content(ctx: click.Context, kind: str) -> Mapping[str, Path]:
    from psfir.loading.content import content_files

    return content_files(_root(ctx), kind)


def _words(root: Path) -> Workspace:
    from psfir.app.catalog import installed_catalog
    from psfir.loading.workspace import load_workspace

    return load_workspace(root / "psfir.yaml", kinds=installed_catalog())


def _root(ctx: click.Context) -> Path:
    from psfir.loading.content import find_workspace

    before = ctx.find_root().params
    named = ctx.params.get("workspace") or before.get("workspace") or os.environ.get("PSFIR_WORKSPACE")
    found = Path(named) if named else find_workspace(Path.cwd())
    if found is None:
        raise LookupError("no workspace")
    return found
