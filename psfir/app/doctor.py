"""What a kill would need, looked at beforehand. Not having been able to look is its own word, never good news."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from shutil import disk_usage
from threading import Thread

from psfir.app.drill_run_home import NOWHERE
from psfir.app.reach import GREETED, REACH_SHARE, greet, reach
from psfir.app.session import CONNECTIONS, Door, Session, open_session
from psfir.app.store import record_folder, record_shown
from psfir.domain.people import Deed, Team
from psfir.domain.system import Connection
from psfir.domain.values import frozen
from psfir.errors import PsfirError
from psfir.records.spool import waiting
from psfir.vendors import ssh

LEAST_FREE = 50 * 1024 * 1024


class Word(StrEnum):
    """What a check came to."""

    OK = "ok"
    FAILED = "failed"
    COULD_NOT_TELL = "could_not_tell"


@frozen
class Check:
    """One thing a kill needs; `todo` is the cure."""

    name: str
    word: Word
    says: str
    todo: str = ""


def examine(door: Door, *, workspace: Path | None) -> list[Check]:
    """Every check. Where the workspace cannot be opened, that is the one thing to cure first."""
    try:
        session = open_session(door, workspace=workspace)
    except PsfirError as error:
        return [Check("workspace", Word.FAILED, f"{error.where}: {error.what}".removeprefix(": "), error.todo)]
    return [
        Check("workspace", Word.OK, f"{session.workspace.name} in {session.root}"),
        *_overlay(session),
        *_record(session),
        _identity(session),
        _clock(session),
        *_people(session),
        *_secrets(session),
        *_connections(session),
        _ssh(session.workspace.team),
    ]


def spools(session: Session) -> list[str]:
    """Spools that are not in the record yet."""
    return waiting(_folder(session) / "spool")


def _folder(session: Session) -> Path:
    return record_folder(session.root, session.workspace)


def _overlay(session: Session) -> Iterator[Check]:
    """Elsewhere than psfir.yaml says is right in a rehearsal, and nowhere else."""
    overlay = session.door.env.get(CONNECTIONS)
    if overlay:
        yield Check("overlay", Word.OK, f"connections are re-pointed by {CONNECTIONS}={overlay}")


def _record(session: Session) -> Iterator[Check]:
    store = record_shown(session.root, session.workspace, session.door.env)
    # A lease is a row like any other: the one thing that can be written without saying anything.
    name, owner = "doctor", f"doctor:{session.clock.elapsed()}"
    try:
        if session.leases and session.leases.acquire(name, owner, ttl=1.0):
            session.leases.release(name, owner)
        head, _ = session.journal.heads()
        yield Check("record", Word.OK, f"{store} can be written, {head} entries")
    except PsfirError as error:
        yield Check("record", Word.FAILED, str(error), error.todo)
    free = disk_usage(_folder(session)).free
    room = f"{free // (1024 * 1024)} MB free beside the record"
    yield Check(
        "space", Word.OK if free >= LEAST_FREE else Word.FAILED, room, "" if free >= LEAST_FREE else "make room"
    )
    left = spools(session)
    if left:
        yield Check("spool", Word.FAILED, f"{len(left)} spools are not in the record: {', '.join(left)}", "psfir sync")
    else:
        yield Check("spool", Word.OK, "nothing waits to be merged")


def _identity(session: Session) -> Check:
    who = session.who
    if who.actor.known:
        return Check("identity", Word.OK, f"{who.actor.id} ({who.actor.identity.value}, from {who.origin})")
    named = f"{who.unknown!r} is not in psfir.yaml" if who.unknown else "nobody psfir knows"
    return Check("identity", Word.FAILED, f"{named}; you can only look and kill", "set PSFIR_ME to your id")


def _clock(session: Session) -> Check:
    """The run clock has to move, and to know its boot: else a resumed run cannot be sure how late it is."""
    if session.clock.boot_id() in {"", "unknown"}:
        return Check(
            "clock", Word.COULD_NOT_TELL, "this machine does not name its boot: a resumed run's clock is a guess"
        )
    return Check("clock", Word.OK, f"{session.clock.now():%Y-%m-%d %H:%M:%S} UTC, boot {session.clock.boot_id()[:8]}")


def _people(session: Session) -> Iterator[Check]:
    """Enough people to put back what is killed, by the default rule of two."""
    may = session.workspace.team.who_may(Deed.APPROVE_RESTORE)
    if len(may) >= 2:  # noqa: PLR2004 - the default of ApprovalRule.restore
        yield Check("approvers", Word.OK, f"{len(may)} people may approve a restore")
    else:
        yield Check("approvers", Word.FAILED, f"only {len(may)} may approve a restore", "name two in psfir.yaml")


def _secrets(session: Session) -> Iterator[Check]:
    """Whether each can be had. What they are is never shown, nor is the error's cause, which might hold one."""
    for connection in session.workspace.connections.values():
        bound = session.binder.connection(connection.name)
        for name, reference in connection.secrets.items():
            label = f"secret {connection.name}.{name}"
            try:
                found = bound.secret(name)
            except PsfirError as error:
                yield Check(label, Word.FAILED, error.what, error.todo)
            else:
                word = Word.OK if found else Word.FAILED
                yield Check(label, word, f"{reference} {'is there' if found else 'is empty'}")


def _connections(session: Session) -> list[Check]:
    """All side by side: one that hangs costs its share once, and hides no other."""
    found: dict[str, Check] = {}

    def look(connection: Connection) -> Callable[[], None]:
        def run() -> None:
            if connection.kind in GREETED:
                word, says = greet(session.binder.connection(connection.name), within=REACH_SHARE)
            else:
                word, says = reach(connection, session.root, within=REACH_SHARE)
            found[connection.name] = Check(f"connection {connection.name}", Word(word), says)

        return run

    connections = [one for one in session.workspace.connections.values() if one.network != NOWHERE]
    threads = [Thread(target=look(one), name=f"psfir reach {one.name}", daemon=True) for one in connections]
    for thread in threads:
        thread.start()
    end = session.clock.elapsed() + REACH_SHARE + 0.5
    for thread in threads:
        thread.join(max(0.0, end - session.clock.elapsed()))
    late = f"no answer within {REACH_SHARE:g} s"
    return [found.get(c.name) or Check(f"connection {c.name}", Word.COULD_NOT_TELL, late) for c in connections]


def _ssh(team: Team) -> Check:
    """Missing is a failure only where somebody has a key to sign with."""
    why = ssh.ready()
    if not why:
        return Check("ssh-keygen", Word.OK, "approvals can be signed and checked")
    signers = [person.id for person in team.people.values() if person.ssh_keys]
    if not signers:
        return Check("ssh-keygen", Word.OK, f"{why}; nobody in psfir.yaml has a key to sign with")
    return Check("ssh-keygen", Word.FAILED, f"{why}: no approval can be signed or checked here", "install OpenSSH")
