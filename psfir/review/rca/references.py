"""References of an analysis to the record: one that leads nowhere is no proof, and is found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from psfir.domain.canon import canonical
from psfir.domain.entries import Entry

_ENTRY = re.compile(r"\[entry (\d+)\]")
_DIGEST = re.compile(r"sha256:([0-9a-f]{8,64})")


class References:
    """What can be referred to: the entries of the incident, and every digest that one of them tells."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._numbers = {one.seq for one in entries}
        self._told = "\n".join(f"{one.digest} {one.hash} {canonical(one.data or {}).decode()}" for one in entries)

    def astray(self, line: str) -> Iterator[str]:
        """Each reference of the line that leads nowhere, as it was written."""
        for found in _ENTRY.finditer(line):
            if int(found[1]) not in self._numbers:
                yield found[0]
        for found in _DIGEST.finditer(line):
            if found[1] not in self._told:
                yield found[0]
