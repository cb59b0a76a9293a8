"""One page to print before a drill: for a player what they may know, for whoever leads it all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from psfir.domain import durations
from psfir.pages.blocks import Block, Bullets, Document, Heading, Paragraph, Table, plain, table, words
from psfir.rehearsal.inject import After, At, Inject
from psfir.rehearsal.scenario import Scenario


def player_brief(scenario: Scenario, role: str = "") -> Document:
    """For one role, or for all players. Nothing of what happens stands in it."""
    blocks: list[Block] = [Paragraph(words(f"{scenario.safety.banner}. {scenario.summary}".strip()))]
    blocks += [Paragraph(words(f"{_takes(scenario)} {_rules(scenario)}"))]
    roles = [one for one in scenario.roles.values() if not role or one.id == role]
    blocks += [Heading(2, words("Your role" if role else "Roles"))]
    blocks += [table(("role", "brief"), [(one.id, one.brief or "no brief") for one in roles])]
    blocks += [Heading(2, words("How to join")), _bullets(_joining(role))]
    return Document(scenario.title, "EXERCISE", tuple(blocks))


def facilitator_brief(scenario: Scenario) -> Document:
    """All of it, in the order of its times."""
    note = scenario.backstage
    blocks: list[Block] = [Paragraph(words(f"{note.summary} {note.note}".strip()))]
    blocks += [Paragraph(words(f"{_takes(scenario)} {_rules(scenario)}"))]
    if note.facts:
        blocks += [Heading(2, words("What is true")), _bullets(note.facts)]
    blocks += [Heading(2, words("What happens")), table(("when", "inject", "to", "expected", "hints"), _plot(scenario))]
    if scenario.faults:
        rows = [(durations.clock(one.at), one.fault) for one in scenario.faults]
        blocks += [Heading(2, words("What goes wrong on the range")), table(("when", "fault"), rows)]
    if scenario.hot_wash:
        blocks += [Heading(2, words("Afterwards")), _bullets(scenario.hot_wash)]
    return Document(f"{scenario.title}: for whoever leads it", "NOT FOR PLAYERS", tuple(blocks))


def text(document: Document) -> Iterator[str]:
    """The same for a terminal."""
    yield f"{document.status}: {document.title}"
    for block in document.blocks:
        yield ""
        if isinstance(block, Bullets):
            yield from (f"- {plain(item)}" for item in block.items)
        elif isinstance(block, Table):
            yield from (": ".join(plain(cell) for cell in row if plain(cell)) for row in block.rows)
        elif isinstance(block, (Heading, Paragraph)):
            yield plain(block.runs)


def _bullets(lines: Iterable[str]) -> Bullets:
    return Bullets(tuple(words(line) for line in lines))


def _takes(scenario: Scenario) -> str:
    return f"It takes {durations.show(scenario.duration)}, and shows {scenario.level.shows}."


def _rules(scenario: Scenario) -> str:
    return f"Whoever says {scenario.safety.abort_word} ends it at once: say it when it gets real, or when in doubt."


def _joining(role: str) -> Iterator[str]:
    yield f"psfir drill join --role {role or 'ROLE'} --name YOU shows what reaches you, and takes your answers."
    yield 'The same with --env, in eval "$(...)", makes a shell one of the drill: use psfir there as on any night.'
    yield "Decide aloud, and write it down: decide WHAT. Ask whoever you would ask: consult WHO: WHAT."


def _plot(scenario: Scenario) -> Iterator[tuple[str, ...]]:
    for inject in scenario.injects:
        expected = "; ".join(f"{one.title}{' (critical)' if one.critical else ''}" for one in inject.expect)
        head = f"{inject.id}: {inject.shown.title or inject.shown.body}"
        hints = " / ".join(
            (*inject.guide.hints, *([f"Red flag: {inject.guide.red_flag}"] if inject.guide.red_flag else []))
        )
        yield _when(inject), head, ", ".join(inject.shown.to) or "all", expected, hints


def _when(inject: Inject) -> str:
    trigger = inject.trigger
    if isinstance(trigger, At):
        return f"T+{durations.clock(trigger.seconds)}"
    if isinstance(trigger, After):
        return f"{durations.show(trigger.delay)} after {trigger.expectation} is {trigger.state.value}"
    return "by hand"
