"""Legal holds: as long as one stands, nothing that it covers is erased or discarded, whatever its time is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.values import frozen


@frozen
class Hold:
    """One that stands. `incident` is empty where it covers everything; why stands in the note before its entry."""

    name: str
    incident: str
    at: str
    by: str
    why: str | None = ""

    @property
    def line(self) -> str:
        """What it covers, since when, by whom and why."""
        covers = self.incident or "everything"
        why = "(erased)" if self.why is None else self.why
        return f"{self.name}: {covers}, placed {self.at[:10]} by {self.by.partition(':')[2] or self.by}: {why}"


def holds(entries: Iterable[Entry]) -> tuple[Hold, ...]:
    """Those that were placed and not released, oldest first, of a whole record."""
    standing: dict[tuple[str, str], Hold] = {}
    before: Entry | None = None
    for entry in entries:
        if entry.kind in {Kind.HOLD_PLACED, Kind.HOLD_RELEASED} and entry.data:
            key = (entry.data["hold"], entry.incident)
            standing.pop(key, None)
            if entry.kind == Kind.HOLD_PLACED:
                standing[key] = Hold(*key, entry.at, entry.actor, _why(entry, before))
        before = entry
    return tuple(standing.values())


def _why(entry: Entry, before: Entry | None) -> str | None:
    if before is None or before.kind != Kind.NOTE or (before.seq, before.actor) != (entry.seq - 1, entry.actor):
        return ""
    return str(before.data["text"]) if before.data is not None else None


def covering(standing: Iterable[Hold], incident: str, merged: Mapping[str, str]) -> tuple[Hold, ...]:
    """Those that cover an incident, or one that it was merged into; of `""`, which is everything, any at all."""
    names: Collection[str] = _chain(incident, merged)
    return tuple(one for one in standing if not incident or not one.incident or one.incident in names)


def _chain(incident: str, merged: Mapping[str, str]) -> list[str]:
    found = [incident]
    while (into := merged.get(found[-1], "")) and into not in found:
        found.append(into)
    return found
