"""What can be typed and pressed, and who answers. A new surface puts its rows here; nothing else names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from psfir.domain.near import near
from psfir.domain.values import frozen
from psfir.errors import UsageError
from psfir.slackbot import filing, incident, kill, playbook, prompts_view
from psfir.slackbot.mrkdwn import code
from psfir.slackbot.talk import Talk

Command = Callable[[Talk, Sequence[str]], None]
Press = Callable[[Talk], None]


@frozen
class Row:
    """A word of `/psfir`: how it is said, what it is for, and who answers."""

    usage: str
    line: str
    do: Command


def help_(talk: Talk, _: Sequence[str]) -> None:
    talk.whisper("\n".join(f"{code('/psfir ' + row.usage)}  {row.line}" for row in COMMANDS.values()))


COMMANDS: Mapping[str, Row] = {
    "": Row("", "what is going on, and what waits for you", incident.menu),
    "kill": Row("kill SYSTEM [MODE]", "show what it would do, with a button that does it", kill.kill),
    "declare": Row("declare SYSTEM [SEVERITY] [TITLE]", "open an incident; contains nothing", incident.declare_),
    "status": Row("status [INC]", "where an incident stands", incident.status),
    "playbook": Row("playbook [INC] [PLAYBOOK]", "the checklist, and your next step", playbook.show),
    "note": Row("note [INC] TEXT", "words for the timeline", incident.note),
    "role": Row("role [INC] SEAT [PERSON]", "who sits where", incident.role),
    "approve": Row("approve DIGEST", "your yes to exactly that plan", incident.approve),
    "restore": Row("restore [INC]", "show what would be put back, with a button", kill.restore_),
    "close": Row("close [INC]", "resolve an open incident, close a resolved one", incident.close),
    "help": Row("help", "this list", help_),
}

ACTIONS: Mapping[str, Press] = {
    kill.KILL: kill.pressed_kill,
    kill.EDIT: kill.pressed_edit,
    kill.CANCEL: kill.pressed_cancel,
    kill.RESTORE: kill.pressed_restore,
    kill.APPROVE: incident.pressed_approve,
    incident.STATUS: incident.pressed_status,
    prompts_view.DONE: playbook.pressed_done,
    prompts_view.SKIP: playbook.pressed_skip,
    prompts_view.HELP: playbook.pressed_help,
    prompts_view.TAKE: playbook.pressed_take,
    filing.ADD: filing.add,
    filing.OPEN: filing.open_from,
}

VIEWS: Mapping[str, Press] = {
    kill.EDITED: kill.edited,
    playbook.SKIPPED: playbook.skipped,
    filing.OPENED: filing.opened,
}

EVENTS: Mapping[str, Press] = {filing.REACTED: filing.reacted}
"""By Slack's name of the event. What is not here was acknowledged, and is nobody's."""


def answer(talk: Talk) -> None:
    """Hand it to whoever answers it; UsageError for a word that nobody knows."""
    heard = talk.heard
    if heard.kind == "command":
        words = heard.text.split()
        word = words[0].lower() if words else ""
        if word not in COMMANDS:
            raise UsageError(f"psfir knows no {word!r}", todo=near(word, [name for name in COMMANDS if name]))
        COMMANDS[word].do(talk, words[1:])
        return
    table = {"action": ACTIONS, "view": VIEWS, "event": EVENTS}[heard.kind]
    found = table.get(heard.name)
    if found is not None:
        found(talk)
    elif heard.kind == "action":
        raise UsageError("this button is of another version of psfir", todo="ask again with /psfir")
