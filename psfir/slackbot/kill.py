"""Kill and restore in Slack: the plan as a message, and buttons that are bound to its digest."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from psfir.app.carry import new_run_id
from psfir.app.choose import Aim
from psfir.app.incident import Declared
from psfir.app.kill import Order, Pressed, press, start
from psfir.app.plan import plan
from psfir.app.restore import Restoring, restore, say_yes
from psfir.app.restore import ask as ask_restore
from psfir.app.session import Session
from psfir.domain.modes import Mode
from psfir.domain.people import Deed
from psfir.domain.plan import Plan
from psfir.domain.wording import short
from psfir.engine.kit import Control
from psfir.errors import PsfirError
from psfir.records.chat import Asked
from psfir.slackbot.blocks import Button, Message
from psfir.slackbot.forms import entry, filled, form
from psfir.slackbot.mrkdwn import bold, code, safe
from psfir.slackbot.plan_view import plan_lines
from psfir.slackbot.talk import House, Talk, sentence, wrong

KILL, EDIT, CANCEL, RESTORE, APPROVE = "psfir.kill", "psfir.edit", "psfir.cancel", "psfir.restore", "psfir.approve"
EDITED = "psfir.edited"
OLDEST = 900.0
"""A plan shown longer ago than that is drawn anew before anything is done."""


def kill(talk: Talk, words: Sequence[str]) -> None:
    """`kill SYSTEM [MODE]`: show what it would do; nothing happens before somebody presses."""
    modes = {mode.value for mode in Mode}
    if not words or len(words) > 2 or (len(words) == 2 and words[1] not in modes):  # noqa: PLR2004 - system, mode
        raise wrong("kill SYSTEM [disable|degrade|isolate]")
    about = {"system": words[0], "mode": words[1] if len(words) > 1 else "", "reason": ""}
    show(talk, talk.session(killing=True), about)


def show(talk: Talk, session: Session, about: Mapping[str, Any]) -> None:
    """Draw the plan and put it where it was asked for, with a question of its own."""
    drawn = _drawn(session, about)
    asked, now = os.urandom(8).hex(), talk.house.clock.now().timestamp()
    about = {**about, "digest": drawn.digest, "incident": talk.incident_here, "at": now}
    about |= {"channel": talk.heard.channel, "thread": talk.heard.thread}
    talk.house.out.memory.ask(asked, about, now)
    talk.public(f"ask:{asked}", _question(talk.house, session, drawn, asked))


def _drawn(session: Session, about: Mapping[str, Any]) -> Plan:
    mode = Mode(about["mode"]) if about["mode"] else None
    return plan(session, Aim((about["system"],), mode=mode))[0]


def _question(house: House, session: Session, drawn: Plan, asked: str) -> Message:
    page = house.page().head(f"Kill {safe(drawn.runbook.system)}?").lines(plan_lines(drawn, session.catalog))
    return page.buttons(
        [
            Button(KILL, "Kill", asked, style="danger"),
            Button(EDIT, "Edit", asked),
            Button(CANCEL, "Cancel", asked),
        ]
    ).message()


def pressed_kill(talk: Talk) -> None:
    """One deed for however many presses: whoever settles the question does it, all others are told who has."""
    memory, who = talk.house.out.memory, talk.heard.user
    session = talk.session(killing=True)
    session.need(Deed.KILL)  # before it is settled: somebody who may not must not use up the question
    asked = memory.settle(talk.heard.value, "killed", who)
    if not _open(talk, asked):
        return
    assert asked is not None  # noqa: S101 - it is open
    try:
        drawn = _drawn(session, asked.about)
        old = talk.house.clock.now().timestamp() - float(asked.about["at"]) > OLDEST
        if drawn.digest != asked.about["digest"] or old:
            why = "it was shown too long ago" if old else "the plan has changed since"
            grey(talk, asked, f"not carried out: {why}; the new one is below")
            talk.whisper(f"Nothing was done: {why}. Look at the new plan and press again.")
            show(talk, session, asked.about)
            return
    except PsfirError:
        memory.reopen(asked.id)
        raise
    grey(talk, asked, f"pressed by <@{who}>")
    talk.house.spawn(partial(_go, talk, session, asked, drawn))


def _go(talk: Talk, session: Session, asked: Asked, drawn: Plan) -> None:
    """Press, and carry the run; in a thread of its own, for a runbook may wait for a second person's yes."""
    source = Declared(reason=str(asked.about["reason"]), source="Slack", trigger_at=session.clock.now())
    order = Order(str(asked.about["incident"]), source, waiting=partial(_waits, talk, asked, drawn))
    try:
        (one,) = press(session, [drawn], order)
    except PsfirError as error:
        grey(talk, asked, f"pressed by <@{talk.heard.user}>, and refused: {safe(error.what)}")
        talk.whisper(sentence(error))
        return
    if one.refused:
        talk.whisper(sentence(one.refused))
        return
    _told(talk, one)
    if one.ours:
        _carry(talk, session, one)


def _told(talk: Talk, one: Pressed) -> None:
    if one.joined:
        talk.whisper(f"{safe(one.plan.runbook.system)} is being contained already: joined, nothing is pulled twice.")
        return
    talk.whisper(
        f"Killing {safe(one.plan.runbook.system)} in {safe(one.incident)}; the card there shows how far it is."
    )


def _carry(talk: Talk, session: Session, one: Pressed) -> None:
    run = start(session, one, Control())
    verdict = bold(run.verdict.value.replace("_", " ").upper())
    what = f"{safe(one.plan.runbook.system)}: {verdict}, run {one.run} of {safe(one.incident)} has ended."
    talk.public(f"ended:{one.run}", talk.house.page().lines([what]).message())


def _waits(talk: Talk, asked: Asked, drawn: Plan, what: str) -> None:
    """A runbook that asks for more people than one: they say yes by a button of their own."""
    page = talk.house.page().lines([f"{bold('Kill ' + safe(drawn.runbook.system))} waits: {safe(what)}"])
    page.buttons([Button(APPROVE, "Say yes", short(drawn.digest))])
    talk.public(f"waits:{asked.id}", page.message())


def _open(talk: Talk, asked: Asked | None) -> bool:
    if asked is None:
        talk.whisper("psfir does not know this question any more. Nothing was done; ask again with `/psfir`.")
        return False
    if asked.state == "open":
        return True
    word = {"killed": "was pressed", "cancelled": "was cancelled"}.get(asked.state, f"is {asked.state}")
    talk.whisper(f"This {word} already, by <@{asked.who}>. Nothing more was done by your press.")
    return False


def grey(talk: Talk, asked: Asked, why: str) -> None:
    """The buttons go, and why."""
    system = safe(str(asked.about["system"]))
    lines = [f"Plan {short(str(asked.about['digest']))} to kill {system}: {why}."]
    message = talk.house.page().lines(lines).message()
    more = {"channel": asked.about["channel"], "thread": asked.about["thread"]}
    talk.house.out.say(talk.lane, f"ask:{asked.id}", message, **more)


def pressed_cancel(talk: Talk) -> None:
    talk.session(killing=True).need(Deed.KILL)
    asked = talk.house.out.memory.settle(talk.heard.value, "cancelled", talk.heard.user)
    if _open(talk, asked) and asked is not None:
        grey(talk, asked, f"cancelled by <@{talk.heard.user}>; nothing was done")


def pressed_edit(talk: Talk) -> None:
    """A form for mode and reason; it leads to a new plan, with a digest of its own."""
    options = [{"text": {"type": "plain_text", "text": mode.value}, "value": mode.value} for mode in Mode]
    mode = entry("mode", "How", {"type": "static_select", "options": options})
    reason = {**entry("reason", "Why", {"type": "plain_text_input", "max_length": 500}), "optional": True}
    about = f"{talk.heard.value} {talk.heard.channel} {talk.heard.thread}"
    talk.form(form(EDITED, title="Edit the kill", submit="Show the plan", about=about, entries=[mode, reason]))


def edited(talk: Talk) -> None:
    """The old question is settled; the new plan stands where the old one does."""
    asked_id, channel, thread = [*talk.heard.value.split(" "), "", ""][:3]
    talk = replace(talk, heard=replace(talk.heard, channel=channel, thread=thread))
    session = talk.session(killing=True)
    session.need(Deed.KILL)
    asked = talk.house.out.memory.settle(asked_id, "cancelled", talk.heard.user)
    if not _open(talk, asked) or asked is None:
        return
    mode, reason = filled(talk.heard, "mode"), filled(talk.heard, "reason")
    grey(talk, asked, f"edited by <@{talk.heard.user}>; the new plan is below")
    show(talk, session, {**asked.about, "mode": mode or asked.about["mode"], "reason": reason})


def restore_(talk: Talk, words: Sequence[str]) -> None:
    """`restore [INC]`: what would be put back, with a button; each press is one person's yes."""
    session = talk.session()
    _show_restore(talk, session, ask_restore(session, talk.incident(session, words[0] if words else "")))


def _show_restore(talk: Talk, session: Session, asked: Restoring) -> None:
    digest = short(asked.plan.digest)
    page = talk.house.page().head(f"Put back {safe(asked.incident.id)}?")
    page.lines(plan_lines(asked.plan, session.catalog))
    said = ", ".join(safe(one.actor.id) for one in asked.standing.counted) or "nobody yet"
    page.lines([f"{bold('Said yes')} {said}; it takes {asked.standing.needed} people."])
    page.buttons([Button(RESTORE, "Say yes, restore", f"{asked.incident.id} {digest}", style="primary")])
    talk.public(f"restore:{asked.incident.id}:{digest}", page.message())


def pressed_restore(talk: Talk) -> None:
    """Drawn anew from today's world: a plan of another digest needs yeses of its own."""
    incident, _, digest = talk.heard.value.partition(" ")
    session = talk.session()
    asked = ask_restore(session, session.incident(incident))
    if short(asked.plan.digest) != digest:
        page = talk.house.page().lines([f"Restore {digest} of {safe(incident)}: it has changed since; see below."])
        talk.public(f"restore:{incident}:{digest}", page.message())
        _show_restore(talk, session, asked)
        return
    asked = say_yes(session, asked)
    if not asked.standing.enough:
        _show_restore(talk, session, asked)
        counted = {one.actor.id for one in asked.standing.counted}
        yours = "Your yes is recorded" if session.actor.id in counted else "Your yes does not count here"
        talk.whisper(f"{yours}; {len(counted)} of {asked.standing.needed} people have said it.")
        return
    page = talk.house.page().lines([f"Restore {digest} of {safe(incident)}: pressed by <@{talk.heard.user}>."])
    talk.public(f"restore:{incident}:{digest}", page.message())
    talk.house.spawn(partial(_restore, talk, session, asked))


def _restore(talk: Talk, session: Session, asked: Restoring) -> None:
    try:
        run = restore(session, asked, new_run_id(), Control())
    except PsfirError as error:
        talk.whisper(sentence(error))
        return
    ended = str((run.ended or {}).get("verdict", "not ended")).replace("_", " ")
    what = (
        f"Restore of {safe(asked.incident.id)}: {bold(safe(ended))}. Look: {code('psfir verify ' + asked.incident.id)}"
    )
    talk.public(f"ended:{run.id}", talk.house.page().lines([what]).message())
