"""What the record holds, shown in Slack: the card, the topic and the timeline's milestones follow each entry.

Whoever wrote the entry, here or at a terminal elsewhere: the journal is followed. Nothing here sends; all of it is
put into `outgoing`, where what stands there already is no work.
"""

from __future__ import annotations

from datetime import timedelta

from psfir.app.overview import Waiting, overview
from psfir.app.session import Session
from psfir.domain import instants
from psfir.domain.chat import Place
from psfir.domain.entries import Entry
from psfir.domain.fold import extend
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.people import Actor
from psfir.domain.timeline import line
from psfir.errors import RecordError
from psfir.slackbot.card import Shown, card, topic
from psfir.slackbot.mrkdwn import bold, safe
from psfir.slackbot.outgoing import HOME
from psfir.slackbot.prompting import Prompter
from psfir.slackbot.talk import House

MILESTONES = frozenset(
    {
        *(Kind.NOTE, Kind.SEATED, Kind.SEVERITY, Kind.HANDED_OVER, Kind.APPROVED, Kind.RUN_STARTED, Kind.RUN_ENDED),
        *(Kind.VERDICT, Kind.NO_EVIDENCE, Kind.LATE, Kind.RESOLVED, Kind.CLOSED, Kind.REOPENED, Kind.FALSE_ALARM),
        *(Kind.MERGED, Kind.SENT, Kind.CLAIMED),
    }
)
TICK = 15.0
"""Seconds between two looks of the clock on a card where nothing happens."""

_LATELY = timedelta(days=1)


class Painter:
    """One thread's. `know` and `take` feed it, `paint` puts what is new of each incident that was touched."""

    def __init__(self, house: House, session: Session) -> None:
        self._house = house
        self._session = session
        self._prompter = Prompter(house, session)
        self._known: dict[str, Incident] = {}
        self._touched: set[str] = set()
        self._painted: dict[str, float] = {}
        self._waiting: tuple[Waiting, ...] = ()
        self.seen = 0

    def know(self) -> None:
        """All that was recorded before: an incident that the app has a room for is told what it missed."""
        self.seen = self._session.journal.heads()[0]
        for incident in self._session.incidents():
            self._known[incident.id] = incident
            lately = self._house.clock.now() - incident.declared_at < _LATELY
            roomed = self._house.out.memory.room(incident.id) is not None
            if roomed and (incident.unfinished or lately):
                for entry in self._session.journal.read(incident.id):
                    self._milestone(entry)
            if incident.unfinished or roomed:
                self._touched.add(incident.id)

    def take(self, entry: Entry) -> None:
        self.seen = max(self.seen, entry.seq)
        known = self._known.get(entry.incident)
        if not entry.incident or (known is not None and entry.seq <= known.head):
            return
        try:
            self._known[entry.incident] = extend(known, entry)
        except RecordError as error:
            self._house.out.warn(f"{entry.incident} cannot be shown: {error}")
            return
        self._touched.add(entry.incident)
        self._milestone(entry)

    def paint(self) -> None:
        """Each touched one, and those whose clock runs."""
        now = self._house.clock.elapsed()
        running = {
            one.id
            for one in self._known.values()
            if one.open and now - self._painted.get(one.id, 0.0) >= TICK and one.id in self._painted
        }
        if not self._touched | running:
            return
        self._waiting = overview(self._session).waiting
        for name in sorted(self._touched | running):
            self._painted[name] = now
            self._put(self._known[name])
        self._touched.clear()

    def _put(self, incident: Incident) -> None:
        out, app = self._house.out, self._house.out.line.app
        if app.incidents is Place.CHANNEL:
            name = f"{'drill-' if out.line.exercise else ''}{app.prefix}-{incident.id.removeprefix('INC-').lower()}"
            out.do(incident.id, f"room:{incident.id}", "open", name=name, private=app.private)
            if members := self._members(incident):
                out.do(incident.id, f"invite:{incident.id}", "invite", members=members)
        now, team = self._house.clock.now(), self._session.workspace.team
        shown = Shown(now, team.people, self._next(incident), exercise=out.line.exercise)
        out.say(incident.id, f"card:{incident.id}", card(incident, shown), root=True)
        out.do(incident.id, f"pin:{incident.id}", "pin", of=f"card:{incident.id}")
        out.do(incident.id, "topic", "topic", topic=topic(incident, now, exercise=out.line.exercise))
        self._announce(incident)
        self._prompter.ask(incident)

    def _announce(self, incident: Incident) -> None:
        """In the home channel, once its own is there."""
        out = self._house.out
        room = out.memory.room(incident.id)
        if room is None or room[0] == out.line.desk.home:
            self._touched_later(incident)
            return
        text = f"{incident.severity.value.upper()} {safe(incident.title)}: {incident.status.value}, in <#{room[0]}>"
        out.say(HOME, f"home:{incident.id}", self._house.page().lines([bold(incident.id), text]).message())

    def _touched_later(self, incident: Incident) -> None:
        if self._house.out.line.app.incidents is Place.CHANNEL and incident.open:
            self._painted[incident.id] = self._house.clock.elapsed() - TICK + 1.0

    def _members(self, incident: Incident) -> str:
        """Whoever declared it and whoever has a seat."""
        people = self._session.workspace.team.people
        named = {Actor.parse(incident.declared_by).id, *incident.seats.values()}
        found = {people[one].slack for one in named if one in people and people[one].slack}
        return ",".join(sorted(found))

    def _next(self, incident: Incident) -> list[tuple[str, str]]:
        return [(one.command, one.what) for one in self._waiting if one.incident == incident.id][:5]

    def _milestone(self, entry: Entry) -> None:
        if entry.kind not in MILESTONES:
            return
        at = f"{instants.read(entry.at):%H:%M} UTC"
        page = self._house.page().lines([f"{at} {bold(safe(entry.actor))} {safe(line(entry))}"])
        self._house.out.say(entry.incident, f"entry:{entry.seq}", page.message())
