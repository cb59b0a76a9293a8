"""Asks what stands, once: by its key beside the record all processes know what was asked, also after a restart."""

from __future__ import annotations

from psfir.app.analysis import ownerless
from psfir.app.comms_status import Line, owed
from psfir.app.messages import heard
from psfir.app.playbook import checklist, followed
from psfir.app.session import Session
from psfir.domain.incident import Incident
from psfir.slackbot.blocks import Message, told
from psfir.slackbot.mrkdwn import safe
from psfir.slackbot.prompts import settled, standing
from psfir.slackbot.prompts_kinds import Facts
from psfir.slackbot.prompts_view import prompt_message
from psfir.slackbot.talk import House


def gathered(session: Session, incident: Incident) -> Facts:
    """What prompts are found from, read from the record and the workspace."""
    systems, now = session.workspace.systems, session.clock.now()
    book = followed(session, incident)
    return Facts(
        incident,
        now,
        book=book.id if book else "",
        rows=checklist(book, incident, now) if book else (),
        owed=_owed(session, incident),
        owners=tuple(dict.fromkeys(systems[one].owner for one in incident.systems if one in systems)),
        ownerless=ownerless(session, incident),
    )


def _owed(session: Session, incident: Incident) -> tuple[Line, ...]:
    told_of = incident.messages or session.workspace.comms.channels
    return tuple(owed(heard(session, incident))) if incident.open and told_of else ()


class Prompter:
    """The painter's: only who posts asks, and what it puts is the same whoever puts it."""

    def __init__(self, house: House, session: Session) -> None:
        self._house = house
        self._session = session
        self._put: dict[str, Message] = {}

    def ask(self, incident: Incident) -> None:
        facts, people = gathered(self._session, incident), self._session.workspace.team.people
        before = f"prompt:{incident.id}:"
        stands = set()
        for prompt in standing(facts):
            stands.add(before + prompt.key)
            self._say(incident.id, before + prompt.key, prompt_message(self._house.page(), prompt, people))
        for key in self._house.out.memory.spoken(before) - stands:
            if end := settled(facts, key.removeprefix(before)):
                self._say(incident.id, key, told(safe(end)))

    def _say(self, lane: str, key: str, message: Message) -> None:
        if self._put.get(key) != message:
            self._house.out.say(lane, key, message)
            self._put[key] = message
