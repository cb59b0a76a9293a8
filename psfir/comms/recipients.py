"""Who gets a message: lists that the workspace names. They are personal data: no sentence repeats any of it."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from psfir.domain.channels import RecipientList
from psfir.domain.values import frozen
from psfir.errors import ContentError, Problem

MOST = 1_000_000
_ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\\x00-\x1f\x7f]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")


@frozen
class Recipients:
    """A list that was read through once: how many there are, and the digest of it."""

    count: int
    digest: str


def rows(listed: RecipientList, root: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Each address with its row of the file, in order; ContentError with the line of every wrong one, at the end."""
    path = root / listed.file
    problems: list[Problem] = []
    seen: set[bytes] = set()
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            pairs = _csv(stream, listed, path.name) if path.suffix == ".csv" else _lines(stream)
            for line, address, row in pairs:
                if not _ADDRESS.fullmatch(address):
                    problems.append(
                        Problem(listed.file, line, 1, "is no address that mail can be sent to", "recipients")
                    )
                    continue
                mark = hashlib.sha256(address.lower().encode()).digest()
                if mark not in seen:
                    seen.add(mark)
                    yield address, row
    except OSError as error:
        raise ContentError([Problem(listed.file, 0, 0, f"cannot be read: {error.strerror}", "recipients")]) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ContentError(
            [Problem(listed.file, 0, 0, f"is no list that can be read: {error}", "recipients")]
        ) from None
    if problems:
        raise ContentError(problems[:100], todo=f"put {len(problems)} lines right: nothing was sent")


def reckon(pairs: Iterable[tuple[str, Mapping[str, str]]]) -> Recipients:
    """The whole list once, before anything is sent."""
    found = hashlib.sha256()
    count = 0
    for address, row in pairs:
        count += 1
        found.update(f"{address}\0{sorted(row.items())}\n".encode())
    return Recipients(count, f"sha256:{found.hexdigest()}")


def _lines(stream: Iterable[str]) -> Iterator[tuple[int, str, Mapping[str, str]]]:
    for number, line in enumerate(stream, 1):
        text = line.strip()
        if text and not text.startswith("#"):
            yield number, text, {}


def _csv(stream: Iterable[str], listed: RecipientList, name: str) -> Iterator[tuple[int, str, Mapping[str, str]]]:
    reader = csv.DictReader(stream, strict=True)
    if listed.column not in (reader.fieldnames or ()):
        known = ", ".join(reader.fieldnames or ()) or "nothing"
        sentence = f"has no column {listed.column!r}; its first line says {known}"
        raise ContentError([Problem(name, 1, 1, sentence, "recipients")])
    for row in reader:
        values = {key: value for key, value in row.items() if isinstance(key, str) and isinstance(value, str)}
        yield reader.line_num, values.get(listed.column, "").strip(), values
