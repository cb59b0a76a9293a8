"""The levers, probes, captures and messengers installed: found in metadata, imported once something names them.

importlib.metadata would cost a kill 20 ms: the few lines that matter are read from the distributions' folders here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from typing import Any, TypeVar, cast

from psfir.contracts import BoundConnection, Capture, Lever, Messenger, Probe
from psfir.domain.about import About, CaptureAbout, LeverAbout, MessengerAbout, ProbeAbout
from psfir.domain.connecting import ConnectionKind
from psfir.domain.near import near
from psfir.domain.values import frozen
from psfir.errors import CatalogError

GROUPS = ("levers", "probes", "captures", "messengers", "connections")
_ABOUT: Mapping[str, type[About | ConnectionKind]] = {
    "levers": LeverAbout,
    "probes": ProbeAbout,
    "captures": CaptureAbout,
    "messengers": MessengerAbout,
    "connections": ConnectionKind,
}
_PREFIX = "psfir."
_A = TypeVar("_A", bound=About)


@frozen
class Part:
    """One entry point: where its class is and which distribution brought it."""

    group: str
    name: str
    where: str
    source: str


class InstalledCatalog:
    """All entry points of psfir's groups on a path. Two of one name, or a broken one, is an error once it is named."""

    def __init__(self, path: Sequence[str]) -> None:
        self._path = tuple(path)
        self._classes: dict[tuple[str, str], type[Any]] = {}

    def lever(self, name: str) -> LeverAbout:
        return self._about("levers", name, LeverAbout)

    def probe(self, name: str) -> ProbeAbout:
        return self._about("probes", name, ProbeAbout)

    def capture(self, name: str) -> CaptureAbout:
        return self._about("captures", name, CaptureAbout)

    def messenger(self, name: str) -> MessengerAbout:
        return self._about("messengers", name, MessengerAbout)

    def connection(self, name: str) -> ConnectionKind:
        """A kind of connections that somebody else brings."""
        return cast("ConnectionKind", self._load("connections", name))

    def names(self, group: str) -> Sequence[str]:
        return sorted(self._parts.get(group, {}))

    def source(self, group: str, name: str) -> str:
        """The distribution it comes from, such as `psfir 0.1.0`."""
        return self._part(group, name).source

    def load_lever(self, name: str) -> Callable[[BoundConnection], Lever]:
        return cast("Callable[[BoundConnection], Lever]", self._load("levers", name))

    def load_probe(self, name: str) -> Callable[[BoundConnection], Probe]:
        return cast("Callable[[BoundConnection], Probe]", self._load("probes", name))

    def load_capture(self, name: str) -> Callable[[BoundConnection], Capture]:
        return cast("Callable[[BoundConnection], Capture]", self._load("captures", name))

    def load_messenger(self, name: str) -> Callable[[BoundConnection], Messenger]:
        return cast("Callable[[BoundConnection], Messenger]", self._load("messengers", name))

    def flaws(self) -> list[CatalogError]:
        """Everything wrong with what is installed: for lint, which imports it all."""
        found = []
        for group in _ABOUT:
            for name in self.names(group):
                try:
                    self._load(group, name)
                except CatalogError as error:
                    found.append(error)
        return found

    @cached_property
    def _parts(self) -> Mapping[str, Mapping[str, tuple[Part, ...]]]:
        return scan(self._path)

    def _part(self, group: str, name: str) -> Part:
        known = self._parts.get(group, {})
        parts = known.get(name, ())
        if not parts:
            raise CatalogError(f"there is no {word_of(group)} {name!r}", todo=near(name, sorted(known)))
        if len(parts) > 1:
            sources = " and ".join(f"{part.source} ({part.where})" for part in parts)
            raise CatalogError(f"two bring the {word_of(group)} {name}: {sources}", todo="uninstall one of them")
        return parts[0]

    def _about(self, group: str, name: str, kind: type[_A]) -> _A:
        about: _A = self._load(group, name).about
        return about

    def _load(self, group: str, name: str) -> type[Any]:
        # Two threads may load the same class at once; both get the same one.
        if (group, name) not in self._classes:
            part = self._part(group, name)
            if group == "connections":
                _check_free(part)
            self._classes[group, name] = _import(part)
        return self._classes[group, name]


def installed_catalog() -> InstalledCatalog:
    """What this interpreter can import. Nothing is looked at before something is asked."""
    return InstalledCatalog(sys.path)


def word_of(group: str) -> str:
    """What one part of a group is called."""
    return "kind of connection" if group == "connections" else group.removesuffix("s")


def _check_free(part: Part) -> None:
    # Not before somebody brings a kind: by itself a catalog needs none of what reads files.
    from psfir.loading.connection_kinds import KINDS  # noqa: PLC0415

    if part.name in KINDS:
        what = f"{part.source} brings the kind of connection {part.name}, which is psfir's own"
        raise CatalogError(what, where=part.where, todo="uninstall it; its own kind has to bear another name")


def _import(part: Part) -> type[Any]:
    module, _, attribute = part.where.partition(":")
    word = f"{word_of(part.group)} {part.name} of {part.source}"
    try:
        found: Any = import_module(module)
    except Exception as error:  # whatever a third party's module does at import is told in a sentence
        raise CatalogError(
            f"{word} cannot be imported: {type(error).__name__}: {error}", where=part.where, todo=_cure(error)
        ) from error
    for step in attribute.split("."):
        if not hasattr(found, step):
            raise CatalogError(f"{word} is not there: {module} has no {attribute}", where=part.where)
        found = getattr(found, step)
    kind = part.group == "connections"
    about, wanted = found if kind else getattr(found, "about", None), _ABOUT[part.group]
    if not isinstance(about, wanted):
        said = attribute if kind else "its `about`"
        raise CatalogError(f"{word} does not say what it is: {said} is no {wanted.__name__}", where=part.where)
    if about.name != part.name:
        raise CatalogError(f"{word} calls itself {about.name!r}: the two names must be one", where=part.where)
    return cast("type[Any]", found)


def _cure(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"install what brings the module {error.name}"
    return "tell its author, or uninstall it"


def scan(path: Sequence[str]) -> Mapping[str, Mapping[str, tuple[Part, ...]]]:
    """All parts by group and name. As in Python itself, the first distribution of a name on the path hides others."""
    seen: set[str] = set()
    found: dict[str, dict[str, tuple[Part, ...]]] = {group: {} for group in GROUPS}
    for folder in dict.fromkeys(path):
        for info in _infos(folder or "."):
            name, version = _identity(info)
            if name in seen:
                continue
            seen.add(name)
            for part in _entry_points(info, f"{name} {version}".strip()):
                group = found[part.group]
                if part not in group.get(part.name, ()):
                    group[part.name] = (*group.get(part.name, ()), part)
    return found


def _infos(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(e.path for e in entries if e.name.endswith((".dist-info", ".egg-info")))
    except OSError:
        return []  # a zip file, or a folder that is not there: Python goes on to the next one as well


def _identity(info: str) -> tuple[str, str]:
    stem = os.path.basename(info).rpartition(".")[0]  # noqa: PTH119 - a Path for each of hundreds costs a millisecond
    name, _, version = stem.partition("-")
    return name.lower().replace("_", "-").replace(".", "-"), version.partition("-py")[0]


def _entry_points(info: str, source: str) -> list[Part]:
    try:
        with open(f"{info}/entry_points.txt", encoding="utf-8") as file:  # noqa: PTH123 - the same
            text = file.read()
    except (OSError, UnicodeDecodeError):
        return []  # most distributions have none, and a broken one of somebody else must not stop a kill
    if _PREFIX not in text:
        return []
    parts, group = [], ""
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("["):
            section = line.strip("[]").strip()
            group = section.removeprefix(_PREFIX) if section.startswith(_PREFIX) else ""
        elif group in GROUPS and "=" in line and not line.startswith(("#", ";")):
            name, _, where = line.partition("=")
            parts.append(Part(group, name.strip(), where.partition("[")[0].strip(), source))
    return parts
