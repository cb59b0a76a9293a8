"""A prompt as a message: who is meant, how loud, the words to say, the buttons."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain.people import Person
from psfir.slackbot.blocks import Button, Message, Page
from psfir.slackbot.mrkdwn import bold, code, person, safe
from psfir.slackbot.prompts_kinds import Ask, Prompt

DONE, SKIP, HELP, TAKE = "psfir.step_done", "psfir.step_skip", "psfir.step_help", "psfir.take_command"
_LOUD = ("", "REMINDER", "URGENT")


def prompt_message(page: Page, prompt: Prompt, people: Mapping[str, Person]) -> Message:
    """The louder, the bigger it stands; in a word, since not everybody sees a size."""
    first, *rest = [safe(line) for line in prompt.lines]
    if prompt.loud:
        page.head(_LOUD[prompt.loud])
    whom = mentions(prompt.to, people)
    page.lines([f"{whom} {bold(first)}".strip(), *rest])
    if prompt.say:
        page.lines([f"{bold('Say')} {safe(prompt.say)}"])
    if prompt.command:
        page.lines([f"→ {code(prompt.command)}"])
    return page.buttons(_buttons(prompt)).message()


def step_buttons(about: str) -> list[Button]:
    done = Button(DONE, "Done", about, style="primary")
    return [done, Button(SKIP, "Skip with reason", about), Button(HELP, "Need help", about)]


def mentions(ids: tuple[str, ...], people: Mapping[str, Person]) -> str:
    """Each once; whom psfir.yaml gives no member id by name."""
    named = [(one, people.get(one)) for one in dict.fromkeys(ids) if one]
    return " ".join(person(known.slack, known.name) if known else safe(one) for one, known in named)


def _buttons(prompt: Prompt) -> list[Button]:
    if prompt.ask is Ask.STEP:
        return step_buttons(prompt.about)
    return [Button(TAKE, "I take it", prompt.about, style="primary")] if prompt.ask is Ask.TAKE else []
