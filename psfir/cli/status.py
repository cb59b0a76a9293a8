"""`psfir status`: the same as the record says, once or as it grows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

import click

from psfir.cli.complete import incidents
from psfir.cli.desk import Desk, common
from psfir.errors import RecordError

if TYPE_CHECKING:
    from psfir.app.session import Session
    from psfir.domain.entries import Entry
    from psfir.domain.incident import Incident

TICK = 1.0
FRAME = 0.1
EPILOG = """\b
Examples:
  psfir status
  psfir status INC-20261121-k7q2xa --watch

Exit codes: 0 shown, 1 the record cannot be read, 2 no such incident."""


@click.command(epilog=EPILOG)
@click.argument("inc", default="", shell_complete=incidents)
@click.option("--watch", is_flag=True, help="Go on, as entries come, until it is over or you press ^C.")
@common
def status(desk: Desk, *, inc: str, watch: bool) -> int:
    """What is open, what stands, what each run came to, which analysis is due."""
    session = desk.session(reaching=True)
    every = [session.incident(inc)] if inc else session.incidents()
    wanted = every if inc else [one for one in every if _shown(session, one)]
    if watch:
        return _watch(desk, session, [one.id for one in wanted], only=wanted[0].id if inc else None)
    from psfir.app.analysis import awaited
    from psfir.app.drill_schedule import overdue
    from psfir.app.incident_view import to_json

    now = session.clock.now()
    late = _late(session, every)
    shown = [to_json(one, now, awaited(session, one)) for one in wanted]
    drills = [] if inc else [one.name for one in overdue(session)]
    desk.result("status", {"incidents": shown, "remediation_overdue": late, "drills_overdue": drills})
    for line in _picture(session, wanted):
        desk.say(line)
    if late:
        items = "1 remediation item is" if late == 1 else f"{late} remediation items are"
        desk.say(f"{items} overdue: psfir remediation list --overdue")
    if drills:
        desk.say(f"a drill is overdue: {', '.join(drills)}: psfir drill schedule")
    return 0


def _shown(session: Session, incident: Incident) -> bool:
    """Open, not all put back, or without the analysis that is asked for."""
    from psfir.app.analysis import awaited

    if incident.open or incident.standing:
        return True
    analysis = awaited(session, incident)
    return analysis is not None and analysis.outstanding


def _late(session: Session, incidents: list[Incident]) -> int:
    """How many remediation items are overdue, also of incidents that were closed long ago."""
    with_items = [one for one in incidents if one.remediation]
    if not with_items:
        return 0
    from psfir.app.remediation_list import late  # only where there are any

    return sum(len(late(session, one)) for one in with_items)


def _picture(session: Session, wanted: list[Incident]) -> Iterator[str]:
    """The page of each incident without its timeline."""
    from psfir.app.analysis import awaited
    from psfir.app.incident_view import stands
    from psfir.app.overview import running_of
    from psfir.cli.incident_page import head, last_runs
    from psfir.cli.show import hanging

    if not wanted:
        yield "nothing is open, nothing stands, and no analysis is due"
    for number, one in enumerate(wanted):
        if number:
            yield ""
        yield from head(one, session.clock.now(), analysis=awaited(session, one))
        for text in stands(one):
            yield hanging("stands ", text)
        yield from last_runs(one, running_of(session, one))


class _Follower:
    """Follows the record in a thread of its own, so that the clock on the screen never waits for an entry."""

    def __init__(self, session: Session, only: str | None) -> None:
        from queue import SimpleQueue

        self._queue: SimpleQueue[Entry] = SimpleQueue()
        self._stop = Event()
        self._session, self._only = session, only
        self._seen = session.journal.heads()[0]
        self._entries = session.journal.follow(self._seen, stop=self._stop, incident=only)
        self._lost = ""
        self._thread = Thread(target=self._follow, name="psfir follow", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(TICK)

    def next(self) -> Entry | None:
        """The next entry, None if a second went by without one; RecordError once the record is gone."""
        from queue import Empty

        try:
            entry = self._queue.get(timeout=TICK)
            self._seen = entry.seq
            return entry
        except Empty:
            if not self._thread.is_alive():
                raise RecordError(self._lost or "the record can no longer be followed") from None
            return None

    def rest(self) -> Iterator[Entry]:
        """What has come and was not given yet: the end of an incident is in the record before it is in the queue."""
        return self._session.journal.read(self._only, after=self._seen)

    def _follow(self) -> None:
        try:
            for entry in self._entries:
                self._queue.put(entry)
        except RecordError as error:
            self._lost = str(error)


class _Known:
    """Incidents as far as they were read: of a long one only what is new is read again."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._found: dict[str, Incident] = {}

    def of(self, wanted: list[str]) -> list[Incident]:
        for one in wanted:
            known = self._found.get(one)
            self._found[one] = self._session.further(known) if known else self._session.incident(one)
        return [self._found[one] for one in wanted]


def _watch(desk: Desk, session: Session, wanted: list[str], *, only: str | None) -> int:
    screen, known, drawn = desk.live, _Known(session), 0.0

    def take(entry: Entry) -> None:
        if entry.incident and entry.incident not in wanted:
            wanted.append(entry.incident)
        if not screen:
            _tell(desk, entry)

    with suppress(KeyboardInterrupt), _Follower(session, only) as follower:
        desk.event("watching", {"incidents": list(wanted)})
        _show(desk, session, known.of(wanted), screen=screen)
        while not _over(known.of(wanted)):
            entry = follower.next()
            if entry:
                take(entry)
            if screen and (entry is None or session.clock.elapsed() - drawn >= FRAME):
                drawn = session.clock.elapsed()
                _show(desk, session, known.of(wanted), screen=True)
        for entry in follower.rest():
            take(entry)
    return _end(desk, session, wanted)


def _over(wanted: list[Incident]) -> bool:
    return bool(wanted) and not any(one.open for one in wanted)


def _show(desk: Desk, session: Session, wanted: list[Incident], *, screen: bool) -> None:
    if screen:
        click.clear()
    for line in _picture(session, wanted):
        desk.say(line)


def _tell(desk: Desk, entry: Entry) -> None:
    from psfir.app.incident_view import entry_json, timeline

    desk.event("entry", {"incident": entry.incident, **entry_json(entry)})
    desk.say(timeline([entry])[0])


def _end(desk: Desk, session: Session, wanted: list[str]) -> int:
    from psfir.app.analysis import awaited
    from psfir.app.incident_view import to_json

    now = session.clock.now()
    found = [session.incident(one) for one in wanted]
    shown = [to_json(one, now, awaited(session, one)) for one in found]
    desk.event("result", {"schema": "psfir.out.status/1", "incidents": shown})
    return 0
