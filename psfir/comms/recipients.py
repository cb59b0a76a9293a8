"""Who gets a message: lists that the workspace names. They are personal data: no sentence repeats any of it."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path

from psfir.domain.channels import RecipientList
from psfir.domain.values import frozen
from psfir.errors import ContentError, Problem, Refusal

SHOWN = 100
"""So many wrong lines are told one by one."""

_ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\\x00-\x1f\x7f]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")


@frozen
class Recipient:
    """One address of a list, and its line there: people are told of it by that."""

    line: int
    address: str
    row: Mapping[str, str] = field(default_factory=dict)


@frozen
class Recipients:
    """A list that was read through once: how many there are, and the digest of it."""

    count: int
    digest: str


def is_address(text: str) -> bool:
    """Whether mail can be sent to it: one address, and nothing around it."""
    return _ADDRESS.fullmatch(text) is not None


def read(listed: RecipientList, root: Path) -> Iterator[Recipient]:
    """Each recipient of a file, in order; ContentError with the line of every wrong one, at the end."""
    path = root / listed.file
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from _sound(_csv(stream, listed) if path.suffix == ".csv" else _lines(stream), listed.file)
    except OSError as error:
        raise _unread(listed.file, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _unread(listed.file, "is not written in UTF-8") from None
    except csv.Error as error:
        raise _unread(listed.file, f"is no list that can be read: {error}") from None


def told(listed: RecipientList, said: bytes) -> Iterator[Recipient]:
    """Each recipient that a program said, one a line."""
    where = f"the answer of {listed.command}"
    try:
        text = said.decode("utf-8")
    except UnicodeDecodeError:
        raise _unread(where, "is not written in UTF-8") from None
    yield from _sound(_lines(text.splitlines()), where)


def reckon(recipients: Iterable[Recipient]) -> Recipients:
    """The whole list once, before anything is sent."""
    found, count = hashlib.sha256(), 0
    for one in recipients:
        count += 1
        found.update(_bytes(one))
    return Recipients(count, f"sha256:{found.hexdigest()}")


def held_to(recipients: Iterable[Recipient], reckoned: Recipients) -> Iterator[Recipient]:
    """The same list once more; Refusal, behind the last one, if it is another by now."""
    found = hashlib.sha256()
    for one in recipients:
        found.update(_bytes(one))
        yield one
    if reckoned.digest != f"sha256:{found.hexdigest()}":
        raise Refusal("the list changed while it was read: nothing was sent", todo="send once more")


def _bytes(one: Recipient) -> bytes:
    return f"{one.address}\0{sorted(one.row.items())}\n".encode()


def _sound(found: Iterable[Recipient], where: str) -> Iterator[Recipient]:
    """Each address once, and none that mail cannot be sent to."""
    problems: list[Problem] = []
    seen: set[bytes] = set()
    for one in found:
        if not is_address(one.address):
            problems.append(Problem(where, one.line, 1, "is no address that mail can be sent to", "recipients"))
            continue
        mark = hashlib.sha256(one.address.lower().encode()).digest()
        if mark not in seen:
            seen.add(mark)
            yield one
    if problems:
        lines = "1 line" if len(problems) == 1 else f"{len(problems)} lines"
        raise ContentError(problems[:SHOWN], todo=f"put {lines} right: nothing was sent")
    if not seen:
        raise _unread(where, "names nobody")


def _lines(stream: Iterable[str]) -> Iterator[Recipient]:
    for number, line in enumerate(stream, 1):
        text = line.strip()
        if text and not text.startswith("#"):
            yield Recipient(number, text)


def _csv(stream: Iterable[str], listed: RecipientList) -> Iterator[Recipient]:
    reader = csv.DictReader(stream, strict=True)
    if listed.column not in (reader.fieldnames or ()):
        known = ", ".join(reader.fieldnames or ()) or "nothing"
        sentence = f"has no column {listed.column!r}; its first line says {known}"
        raise ContentError([Problem(listed.file, 1, 1, sentence, "recipients")])
    for row in reader:
        values = {key: value for key, value in row.items() if isinstance(key, str) and isinstance(value, str)}
        yield Recipient(reader.line_num, values.get(listed.column, "").strip(), values)


def _unread(where: str, says: str) -> ContentError:
    return ContentError([Problem(where, 0, 0, says, "recipients")])
