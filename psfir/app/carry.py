"""Carry runs: give the engine its kit, keep their leases, and let a door watch and steer them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from psfir.app.identity import login
from psfir.app.session import LEASE, Session
from psfir.domain.plan import Verb
from psfir.domain.run import RunFacts
from psfir.engine.contain import containing
from psfir.engine.kit import Kit, LetGo, Run
from psfir.engine.work import Work
from psfir.errors import RecordError


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
        runner=binder.runner,
        heard=session.journal.retell,
    )


def new_owner() -> str:
    """A name for this process among those who hold leases."""
    return f"{_place()}:{os.getpid()}:{os.urandom(3).hex()}"


def new_run_id() -> str:
    return f"run-{os.urandom(4).hex()}"


def carrying(session: Session, run: Run, names: Sequence[str]) -> Work[RunFacts]:
    """Carry a run to its end, and give its leases back; one that was let go of can be resumed at once."""
    try:
        if run.plan.verb is Verb.KILL:
            yield from containing(run)
        else:
            from psfir.engine.restore import restoring  # noqa: PLC0415 - no kill needs it

            yield from restoring(run)
    except LetGo:
        pass  # its facts say that it has not ended: that is what the caller shows
    finally:
        session.heart.drop(names)
    return run.facts


def kill_lease(system: str, runbook: str) -> str:
    """Held by whoever contains this system with this runbook: the second one to press joins."""
    return f"kill:{system}:{runbook}"


def run_lease(run: str) -> str:
    """Held by whoever is at work on this run: without it, the run is there to be resumed."""
    return f"run:{run}"


def claim(session: Session, name: str, owner: str) -> bool:
    """Take a lease and keep it; where the record is away nobody can be asked, and the kill goes on."""
    return bool(claim_all(session, [name], owner))


def claim_all(session: Session, names: Sequence[str], owner: str) -> frozenset[str]:
    """The same for many: which of them are ours now."""
    if session.leases is None:
        return frozenset(names)
    try:
        return take_all(session, names, owner)
    except RecordError as error:
        session.door.warn(f"nobody can be asked whether somebody else is at work ({error}): the kill goes on")
        return frozenset(names)


def take(session: Session, name: str, owner: str) -> bool:
    """Take a lease that must not be done without, and keep it. RecordError if nobody can be asked."""
    return bool(take_all(session, [name], owner))


def take_all(session: Session, names: Sequence[str], owner: str) -> frozenset[str]:
    """The same for many: which of them are ours now."""
    if session.leases is None:
        raise RecordError("it is away, so nobody can be asked whether somebody else is at work")
    ours = session.leases.acquire_all(names, owner, ttl=LEASE)
    left = [name for name in names if name not in ours]
    if buried := [name for name in left if _bury(session, name)]:
        ours = {**ours, **session.leases.acquire_all(buried, owner, ttl=LEASE)}
    session.heart.hold(ours, owner)
    return frozenset(ours)


def alive(session: Session, name: str) -> bool:
    """Whether somebody holds this lease now."""
    holder = session.leases.holder(name, ttl=LEASE) if session.leases else None
    return holder is not None and not _dead(holder)


@cache
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


def _bury(session: Session, name: str) -> bool:
    """Whether it was held by a process that is gone."""
    holder = session.leases.holder(name, ttl=LEASE) if session.leases else None
    if session.leases is None or holder is None or not _dead(holder):
        return False
    session.leases.release(name, holder)
    return True
