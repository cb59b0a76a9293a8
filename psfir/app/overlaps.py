"""What went on at once without knowing of each other: a run kept in a spool, and others of the same system meanwhile.

Told from the record alone, as often as somebody asks: whichever command merged the spool.
"""

from __future__ import annotations

from collections.abc import Iterator

from psfir.app.rivals import systems_of
from psfir.app.session import Session
from psfir.domain.entries import Entry
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.plan import Verb
from psfir.domain.run import RunFacts
from psfir.domain.values import frozen


@frozen
class Span:
    """A run from its beginning to its end; `merged` is when it came out of a spool, "" where it was in none."""

    incident: Incident
    run: RunFacts
    begun: str
    ended: str
    merged: str

    @property
    def systems(self) -> frozenset[str]:
        if self.run.verb is Verb.RESTORE:
            return systems_of(self.incident, self.run.plan)
        return frozenset({self.run.plan.runbook.system})

    @property
    def named(self) -> str:
        deed = "killed" if self.run.verb is Verb.KILL else "restored"
        return f"{deed} by {self.run.actor.rpartition(':')[2]} ({self.run.id}, {self.incident.id})"


@frozen
class Overlap:
    """`unseen` was not in the record yet when `other` went on."""

    system: str
    unseen: Span
    other: Span

    @property
    def says(self) -> str:
        """In a sentence, with what to look at."""
        both = f"{self.system} was {self.unseen.named}, unseen by others, and {self.other.named}"
        if self.unseen.run.verb is self.other.run.verb:
            more = self.unseen.incident.id != self.other.incident.id
            into = f": psfir incident merge {self.unseen.incident.id} {self.other.incident.id}" if more else ""
            return both + into
        return f"{both}: look what holds now: psfir verify {self.unseen.incident.id}"


def overlaps(session: Session) -> list[Overlap]:
    """Those of incidents in which somebody still has something to do."""
    spans = list(_spans(session))
    found = []
    for unseen in (span for span in spans if span.merged and span.incident.unfinished):
        for other in spans:
            if other.run.id == unseen.run.id or other.merged == unseen.merged:
                continue
            meanwhile = other.begun < unseen.merged and (not other.ended or other.ended > unseen.begun)
            found += [Overlap(name, unseen, other) for name in sorted(unseen.systems & other.systems) if meanwhile]
    return found


def _spans(session: Session) -> Iterator[Span]:
    begun: dict[str, Entry] = {}
    ended: dict[str, str] = {}
    merged: dict[str, str] = {}
    for entry in session.journal.read():
        data = entry.data or {}
        if entry.kind == Kind.RUN_STARTED:
            begun[data["run"]] = entry
        elif entry.kind == Kind.RUN_ENDED:
            ended.setdefault(data["run"], entry.at)
        elif entry.kind == Kind.ABSORBED:
            # A spool's entries stand right before the one that says so.
            inside = [run for run, first in begun.items() if entry.seq - data["count"] <= first.seq < entry.seq]
            merged.update(dict.fromkeys(inside, entry.at))
    for incident in session.incidents():
        for run in incident.runs.values():
            yield Span(incident, run, begun[run.id].at, ended.get(run.id, ""), merged.get(run.id, ""))
