"""All incidents of a record, told further as it grows: of a long record only what is new is read again."""

from __future__ import annotations

from collections.abc import Callable

from psfir.contracts import Journal
from psfir.domain.drill import DRILL
from psfir.domain.fold import extend
from psfir.domain.incident import Incident
from psfir.errors import RecordError


class Incidents:
    """One damaged incident must not take the others with it, least of all during a kill: it is named and left out."""

    def __init__(self, journal: Journal, *, warn: Callable[[str], None]) -> None:
        self._journal = journal
        self._warn = warn
        self._found: dict[str, Incident] = {}
        self._broken: set[str] = set()
        self._read = 0

    def further(self) -> list[Incident]:
        """All of them as they stand now, oldest first."""
        for entry in self._journal.read(after=self._read):
            self._read = entry.seq
            if not entry.incident or entry.incident.startswith(DRILL) or entry.incident in self._broken:
                continue
            try:
                self._found[entry.incident] = extend(self._found.get(entry.incident), entry)
            except RecordError as error:
                self._broken.add(entry.incident)
                self._found.pop(entry.incident, None)
                self._warn(f"{entry.incident} cannot be read: {error}; psfir audit verify names the bad entry")
        return list(self._found.values())

    @property
    def head(self) -> int:
        """The last entry that was read."""
        return self._read
