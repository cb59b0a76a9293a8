"""Binds what files name to real parts: a lever, probe, capture or messenger on a connection, its secrets in reach."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import field, replace
from pathlib import Path
from typing import TypeVar

from psfir.app.catalog import InstalledCatalog
from psfir.app.guard import guarded
from psfir.contracts import BoundConnection, Capture, Captured, Lever, Preflight, Probe, Target
from psfir.domain.about import About, CaptureAbout, LeverAbout
from psfir.domain.canon import Json
from psfir.domain.change import Change, NothingToDo, Reading
from psfir.domain.modes import Mode
from psfir.domain.near import near
from psfir.domain.preflight import Finding
from psfir.domain.runbook import CaptureUse, ProbeUse, Rung
from psfir.domain.scrub import Scrubber
from psfir.domain.system import Connection, Workspace
from psfir.domain.values import frozen
from psfir.errors import CatalogError, Denied, PsfirError, Unreachable, UsageError
from psfir.vendors.secrets import resolve
from psfir.vendors.shared import Shelf

T = TypeVar("T")


RUNNER = "PSFIR_RUNNER"
"""The network that this process is inside of."""


@frozen
class Secrets:
    """Where secrets are looked up, and who must know them to keep them out of everything."""

    env: Mapping[str, str] = field(repr=False)
    root: Path
    scrubber: Scrubber


class Bound:
    """A BoundConnection. A secret is looked up each time it is asked for: none is kept, a rotated one is found.

    On the `shelf` is what the parts of this session share.
    """

    def __init__(
        self, connection: Connection, settings: Mapping[str, Json], secrets: Secrets, shelf: Shelf | None = None
    ) -> None:
        self.name = connection.name
        self.kind = connection.kind
        self.settings = settings
        self.refs: Mapping[str, str] = dict(connection.secrets)
        self.shelf = shelf or Shelf()
        self._secrets = secrets

    def __repr__(self) -> str:
        return f"Bound({self.name!r}, {self.kind!r})"

    def secret(self, name: str) -> str | None:
        ref = self.refs.get(name)
        if ref is None:
            return None
        where = f"connection {self.name}, {name}"
        try:
            value = resolve(ref, env=self._secrets.env, root=self._secrets.root)
            self._secrets.scrubber.learn(value, ref)
        except Denied as error:
            raise Denied(error.what, where=where, todo=error.todo) from None
        except ValueError as error:
            raise Denied(str(error), where=where, todo="use another one") from None
        return value


def learn_at_hand(connections: Iterable[Connection], secrets: Secrets) -> None:
    """Learn every secret that can be had by a glance, so that one somebody pastes into a note is kept out as well."""
    for connection in connections:
        for ref in connection.secrets.values():
            if ref.startswith(("env:", "file:")):
                # One that is missing, or too short, is said where it is needed; here there is nothing to keep out.
                with suppress(Denied, ValueError):
                    secrets.scrubber.learn(resolve(ref, env=secrets.env, root=secrets.root), ref)


class View:
    """The half of a lever that planning is handed: it has no way to write."""

    __slots__ = ("_check", "_plan", "_read", "about")

    def __init__(self, lever: Lever) -> None:
        self.about: LeverAbout = lever.about
        self._read = lever.read
        self._plan = lever.plan
        self._check = lever.check if isinstance(lever, Preflight) else None

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        """What it says beforehand of what would be in its way; nothing if it says nothing."""
        return self._check(target, settings, within=within) if self._check else ()

    def read(self, target: Target, *, within: float) -> Reading:
        return self._read(target, within=within)

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        return self._plan(target, reading, mode, settings)


class Clean:
    """A capture whose evidence holds no secret that this process knows."""

    def __init__(self, part: Capture, scrubber: Scrubber) -> None:
        self.about: CaptureAbout = part.about
        self._part = part
        self._scrubber = scrubber

    def take(self, target: Target, *, within: float) -> Captured:
        taken = self._part.take(target, within=within)
        return replace(taken, content=self._scrubber.data(taken.content))


class Binder:
    """One instance for each part and connection, made when first asked for, from whatever thread."""

    def __init__(
        self, workspace: Workspace, root: Path, env: Mapping[str, str], catalog: InstalledCatalog, scrubber: Scrubber
    ) -> None:
        self._connections = workspace.connections
        self._programs = workspace.programs
        self._root = root
        self._secrets = Secrets(env, root, scrubber)
        self._catalog = catalog
        self._parts = Shelf()
        self._shelf = Shelf()
        self.runner = env.get(RUNNER, "")

    def reader(self, rung: Rung) -> View:
        """What planning may have of a rung's lever."""
        return View(self.lever(rung))

    def lever(self, rung: Rung) -> Lever:
        if rung.runner not in {"", self.runner}:
            what = f"it can only be reached from inside {rung.runner}"
            raise Unreachable(what, todo=f"{RUNNER}={rung.runner} says that this process is there")
        catalog, name = self._catalog, rung.lever
        return self._part(
            ("lever", name, rung.connection), lambda: catalog.lever(name), lambda: guarded(catalog.load_lever(name))
        )

    def probe(self, use: ProbeUse) -> Probe:
        catalog, name = self._catalog, use.probe
        return self._part(
            ("probe", name, use.connection), lambda: catalog.probe(name), lambda: catalog.load_probe(name)
        )

    def capture(self, use: CaptureUse) -> Capture:
        catalog, name = self._catalog, use.source
        part = self._part(
            ("capture", name, use.connection), lambda: catalog.capture(name), lambda: catalog.load_capture(name)
        )
        return Clean(part, self._secrets.scrubber)

    def connection(self, name: str) -> Bound:
        """A connection of psfir.yaml with its secrets in reach."""
        connection = self._connections.get(name)
        if connection is None:
            raise UsageError(f"psfir.yaml has no connection {name!r}", todo=near(name, sorted(self._connections)))
        settings = dict(connection.settings)
        for key in connection.files:
            if isinstance(file := settings.get(key), str):
                settings[key] = str(self._root / Path(file).expanduser())
        if connection.kind == "command":
            settings["allowed"] = list(self._programs)
        return Bound(connection, settings, self._secrets, self._shelf)

    def _part(
        self, key: tuple[str, str, str], about: Callable[[], About], load: Callable[[], Callable[[BoundConnection], T]]
    ) -> T:
        return self._parts.get(key, lambda: self._make(key, about(), load()))

    def _make(self, key: tuple[str, str, str], about: About, make: Callable[[BoundConnection], T]) -> T:
        word, name, connection = key
        if not connection:
            raise UsageError(
                f"the {word} {name} is told no connection",
                todo=f"add connection: to its target; {self._fitting(about)}",
            )
        bound = self.connection(connection)
        if bound.kind not in about.connects:
            raise CatalogError(
                f"the {word} {name} cannot use connection {connection}: it is of kind {bound.kind}",
                todo=f"it works on kind {' or '.join(about.connects)}; {self._fitting(about)}",
            )
        try:
            return make(bound)
        except PsfirError:
            raise
        except Exception as error:  # whatever a third party's class does with its settings is told in a sentence
            why = self._secrets.scrubber.text(f"{type(error).__name__}: {error}")
            raise CatalogError(
                f"the {word} {name} cannot be set up on connection {connection}: {why}",
                todo=f"check the settings of {connection} in psfir.yaml",
            ) from error

    def _fitting(self, about: About) -> str:
        names = sorted(c.name for c in self._connections.values() if c.kind in about.connects)
        return f"psfir.yaml has of these: {', '.join(names) or 'none'}"
