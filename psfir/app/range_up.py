"""Bringing the range up: its address claimed, everything started, its door open; and all of it ended again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_urlsafe
from threading import Event
from typing import Any

from psfir.app.catalog import installed_catalog
from psfir.app.clock import RealClock
from psfir.app.demo import SECOND, key_of
from psfir.app.init import WORDS
from psfir.app.range import OWN_WORKSPACE, Warn, folder_of, tell_stale, workspace_of
from psfir.app.range_script import Script
from psfir.app.range_supply import supply_of
from psfir.app.range_workspace import own_workspace, too_many
from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.loading.workspace import load_workspace
from psfir.range.assistant.crew import Heard
from psfir.range.control import Control, Shown
from psfir.range.estate import Range, Wanted
from psfir.range.limits import make_room
from psfir.range.runfile import Claim, Run, forget, write
from psfir.range.traffic import traffic


@frozen
class Options:
    """What was asked for. `named` is a workspace that was named, not only found."""

    systems: int = 1
    seed: int = 1
    named: Path | None = None
    customers: bool = True
    faults: Path | None = None


@frozen
class Ear:
    """Who listens: `warn` is told what is odd, `slack` each message that is posted; `over` is set when it is to end.

    `coming` is told how far it is while it comes up: what, how many of them there are, and how many there will be.
    """

    warn: Warn
    slack: Callable[[str], object]
    over: Event
    coming: Heard


class Last:
    """Hears how far it is, says so on, and remembers it for who asks."""

    def __init__(self, to: Heard) -> None:
        self._to = to
        self._heard: tuple[str, int, int] | None = None

    def __call__(self, what: str, done: int, of: int) -> None:
        self._heard = what, done, of
        self._to(what, done, of)

    def said(self) -> dict[str, Json]:
        if self._heard is None:
            return {}
        what, done, of = self._heard
        return {"what": what, "done": done, "of": of}


@frozen
class Up:
    """A range that is up: all that there is to say of it now, and how long it took."""

    status: Callable[[], Mapping[str, Any]]
    took: float


@contextmanager
def up(options: Options, env: Mapping[str, str], ear: Ear) -> Iterator[Up]:
    """Up for as long as the context is open. Refused while another one is up in the same place."""
    clock = RealClock()
    begun = clock.elapsed()
    make_room(options.systems)
    script = Script(options.faults) if options.faults else None
    workspace = workspace_of(options.named, env)
    folder = folder_of(workspace, env)
    with ExitStack() as stack:
        stack.enter_context(Claim(folder))
        tell_stale(folder, ear.warn)
        home = workspace or own_workspace(folder / OWN_WORKSPACE, options.systems)
        if not workspace and (left := too_many(home, options.systems)):
            ear.warn(f"{home / WORDS} has {', '.join(left)}, which this range does not, and which somebody altered")
        last = Last(ear.coming)
        found = replace(_wanted(options, folder, ear), heard=last, environ=env, installed=(home, Path.cwd()))
        supply = supply_of(home, folder, ear.warn) if workspace else None
        estate = stack.enter_context(Range(replace(found, supply=supply)))
        run = Run("", token_urlsafe(24), os.getpid(), clock.now().timestamp())
        about = _shown(
            estate,
            {
                "started": datetime.fromtimestamp(run.started, UTC).isoformat(),
                "pid": run.pid,
                "workspace": str(home),
                "own_systems": list(load_workspace(home / WORDS, kinds=installed_catalog()).systems)
                if workspace
                else [],
                "second": _second(home),
            },
        )
        shown = replace(about, coming=last.said)
        control = stack.enter_context(Control(shown, estate.faults, token=run.token, over=ear.over))
        if script:
            with script.carried_out() as orders:
                estate.faults.begin(*orders)
        write(folder, replace(run, url=control.url))
        stack.callback(forget, folder)
        yield Up(control.status, clock.elapsed() - begun)


def _second(home: Path) -> dict[str, Json] | None:
    """Who else can say yes there, and with which key, where psfir has made one."""
    key = key_of(home)
    return {"person": SECOND, "key": str(key)} if key.is_file() else None


def _shown(estate: Range, more: Mapping[str, Json]) -> Shown:
    about: dict[str, Json] = {
        **more,
        "seed": estate.seed,
        "systems": [assistant.system for assistant in estate.assistants],
        "parts": {name: part.url for name, part in estate.parts.items()},
    }
    workspace = {"PSFIR_WORKSPACE": str(more["workspace"])}

    def now() -> dict[str, Json]:
        """What is told may be other guesses after a reset."""
        supply = estate.wanted.supply
        told: list[Json] = list(supply.told) if supply else []
        return {**about, "told": told, "guesses": [*supply.guesses] if supply else []}

    return Shown(
        about=now,
        traffic=lambda: traffic(estate),
        environment=lambda: {**estate.environment(), **workspace},
        reset=estate.reset,
    )


def _wanted(options: Options, folder: Path, ear: Ear) -> Wanted:
    wanted = Wanted(folder, systems=options.systems, seed=options.seed, say=ear.slack)
    return wanted if options.customers else replace(wanted, rate=0.0)
