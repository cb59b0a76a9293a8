"""What people wrote in Slack, put on the timeline: from a message's menu or by an emoji; or an incident opened from it.

What was filed is remembered, so that two people who file one message, or one who does so twice, file it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from psfir.app.incident import Declared, declare
from psfir.app.incident_deeds import note
from psfir.app.session import Session
from psfir.domain.incident import Incident
from psfir.domain.modes import Severity
from psfir.domain.people import Deed
from psfir.errors import PsfirError, UsageError
from psfir.slackbot.forms import entry, filled, form
from psfir.slackbot.mrkdwn import bold, code, cut, safe
from psfir.slackbot.outgoing import EVENT
from psfir.slackbot.talk import Talk, sentence

ADD, OPEN, OPENED = "psfir.add_message", "psfir.open_from_message", "psfir.opened_from_message"
REACTED = "reaction_added"
EMOJI = "pushpin"
SHORTCUTS: Mapping[str, tuple[str, str]] = {
    ADD: ("Add to the timeline", "files this message on the incident's timeline"),
    OPEN: ("Open an incident", "opens an incident from this message"),
}
TITLE, TEXT = 140, 2000
_CHOICES = 100
"""As many as Slack lets one choose from."""


def add(talk: Talk) -> None:
    """From a message's menu: onto the timeline of this channel's incident, else of the only open one."""
    session = talk.session()
    message = (talk.heard.body or {}).get("message") or {}
    _file(talk, session, talk.incident(session), message)


def reacted(talk: Talk) -> None:
    """The emoji, in an incident's channel. Anywhere else it means what people mean by it, and says nothing to psfir."""
    if talk.heard.value != EMOJI:
        return
    message = _read(talk)
    talk = replace(talk, heard=replace(talk.heard, thread=str(message.get("thread_ts") or "")))
    own = (message.get("metadata") or {}).get("event_type") == EVENT
    if message and talk.incident_here and not own:  # what psfir itself posted is on record
        session = talk.session()
        _file(talk, session, session.incident(talk.incident_here), message)


def _read(talk: Talk) -> Mapping[str, Any]:
    """An event names a message and does not hold it."""
    channel, ts = talk.heard.channel, talk.heard.ts
    words = {"channel": channel, "ts": ts, "oldest": ts, "latest": ts, "inclusive": True, "include_all_metadata": True}
    found = talk.house.out.call("conversations.replies", words, writes=False).get("messages") or ()
    return next((one for one in found if one.get("ts") == ts), {})


def _file(talk: Talk, session: Session, incident: Incident, message: Mapping[str, Any]) -> None:
    session.need(Deed.NOTE)  # before it is settled: somebody who may not must not use it up
    text = str(message.get("text") or "")
    if not text.strip():
        raise UsageError("this message has no text to file", todo="/psfir note TEXT")
    memory, name = talk.house.out.memory, f"filed:{incident.id}:{talk.heard.channel}:{talk.heard.ts}"
    memory.ask(name, {}, talk.house.clock.now().timestamp())
    before = memory.settle(name, "filed", talk.heard.user)
    if before is not None and before.state != "open":
        talk.whisper(f"<@{before.who}> has filed this in {incident.id} already.")
        return
    try:
        note(session, incident, f"{_author(session, message)} in Slack: {cut(text, TEXT)}")
    except PsfirError:
        memory.reopen(name)
        raise
    talk.whisper(f"Filed on the timeline of {incident.id}.")


def _author(session: Session, message: Mapping[str, Any]) -> str:
    member = str(message.get("user") or "")
    names = {one.slack: one.id for one in session.workspace.team.people.values() if one.slack}
    return names.get(member) or member or str(message.get("username") or "a program")


def open_from(talk: Talk) -> None:
    """Which system it is about, and how bad: the words are the message's."""
    systems = list(talk.session().workspace.systems)
    chosen = entry("system", "System", _menu(systems[:_CHOICES]))
    severity = entry("severity", "Severity", _menu([one.value for one in Severity]))
    text = {"type": "plain_text_input", "max_length": TITLE}
    if said := cut(" ".join(talk.heard.text.split()), TITLE):
        text["initial_value"] = said
    entries = [chosen, severity, entry("title", "What is wrong", text)]
    about = f"{talk.heard.channel} {talk.heard.thread}"
    talk.form(form(OPENED, title="Open an incident", submit="Declare", about=about, entries=entries))


def opened(talk: Talk) -> None:
    channel, _, thread = talk.heard.value.partition(" ")
    talk = replace(talk, heard=replace(talk.heard, channel=channel, thread=thread))
    system, severity = filled(talk.heard, "system"), filled(talk.heard, "severity")
    try:
        session = talk.session()
        source = "a message in Slack"
        words = Declared(
            filled(talk.heard, "title"), severity=Severity(severity), source=source, trigger_at=session.clock.now()
        )
        incident = declare(session, [system], words=words)
    except PsfirError as error:  # told where the message is: a form itself stands nowhere
        talk.whisper(sentence(error))
        return
    talk.whisper(f"Declared {bold(safe(incident.id))}. To contain it: {code('/psfir kill ' + system)}")


def _menu(names: list[str]) -> dict[str, Any]:
    options = [{"text": {"type": "plain_text", "text": cut(name, 75)}, "value": name} for name in names]
    return {"type": "static_select", "options": options}
