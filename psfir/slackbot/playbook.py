"""The playbook in Slack: the checklist, one step at a time, and what people press below a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from psfir.app import incident_deeds
from psfir.app.playbook import Row, checklist, followed, load, tick
from psfir.app.session import Session
from psfir.domain.incident import Incident
from psfir.domain.people import Seat
from psfir.domain.playbook import Playbook
from psfir.errors import PsfirError, UsageError
from psfir.slackbot.forms import entry, filled, form
from psfir.slackbot.mrkdwn import bold, safe
from psfir.slackbot.prompting import gathered
from psfir.slackbot.prompts_kinds import above, holder
from psfir.slackbot.prompts_view import mentions, step_buttons
from psfir.slackbot.talk import Talk, sentence, wrong

SKIPPED = "psfir.step_skipped"
_MARKS = {"done": "[x]", "skipped": "[-]"}


def show(talk: Talk, words: Sequence[str]) -> None:
    """`playbook [INC] [PLAYBOOK]`: the checklist; below it the step that is yours, else the next of all."""
    if len(words) > 2:  # noqa: PLR2004 - incident, playbook
        raise wrong("playbook [INC] [PLAYBOOK]")
    named = bool(words) and words[0].upper().startswith("INC-")
    session = talk.session()
    incident = talk.incident(session, words[0] if named else "")
    rest = words[1:] if named else words
    book = load(session, rest[0]) if rest else followed(session, incident)
    if book is None:
        raise UsageError(
            f"no playbook fits {incident.id}", todo="/psfir playbook PLAYBOOK; psfir.yaml's runbooks name one"
        )
    rows = checklist(book, incident, session.clock.now())
    page = talk.house.page().lines([bold(safe(book.title)), *(_row(row) for row in rows)])
    if row := _next(session, incident, rows):
        whose = holder(incident, row.step.seat) or "nobody"
        page.rule().lines([f"{bold(safe(row.step.text))}", f"{_seat(row)}: {safe(whose)}"])
        page.lines([f"{bold('Say')} {safe(row.step.say)}"] if row.step.say else [])
        page.lines([safe(line) for line in row.step.detail.splitlines() if line.strip()])
        page.buttons(step_buttons(f"{incident.id} {book.id} {row.step.id}"))
    talk.whisper(page.message())


def _next(session: Session, incident: Incident, rows: Sequence[Row]) -> Row | None:
    left = [row for row in rows if row.left]
    mine = [row for row in left if holder(incident, row.step.seat) == session.actor.id]
    return next(iter([*mine, *left]), None)


def _row(row: Row) -> str:
    mark = _MARKS[row.tick.state] if row.tick else "[x]" if row.run else "[ ]"
    due = f", due {row.due_at:%H:%M} UTC" if row.due_at and row.left else ""
    late = f" {bold('DUE')}" if row.overdue else ""
    return f"{mark} {safe(row.step.text)} ({_seat(row)}{due}){late}"


def _seat(row: Row) -> str:
    return row.step.seat.value.replace("_", " ")


def pressed_done(talk: Talk) -> None:
    session, incident, book, step = _meant(talk, talk.heard.value)
    _tick(talk, session, incident, book=book, step=step, skip=None)


def pressed_skip(talk: Talk) -> None:
    """Skipping takes a reason, which a form asks for."""
    reason = {"type": "plain_text_input", "max_length": 500}
    about = f"{talk.heard.value} {talk.heard.channel} {talk.heard.thread}"
    asked = [entry("reason", "Why is it not done?", reason)]
    talk.form(form(SKIPPED, title="Skip the step", submit="Skip", about=about, entries=asked))


def skipped(talk: Talk) -> None:
    *about, channel, thread = talk.heard.value.split(" ")
    talk = replace(talk, heard=replace(talk.heard, channel=channel, thread=thread))
    try:
        session, incident, book, step = _meant(talk, " ".join(about))
        _tick(talk, session, incident, book=book, step=step, skip=filled(talk.heard, "reason"))
    except PsfirError as error:  # told where the button is: a form itself stands nowhere
        talk.whisper(sentence(error))


def pressed_help(talk: Talk) -> None:
    """Noted, told to whoever stands in, and the detail of the step to whoever asked."""
    session, incident, book, step = _meant(talk, talk.heard.value)
    row = next((row for row in checklist(book, incident, session.clock.now()) if row.step.id == step), None)
    if row is None:
        raise UsageError(f"playbook {book.id} has no step {step!r} any more", todo="/psfir playbook")
    incident_deeds.note(session, incident, f"help is needed with {book.id}, {step}: {row.step.text}")
    to = tuple(one for one in above(gathered(session, incident), row.step.seat) if one != session.actor.id)
    whom = mentions(to, session.workspace.team.people)
    lines = [f"{whom} <@{talk.heard.user}> {bold('needs help')} with this step: {safe(row.step.text)}".strip()]
    talk.house.out.say(incident.id, f"help:{talk.heard.key}", talk.house.page().lines(lines).message())
    talk.whisper("\n".join([safe(one) for one in row.step.detail.splitlines() if one.strip()] or ["It has no detail."]))


def pressed_take(talk: Talk) -> None:
    """The commander's seat, for whoever pressed; who was first has it."""
    session = talk.session()
    incident = session.incident(talk.heard.value)
    if who := incident.seats.get(Seat.COMMANDER):
        talk.whisper(f"{safe(who)} is incident commander already. Nothing was done by your press.")
        return
    incident_deeds.seat(session, incident, seat=Seat.COMMANDER, person=session.actor.id)
    talk.whisper(f"You are incident commander of {incident.id}.")


def _meant(talk: Talk, about: str) -> tuple[Session, Incident, Playbook, str]:
    incident, book, step = about.split(" ")
    session = talk.session()
    return session, session.incident(incident), load(session, book), step


def _tick(talk: Talk, session: Session, incident: Incident, *, book: Playbook, step: str, skip: str | None) -> None:
    """One tick for however many press at once: whoever settles it records it, the others are told."""
    memory, name = talk.house.out.memory, f"tick:{incident.id}:{book.id}:{step}"
    memory.ask(name, {}, talk.house.clock.now().timestamp())
    before = memory.settle(name, "ticked", talk.heard.user)
    if before is not None and before.state != "open":
        memory.reopen(name)  # if they died in between, the next press does it
        talk.whisper(f"<@{before.who}> has pressed already. Nothing was done by your press.")
        return
    try:
        tick(session, session.incident(incident.id), book, step, skip=skip)  # as it is now that nobody else is at it
    except PsfirError:
        memory.reopen(name)
        raise
    talk.whisper(f"{safe(step)} is {'done' if skip is None else 'skipped'}.")
