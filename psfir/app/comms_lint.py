"""Lint of messages and templates: what this workspace knows goes in, findings come out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from psfir.app.session import Session
from psfir.comms.finding import About, Finding
from psfir.comms.lint import blocks, lint
from psfir.comms.lint_private import machines, private
from psfir.comms.pack import Level, Rule, load_packs
from psfir.comms.samples import WORDS, filled
from psfir.comms.template import Template
from psfir.domain.message import Audience, Message, Phase
from psfir.domain.modes import PlanCase
from psfir.domain.scrub import Scrubber
from psfir.domain.system import Workspace
from psfir.domain.values import remade
from psfir.errors import Refusal


def of_message(session: Session, message: Message, *, exercise: bool = False) -> list[Finding]:
    """What stands in a filled message. Secrets that are in reach are known by their values."""
    comms = session.workspace.comms
    about = About(
        message.audience,
        message.phase,
        message.lang,
        allowed=_allowed(comms.facts.values()),
        people=_staff(session.workspace),
        knows=lambda line: _holds(session.scrubber, line),
        exercise=exercise,
    )
    return lint(message.subject, message.body, about, load_packs(session.root, comms.packs))


def of_document(session: Session) -> Callable[[str], list[Finding]]:
    """What must not stand in a text that leaves the house otherwise than as a message: only what is private."""
    about = About(
        Audience.PUBLIC,
        Phase.FOLLOW_UP,
        "en",
        allowed=_allowed(session.workspace.comms.facts.values()),
        people=_staff(session.workspace),
        knows=lambda line: _holds(session.scrubber, line),
    )
    return lambda text: [*private("", text, about), *machines("", text, about)]


def of_template(workspace: Workspace, template: Template, rules: tuple[Rule, ...]) -> list[Finding]:
    """The template as it would read for each failure it is for, with made-up facts."""
    words = {**WORDS, **workspace.comms.facts}
    about = About(
        template.audience, template.phase, template.lang, allowed=_allowed(words.values()), people=_staff(workspace)
    )
    found: list[Finding] = []
    for case in template.covers or tuple(PlanCase):
        title, body = filled(template, workspace.comms.facts, case).text()
        found += lint(title, body, remade(about), rules)
    return list(dict.fromkeys(found))


def hold(found: list[Finding]) -> None:
    """Refuse a text with errors in it, all of them at once."""
    if blocks(found):
        errors = [one for one in found if one.level is Level.ERROR]
        said = "; ".join(f"{one.text!r} {one.says}" if one.text else f"it {one.says}" for one in errors)
        better = " ".join(dict.fromkeys(f"{one.better} ({one.rule})" for one in errors))
        raise Refusal(f"the text holds what must not go out: {said}", todo=better)


def _allowed(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word.lower() if "@" in word else word for word in words)


def _staff(workspace: Workspace) -> tuple[str, ...]:
    """Whole names: a first name alone may be a word."""
    return tuple(person.name for person in workspace.team.people.values() if " " in person.name)


def _holds(scrubber: Scrubber, line: str) -> bool:
    return scrubber.text(line) != line
