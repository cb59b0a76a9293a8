"""Where the copies of a message to a list lie, and what is known of them before anybody sends again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from psfir.app.messages import Table
from psfir.app.session import Session
from psfir.app.store import record_folder
from psfir.comms.record import Told
from psfir.domain import canon
from psfir.domain.message import Delivery, Result
from psfir.errors import RecordError, Refusal
from psfir.records.outbox import LATER, PENDING, Outbox

FOLDER = "outbox"


def outbox_path(table: Table, told: Told, channel: str) -> Path:
    """Beside the record, for its owner only: it holds addresses."""
    path = outbox_file(table.session, told.id, channel)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def outbox_file(session: Session, message: str, channel: str) -> Path:
    """The same for whoever only looks."""
    folder = record_folder(session.root, session.workspace) / FOLDER
    return folder / f"{message}.{canon.digest(channel)[7:15]}.sqlite3"


@contextmanager
def opened(table: Table, path: Path) -> Iterator[Outbox]:
    outbox = Outbox(path, boot=table.session.clock.boot_id())
    try:
        yield outbox
    finally:
        outbox.close()


def counts(table: Table, told: Told, channel: str) -> Mapping[str, int]:
    """How many copies are in which state. An outbox that is lost is never laid anew."""
    path = outbox_path(table, told, channel)
    if path.exists():
        with opened(table, path) as outbox:
            return outbox.counts()
    if channel in told.discarded:
        raise Refusal(f"the list of {told.id} was discarded after its time", todo="draft another message")
    if told.over(channel):
        raise Refusal(
            f"{path} is gone, so nobody can tell who has {told.id} already",
            todo="put it back, or draft another message",
        )
    return {}


def unknown_lines(table: Table, told: Told, channel: str) -> tuple[int, ...]:
    """The lines of the list whose copies may have gone out."""
    path = outbox_path(table, told, channel)
    if not path.exists():
        return ()
    with opened(table, path) as outbox:
        return tuple(copy.line for copy in outbox.unknown())


@contextmanager
def earlier(table: Table, told: Told, channel: str) -> Iterator[Callable[[str], str]]:
    """By address, the first copy that it got of this incident's messages to the same audience over this channel.

    A list that is gone or damaged by now has no more to say than that there was none: it keeps no mail from going out.
    """
    before = table.talk.sent_to(told.message.audience) if told.message else ()
    paths = [outbox_file(table.session, one.id, channel) for one in before if one.id != told.id]
    with ExitStack() as stack:
        lists = [one for path in paths if path.exists() and (one := _readable(stack, table, path))]
        yield lambda address: next((found for one in lists if (found := _receipt(one, address))), "")


def _readable(stack: ExitStack, table: Table, path: Path) -> Outbox | None:
    try:
        return stack.enter_context(opened(table, path))
    except RecordError as error:
        table.session.door.warn(f"an earlier list cannot be read, so no mail refers to it: {error}")
        return None


def _receipt(earlier: Outbox, address: str) -> str:
    try:
        return earlier.receipt(address)
    except RecordError:  # to refer to it is a courtesy; what this list came to is told by who asks for it
        return ""


def counted(found: Mapping[str, int]) -> str:
    """In words."""
    return ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in sorted(found.items()))


def summed(found: Mapping[str, int]) -> Delivery:
    """What a list came to as one word: unknown if any copy is, sent only if each one was or was refused."""
    words = counted(found)
    if found.get(Result.UNKNOWN.value):
        return Delivery(Result.UNKNOWN, words)
    if any(found.get(state) for state in (PENDING, LATER, Result.FAILED.value)):
        return Delivery(Result.FAILED, words, again=True)
    return Delivery(Result.SENT if found.get(Result.SENT.value) else Result.REFUSED, words)
