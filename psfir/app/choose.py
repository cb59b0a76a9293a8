"""Which systems are meant, and which runbook contains each: named, or the only one of its mode. Nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from psfir.app.session import Session
from psfir.domain.modes import Mode
from psfir.domain.near import near
from psfir.domain.runbook import Runbook
from psfir.domain.system import System
from psfir.domain.values import frozen
from psfir.errors import ContentError, UsageError
from psfir.loading.content import content_files
from psfir.loading.runbook import load_runbook

_OWN: Mapping[str, Callable[[System], tuple[str, ...]]] = {
    "vendor": lambda system: system.vendors,
    "audience": lambda system: system.audiences,
    "owner": lambda system: (system.owner,),
    "autonomy": lambda system: (system.autonomy.value,),
}
"""What `--where` finds a system by, beside its labels."""


@frozen
class Aim:
    """What somebody asked to contain: systems by name, by `key=value`, or all; and how."""

    systems: tuple[str, ...] = ()
    where: str = ""
    all: bool = False
    mode: Mode | None = None
    runbook: str = ""


def systems(session: Session, aim: Aim) -> list[System]:
    """The systems meant, in the order of psfir.yaml."""
    known = session.workspace.systems
    if sum(bool(given) for given in (aim.systems, aim.where, aim.all)) != 1:
        only = list(known.values())
        if not (aim.systems or aim.where or aim.all) and len(only) == 1:
            return only
        raise UsageError("name a system, or say --where key=value, or --all", todo=f"systems: {', '.join(known)}")
    if aim.all:
        return list(known.values())
    if aim.where:
        return _where(list(known.values()), aim.where)
    for name in aim.systems:
        if name not in known:
            raise UsageError(f"psfir.yaml has no system {name!r}", todo=near(name, known))
    return [known[name] for name in dict.fromkeys(aim.systems)]


def _where(known: Sequence[System], where: str) -> list[System]:
    key, equals, value = where.partition("=")
    if not equals or not value:
        raise UsageError(f"--where {where!r} is not key=value", todo="for instance --where vendor=acme")
    values = _had(known, key)
    if not values:
        keys = [one for one in sorted({*_OWN, *(k for s in known for k in s.labels)}) if _had(known, one)]
        raise UsageError(f"no system has the key {key!r}", todo=f"there is: {', '.join(keys)}")
    if value not in values:
        raise UsageError(f"no system has {key}={value}", todo=f"there is: {', '.join(values)}")
    return [system for system in known if value in _values(system, key)]


def _had(known: Sequence[System], key: str) -> list[str]:
    """Every value that some system has for this key."""
    return sorted({value for system in known for value in _values(system, key)})


def _values(system: System, key: str) -> tuple[str, ...]:
    own = _OWN[key](system) if key in _OWN else ()
    return own or ((system.labels[key],) if key in system.labels else ())


def runbook(session: Session, system: System, aim: Aim) -> Runbook:
    """The runbook that contains this system as asked. More than one candidate is refused with the list."""
    return Choice(session, aim).of(system)


class Choice:
    """Runbooks for the systems of one aim: the folder is looked through once, and each file is read once."""

    def __init__(self, session: Session, aim: Aim) -> None:
        self._session = session
        self._aim = aim
        self._read: dict[str, Runbook | ContentError] = {}

    @cached_property
    def _files(self) -> Mapping[str, Path]:
        return content_files(self._session.root, "runbooks")

    def of(self, system: System) -> Runbook:
        """The one that contains it as asked."""
        if self._aim.runbook:
            if self._aim.runbook not in self._files:
                raise UsageError(
                    f"there is no runbook {self._aim.runbook!r}", todo=near(self._aim.runbook, self._files)
                )
            book = self._load(self._aim.runbook)
            if book.system != system.id:
                raise UsageError(f"runbook {book.id} is for {book.system}, not for {system.id}")
            return book
        mode = self._aim.mode or _only_mode(system)
        if mode not in system.runbooks:
            return self._only_fitting(system, mode)
        name = system.runbooks[mode]
        if name not in self._files:
            raise UsageError(
                f"psfir.yaml names the runbook {name!r} for {mode.value}, and there is none", todo="psfir lint"
            )
        return self._load(name)

    def _load(self, name: str) -> Runbook:
        if name not in self._read:
            try:
                self._read[name] = load_runbook(self._files[name], self._session.catalog)
            except ContentError as error:
                self._read[name] = error
        found = self._read[name]
        if isinstance(found, ContentError):
            raise found
        return found

    @cached_property
    def _all(self) -> Mapping[str, Sequence[Runbook]]:
        """Every runbook by its system. A file that cannot be read stops nothing, but it is said."""
        found: dict[str, list[Runbook]] = {}
        for name in self._files:
            try:
                book = self._load(name)
            except ContentError as error:
                self._session.door.warn(f"a runbook cannot be read and was left out: {name}: {error}")
                continue
            found.setdefault(book.system, []).append(book)
        return found

    def _only_fitting(self, system: System, mode: Mode) -> Runbook:
        fitting = [book for book in self._all.get(system.id, ()) if book.mode is mode]
        if len(fitting) == 1:
            return fitting[0]
        names = ", ".join(book.id for book in fitting)
        what = f"no runbook can {mode.value} it"
        if fitting:
            what = f"{len(fitting)} runbooks {mode.value} {system.id}: {names}"
        raise UsageError(
            f"{system.id}: {what}", todo="say --runbook ID, or name one under systems.*.runbooks in psfir.yaml"
        )


def _only_mode(system: System) -> Mode:
    """Off is what `kill` means; a system that has no runbook for that must be told how."""
    if Mode.DISABLE in system.runbooks or not system.runbooks:
        return Mode.DISABLE
    if len(system.runbooks) == 1:
        return next(iter(system.runbooks))
    raise UsageError(
        f"{system.id} has no runbook to disable it", todo=f"say --mode {' or '.join(m.value for m in system.runbooks)}"
    )
