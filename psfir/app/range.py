"""Finding the range that is up, and what can be asked of it: its state, its faults, that it starts anew or ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Any

from psfir.app.clock import RealClock
from psfir.app.drill_run_home import stay
from psfir.domain.canon import Json
from psfir.domain.durations import seconds
from psfir.domain.values import frozen
from psfir.errors import LeverError, PsfirError, Unreachable, UsageError
from psfir.loading.content import find_workspace
from psfir.range.client import RangeClient
from psfir.range.faults.order import Order
from psfir.range.runfile import NAME, Unreadable, forget, held, holder, read

Warn = Callable[[str], None]

OWN_WORKSPACE = "workspace"
ENDS_WITHIN = 15.0
_GLANCE = 0.05


def workspace_of(named: Path | None, env: Mapping[str, str]) -> Path | None:
    """The workspace that was named, or that is around the current folder; one that a range laid out for itself is none.

    To that one the variables point which `psfir range env` printed: the next range is to be in the same place.
    """
    chosen = named or (Path(env["PSFIR_WORKSPACE"]) if env.get("PSFIR_WORKSPACE") else find_workspace(Path.cwd()))
    if chosen is None or chosen.resolve() == (own_folder(env) / OWN_WORKSPACE).resolve():
        return None
    stay(chosen, env)
    if not (chosen / "psfir.yaml").is_file():
        raise UsageError(f"{chosen} holds no psfir.yaml", todo="psfir init lays one out")
    return chosen.resolve()


def own_folder(env: Mapping[str, str]) -> Path:
    """Where a range is that belongs to no workspace."""
    base = env.get("XDG_STATE_HOME")
    return (Path(base) if base else Path(env.get("HOME") or Path.home()) / ".local" / "state") / "psfir" / "range"


def folder_of(workspace: Path | None, env: Mapping[str, str]) -> Path:
    """Where a range that comes up now keeps its address and its files."""
    return workspace / ".psfir" / "range" if workspace else own_folder(env)


class NoRange(Unreachable):
    """None is up."""


@frozen
class Found:
    """A range that is up, where it keeps its address, and the workspace it belongs to, if to any."""

    folder: Path
    client: RangeClient
    workspace: Path | None = None

    @property
    def called(self) -> str:
        return called(self.workspace)


@frozen
class Ended:
    """A range that was up, and how long its end took."""

    folder: Path
    workspace: Path | None
    took: float

    @property
    def called(self) -> str:
        return called(self.workspace)


def called(workspace: Path | None) -> str:
    """Which one it is, for whoever has just done something to it."""
    return f"the range of {workspace or 'no workspace'}"


def find(named: Path | None, env: Mapping[str, str], warn: Warn) -> Found:
    """The range that is up: of this workspace and no other, or outside of any that of none. NoRange if there is none.

    What is done to a range must not befall another one than whoever types it has in mind.
    """
    workspace = workspace_of(named, env)
    folder = folder_of(workspace, env)
    left = (folder / NAME).exists()  # first: whatever comes up from here on keeps its own
    if not held(folder):
        if left:
            tell_stale(folder, warn)
        raise _none(workspace, own_folder(env))
    run = read(folder)
    if run is None:
        raise Unreachable("a range is just coming up, or going down", where=str(folder), todo="ask in a moment")
    return Found(folder, RangeClient(run), workspace)


def _none(workspace: Path | None, own: Path) -> NoRange:
    if workspace is None:
        return NoRange("no range is up", todo="psfir range up brings one up")
    what = f"no range is up for {workspace}"
    if not held(own):
        return NoRange(what, todo="psfir range up brings one up")
    return NoRange(f"{what}; one of no workspace is", todo=f"that one is meant by -w {own / OWN_WORKSPACE}")


def tell_stale(folder: Path, warn: Warn) -> None:
    """An address that nobody is at any more is taken away, and said to have been there."""
    try:
        run = read(folder)
    except Unreadable as error:
        warn(f"{error.where} {error.what}, and no range is up there: it is taken away")
        forget(folder)
        return
    if run is not None:
        warn(f"an earlier range (process {run.pid}) is gone without having ended: {folder / NAME} is taken away")
        forget(folder)


def order(name: str, settings: Sequence[str], after: str, lasting: str) -> Order:
    """A fault as somebody types it."""
    given: dict[str, Json] = {}
    for pair in settings:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"--set {pair!r} has no value", todo=f"write it as --set {key or 'name'}=value")
        if key in given:
            raise UsageError(f"--set {key} is given twice")
        given[key] = value
    return Order(name, given, _span("--after", after) or 0.0, _span("--for", lasting))


def _span(option: str, text: str) -> float | None:
    if not text:
        return None
    try:
        span = seconds(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
    if option == "--for" and not span:
        raise UsageError("--for 0s is no time at all", todo="leave it out for a fault that stays until it is healed")
    return span


def end(named: Path | None, env: Mapping[str, str], warn: Warn) -> Ended:
    """Ask the range to end, and wait until it has. NoRange if there is none.

    One whose address cannot be read, or that does not know us by it, is told by a signal.
    """
    clock = RealClock()
    begun = clock.elapsed()
    workspace = workspace_of(named, env)
    folder = folder_of(workspace, env)
    try:
        asked = _asked_to_end(find(named, env, warn).client)
    except (Unreadable, _Deaf) as error:
        warn(f"{error}: its process is told to end")
        asked = f"the range of process {_told_to_end(folder, error)}"
    while held(folder):
        if clock.elapsed() - begun > ENDS_WITHIN:
            what = f"was asked to end, and is at it still after {ENDS_WITHIN:.0f} s"
            raise LeverError(what, where=asked, todo=f"kill {holder(folder)}")
        clock.wait(Event(), _GLANCE)
    forget(folder)
    return Ended(folder, workspace, clock.elapsed() - begun)


class _Deaf(LeverError):
    """It answers, and will not do as it is asked."""


def _asked_to_end(client: RangeClient) -> str:
    where = f"the range at {client.run.url}"
    try:
        client.stop()
    except LeverError as error:
        raise _Deaf(error.what, where=where) from None
    return where


def _told_to_end(folder: Path, why: PsfirError) -> int:
    """The process that holds the lock; whatever it is about, it is the range that is in the way."""
    process = holder(folder)
    if process is None:
        raise why
    try:
        os.kill(process, signal.SIGTERM)
    except ProcessLookupError:
        pass  # it has ended by itself, which is what was wanted
    except PermissionError:
        raise LeverError(f"process {process} is not yours to end", where=str(folder), todo="ask whose it is") from None
    return process


def catalogue() -> list[dict[str, Any]]:
    """Every fault there is, whether a range is up or not."""
    from psfir.range.faults.catalogue import FAULTS  # noqa: PLC0415 - all stand-ins come with it

    return [about.to_json() for about in FAULTS.values()]
