"""Whether what a scenario names is there: systems, runbooks, levers, clocks, messages, files; and whose data it holds.

A wing does not know the others: what there is, is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import field

from psfir.domain.message import Audience, Phase
from psfir.domain.values import frozen
from psfir.rehearsal.drill_rules import Draft
from psfir.rehearsal.lint_text import Place, player_texts

_RULE = "reference"


@frozen
class Known:
    """What there is by name. `file` gives the text of an attachment, None where there is none.

    `private` gives a sentence for whatever in a text looks like somebody's data, or a secret.
    """

    systems: Collection[str] = ()
    runbooks: Collection[str] = ()
    playbooks: Collection[str] = ()
    levers: Collection[str] = ()
    clocks: Collection[str] = ()
    messages: Collection[tuple[Audience, Phase]] = ()
    file: Callable[[str, str], str | None] = field(default=lambda _drill, _name: "")
    private: Callable[[str], Iterable[str]] = field(default=lambda _text: ())


def names(draft: Draft, known: Known) -> None:
    """Everything that is called by its name exists."""
    for number, system in enumerate(draft.scenario.systems):
        _look(draft, ("systems", number), "system", system, known.systems)
    for place, what, name, there in _named(draft, known):
        _look(draft, place, what, name, there)


def _named(draft: Draft, known: Known) -> Iterator[tuple[Place, str, str, Collection[str]]]:
    for place, one in draft.expectations():
        for number, name in enumerate(one.wanted.runbooks):
            yield (*place, "runbooks", number), "runbook", name, known.runbooks
        for number, name in enumerate(one.wanted.levers):
            yield (*place, "levers", number), "lever", name, known.levers
        yield (*place, "clock"), "legal clock", one.wanted.clock, known.clocks
        yield (*place, "playbook"), "playbook", one.wanted.playbook, known.playbooks


def _look(draft: Draft, place: Place, what: str, name: str, there: Collection[str]) -> None:
    if name and name not in there:
        problems = draft.problems
        draft.add(place, f"there is no {what} {problems.shown(name)} here; {problems.near(name, there)}", _RULE)


def messages(draft: Draft, known: Known) -> None:
    """There is a template for each message that has to go out."""
    for place, one in draft.expectations():
        audience, phase = one.wanted.audience, one.wanted.phase
        if audience and phase and (audience, phase) not in known.messages:
            says = f"there is no template for {audience.value}, {phase.value}: nobody could send it in time"
            draft.add((*place, "audience"), says, _RULE)


def attachments(draft: Draft, known: Known) -> None:
    """Each is there, and holds nobody's data."""
    for n, inject in enumerate(draft.scenario.injects):
        for number, name in enumerate(inject.shown.attachments):
            place = ("injects", n, "attachments", number)
            text = known.file(draft.problems.file, name)
            if text is None:
                draft.add(place, f"there is no file {draft.problems.shown(name)} beside the scenario", _RULE)
            for says in known.private(text or ""):
                draft.add(place, f"{name}: {says}", "personal-data")


def private(draft: Draft, known: Known) -> None:
    """No text holds somebody's data, or a secret: scenarios are invented from end to end."""
    for place, text in player_texts(draft):
        for says in known.private(text):
            draft.add(place, says, "personal-data")


RULES: tuple[Callable[[Draft, Known], None], ...] = (names, messages, attachments, private)
