"""Watch a run that another process carries: its entries as they come, until it ends or its process is gone."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from psfir.app.carry import alive, run_lease
from psfir.app.session import LEASE, Session
from psfir.domain.entries import Entry
from psfir.domain.incident import Incident, extend
from psfir.domain.run import RunFacts

POLL = 0.2


def watch(session: Session, incident: str, run: str, tell: Callable[[Entry], None], *, stop: Event) -> RunFacts:
    """The run's facts when it has ended, when `stop` is set, or when nobody has been at work on it for a while."""
    known: Incident | None = None
    head, silent_since = 0, session.clock.elapsed()
    while True:
        for entry in session.journal.read(incident, after=head):
            known, head = extend(known, entry), entry.seq
            if (entry.data or {}).get("run") == run:
                tell(entry)
        assert known is not None  # noqa: S101 - the incident was read before it was joined
        facts = known.runs[run]
        if alive(session, run_lease(run)):
            silent_since = session.clock.elapsed()
        gone = session.clock.elapsed() - silent_since > LEASE
        if facts.ended is not None or gone or session.clock.wait(stop, POLL):
            return facts
