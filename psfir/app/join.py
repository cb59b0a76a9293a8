"""Watch runs that another process carries: their entries as they come, until they end or that process is gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from psfir.app.carry import alive, run_lease
from psfir.app.session import LEASE, Session
from psfir.domain.entries import Entry
from psfir.domain.run import RunFacts
from psfir.engine.work import Pause, Signal, Work

POLL = 0.2


def watching(
    session: Session, incident: str, runs: Sequence[str], tell: Callable[[Entry], None], *, stop: Signal
) -> Work[list[RunFacts]]:
    """The runs' facts when all have ended, when `stop` is set, or when nobody has been at work on them for a while."""
    known = session.incident(incident)
    told = 0
    silent_since = dict.fromkeys(runs, session.clock.elapsed())
    while True:
        for entry in session.journal.read(incident, after=told):
            told = entry.seq
            if (entry.data or {}).get("run") in silent_since:
                tell(entry)
        known = session.further(known)
        now = session.clock.elapsed()
        left = [run for run in runs if known.runs[run].ended is None]
        silent_since.update((run, now) for run in left if alive(session, run_lease(run)))
        if all(now - silent_since[run] > LEASE for run in left) or (yield Pause(POLL, stop)):
            return [known.runs[run] for run in runs]
