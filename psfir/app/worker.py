"""A worker: looks whenever the record grows and once a second, and carries what nobody carries, any number at a time.

What it knows it has from the record and its leases: any number of workers go beside each other, and one that is killed
leaves nothing that another one does not find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Protocol

from psfir.app.folding import Incidents
from psfir.app.overview import late
from psfir.app.session import Session
from psfir.app.worker_deeds import Job, came_to, jobs
from psfir.domain.incident import Incident
from psfir.domain.plan import Verb
from psfir.domain.run import RunFacts
from psfir.domain.values import frozen
from psfir.domain.verdict import Verdict
from psfir.engine.hands import Hands
from psfir.engine.kit import Control
from psfir.errors import PsfirError, RecordError, Refusal

LOOK = 1.0
"""A lease runs out without a word: so often it is looked for runs whose owner is gone."""

CLOCKS = 60.0
"""So often it is looked for what is late; also how long what was refused is left alone."""


class Opening(Protocol):
    """Opens the workspace; when `killing`, as for a kill, which goes on where the record goes away."""

    def __call__(self, *, killing: bool) -> Session: ...


@frozen
class Voice:
    """What a worker says: of the deeds of an incident, and what somebody should hear."""

    deed: Callable[[str, str, str], None]
    warn: Callable[[str], None]


class Worker:
    """`run` returns once `stop` was called and all is let go of; with `once`, when nothing is left to take up."""

    def __init__(self, opening: Opening, voice: Voice) -> None:
        self._opening = opening
        self._voice = voice
        self._control = Control()
        self._wake = Event()
        self._stop = Event()
        self._lock = Lock()
        self._at_work: dict[str, Thread] = {}
        self._refused: dict[str, float] = {}
        self._warned: set[str] = set()
        self._clocks_at = 0.0
        self._spooled = False
        self.carried: list[RunFacts] = []
        self.failed = 0

    @property
    def proven(self) -> bool:
        """Whether all that was carried is contained, or back."""
        kills = [run for run in self.carried if run.verb is Verb.KILL]
        return not self.failed and all(run.verdict is Verdict.CONTAINED for run in kills)

    def stop(self) -> None:
        """Let go of everything at the next record: others find it at once."""
        self._stop.set()
        self._control.let_go.set()
        self._wake.set()

    def run(self, *, once: bool = False) -> None:
        away = False
        while not self._stop.is_set():
            try:
                session = self._opening(killing=False)
            except RecordError as error:
                if once:
                    raise
                if not away:
                    self._voice.warn(f"the record is away ({error}): waiting for it")
                away = True
                self._wake.wait(LOOK)
                continue
            away = False
            try:
                if self._watch(session, once=once):
                    break
            except RecordError as error:
                self._voice.warn(f"the record is away ({error}): waiting for it")
                if once:
                    raise
            finally:
                session.close()
        self._join()

    def _watch(self, session: Session, *, once: bool) -> bool:
        """Whether there is nothing more to do; False to open the record anew."""
        incidents = Incidents(session.journal, warn=self._voice.warn)
        incidents.further()
        self._spooled = False
        with self._following(session, incidents.head) as lost:
            while not self._stop.is_set():
                self._wake.clear()
                found = [one for one in incidents.further() if one.unfinished or one.running]
                begun = [job for one in found for job in jobs(session, one) if self._begin(session, job)]
                self._late(session, incidents.further())
                if once and not begun and not self._busy():
                    return True
                if lost.is_set() or self._spooled:
                    return False
                session.clock.wait(self._wake, LOOK)
        return True

    @contextmanager
    def _following(self, session: Session, head: int) -> Iterator[Event]:
        """Wakes with each entry; set is what is given here once the record can no longer be followed."""
        stop, lost = Event(), Event()

        def follow() -> None:
            try:
                for _ in session.journal.follow(head, stop=stop):
                    self._wake.set()
            except RecordError:
                lost.set()  # the watch opens the record anew, and says what is wrong with it
                self._wake.set()

        thread = Thread(target=follow, name="psfir follow", daemon=True)
        thread.start()
        try:
            yield lost
        finally:
            stop.set()
            thread.join(LOOK)

    def _begin(self, session: Session, job: Job) -> bool:
        now = session.clock.elapsed()
        with self._lock:
            if job.name in self._at_work or self._refused.get(job.name, now) > now:
                return False
            thread = Thread(target=self._carry, args=(job,), name="psfir job", daemon=True)
            self._at_work[job.name] = thread
            thread.start()
            return True

    def _carry(self, job: Job) -> None:
        """In a thread of its own. What goes wrong is said, and left alone for a while: it stays in the record."""
        session: Session | None = None
        try:
            session = self._opening(killing=True)
            if session.leases is not None:
                self._carried(session, job)
        except PsfirError as error:
            self._voice.warn(f"{job.incident}: {job.what}: {error}" + (f" ({error.todo})" if error.todo else ""))
            with self._lock:
                self.failed += 1
                if session is not None:
                    pause = CLOCKS if isinstance(error, Refusal) else LOOK
                    self._refused[job.name] = session.clock.elapsed() + pause
        finally:
            with self._lock:
                del self._at_work[job.name]
            if session is not None:
                self._spooled = self._spooled or session.spooled
                session.close()
            self._wake.set()

    def _carried(self, session: Session, job: Job) -> None:
        works = job.begin(session, self._control)
        if not works:
            return
        self._voice.deed(job.incident, "taken", job.what)
        answers = Hands(session.clock).all(works)
        runs = [run for answer in answers if (run := answer.get()) is not None]
        with self._lock:
            self.carried += runs
        self._voice.deed(job.incident, "ended", came_to(runs))

    def _late(self, session: Session, found: list[Incident]) -> None:
        """Each thing once, in its own words: those of a day change with the day."""
        now = session.clock.elapsed()
        if self._clocks_at > now:
            return
        self._clocks_at = now + CLOCKS
        for incident in found:
            for one in late(session, incident):
                said = f"{incident.id}: {one.what}; {one.command}"
                if said not in self._warned:
                    self._warned.add(said)
                    self._voice.warn(said)

    def _busy(self) -> bool:
        with self._lock:
            return bool(self._at_work)

    def _join(self) -> None:
        with self._lock:
            threads = list(self._at_work.values())
        for thread in threads:
            thread.join()
