"""Carry a run: give the engine its kit, keep its leases alive, and let a door watch and steer it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, Thread

from psfir.app.identity import login
from psfir.app.session import LEASE, Session
from psfir.contracts import Leases
from psfir.domain.plan import Verb
from psfir.domain.run import RunFacts
from psfir.engine.contain import contain
from psfir.engine.kit import Kit, LetGo, Run
from psfir.errors import RecordError

BEAT = 1.0


def kit_of(session: Session) -> Kit:
    """The real parts of this session."""
    binder = session.binder
    return Kit(
        levers=binder.lever,
        probes=binder.probe,
        captures=binder.capture,
        journal=session.journal,
        evidence=session.evidence,
        clock=session.clock,
        actor=str(session.actor),
        channel=session.door.channel,
    )


def new_owner() -> str:
    """A name for this process among those who hold leases."""
    return f"{_place()}:{os.getpid()}:{os.urandom(3).hex()}"


def new_run_id() -> str:
    return f"run-{os.urandom(4).hex()}"


def carry(session: Session, run: Run, names: Sequence[str], owner: str) -> RunFacts:
    """Carry a run to its end under its leases; a run that was let go of keeps no lease and can be resumed at once."""
    with Heartbeat(session.leases, names, owner, warn=session.door.warn):
        try:
            if run.plan.verb is Verb.KILL:
                contain(run)
            else:
                from psfir.engine.restore import restore  # noqa: PLC0415 - no kill needs it

                restore(run)
        except LetGo:
            pass  # its facts say that it has not ended: that is what the caller shows
    return run.facts


def kill_lease(system: str, runbook: str) -> str:
    """Held by whoever contains this system with this runbook: the second one to press joins."""
    return f"kill:{system}:{runbook}"


def run_lease(run: str) -> str:
    """Held by whoever is at work on this run: without it, the run is there to be resumed."""
    return f"run:{run}"


class Heartbeat:
    """Keeps leases alive from a thread of its own while the block runs, and gives them back after it."""

    def __init__(self, leases: Leases | None, names: Sequence[str], owner: str, *, warn: Callable[[str], None]) -> None:
        self._leases = leases
        self._names = names
        self._owner = owner
        self._warn = warn
        self._stop = Event()
        self._thread = Thread(target=self._beat, name="psfir heartbeat", daemon=True)

    def __enter__(self) -> None:
        if self._leases:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._leases is None:
            return
        self._thread.join()
        for name in self._names:
            self._try(name, self._leases.release)

    def _beat(self) -> None:
        lost: set[str] = set()
        while not self._stop.wait(BEAT):
            for name in self._names:
                if self._leases and not self._try(name, self._leases.renew) and name not in lost:
                    lost.add(name)
                    self._warn(f"another process may take over {name}: its lease could not be renewed")

    def _try(self, name: str, deed: Callable[[str, str], object]) -> bool:
        """The record may be away: then there is nobody to tell, and the kill goes on."""
        try:
            return deed(name, self._owner) is not False
        except RecordError:
            return False


def claim(session: Session, name: str, owner: str) -> bool:
    """Take a lease; where the record is away nobody can be asked, and the kill goes on."""
    if session.leases is None:
        return True
    try:
        _bury(session, name)
        return session.leases.acquire(name, owner, ttl=LEASE)
    except RecordError as error:
        session.door.warn(f"nobody can be asked whether somebody else is at work ({error}): the kill goes on")
        return True


def alive(session: Session, name: str) -> bool:
    """Whether somebody holds this lease now."""
    holder = session.leases.holder(name, ttl=LEASE) if session.leases else None
    return holder is not None and not _dead(holder)


def _place() -> str:
    """Where a process id means something: this host, and on Linux this namespace of process ids."""
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        namespace = ""
    return f"{login()}{namespace.removeprefix('pid:')}"


def _dead(owner: str) -> bool:
    """Whether that process can be seen to be gone: then nobody needs to wait for its lease to run out."""
    place, pid, _ = owner.rsplit(":", 2)
    if place != _place():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _bury(session: Session, name: str) -> None:
    holder = session.leases.holder(name, ttl=LEASE) if session.leases else None
    if session.leases and holder and _dead(holder):
        session.leases.release(name, holder)
