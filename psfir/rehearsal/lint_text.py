"""What players read: that it gives nothing away, and that nobody forgot to finish it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from psfir.rehearsal.drill_rules import Draft

Place = tuple[str | int, ...]

_LEAST = 12
"""So many letters a text of the facilitator has before its standing in a player's text is no accident."""
_NOTES = r"\b(?:TO[D]O|TBD|FIX[M]E|X{3,}|lorem ipsum)\b"  # in brackets, lest this line look like such a note itself
_PLACEHOLDER = re.compile(_NOTES + r"|<[a-z][a-z _-]*>|\{\{|\[\[|\$\{", re.IGNORECASE)


def player_texts(draft: Draft) -> Iterator[tuple[Place, str]]:
    """Whatever a player may come to read, with its place."""
    scenario = draft.scenario
    yield ("title",), scenario.title
    yield ("summary",), scenario.summary
    for name, role in scenario.roles.items():
        yield ("roles", name, "brief"), role.brief
    for n, one in enumerate(scenario.injects):
        yield ("injects", n, "title"), one.shown.title
        yield ("injects", n, "from"), one.shown.sender
        yield ("injects", n, "body"), one.shown.body
        for k, option in enumerate(one.shown.poll.options if one.shown.poll else ()):
            yield ("injects", n, "poll", "options", k), option


def facilitator_texts(draft: Draft) -> Iterator[tuple[Place, str]]:
    """Sentences that no player may read, with their places."""
    scenario = draft.scenario
    yield ("facilitator", "summary"), scenario.backstage.summary
    yield ("facilitator", "note"), scenario.backstage.note
    for name, role in scenario.roles.items():
        yield ("roles", name, "npc"), role.npc
    for n, one in enumerate(scenario.injects):
        place: Place = ("injects", n, "facilitator")
        yield (*place, "note"), one.guide.note
        yield (*place, "red_flag"), one.guide.red_flag
        for k, hint in enumerate(one.guide.hints):
            yield (*place, "hints", k), hint
    for place, expected in draft.expectations():
        if draft.root.at(*place).get("title"):
            yield (*place, "title"), expected.title


def leaks(draft: Draft) -> None:
    """No text of a player names what is expected of them."""
    sentences = {_even(text): text for _, text in facilitator_texts(draft) if len(text) >= _LEAST}
    names = set(_names(draft))
    for place, text in player_texts(draft):
        even = _even(text)
        said = [whole for part, whole in sentences.items() if part in even]
        said += [name for name in names if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", even)]
        said += ["psfir kill"] if "psfir kill" in even else []
        if said:
            shown = draft.problems.shown(min(said))
            draft.add(place, f"players read here what is expected of them: {shown}", "leak")


def _names(draft: Draft) -> Iterator[str]:
    """Runbooks, levers and clocks; a word without a dot or dash may stand in any sentence."""
    for _, one in draft.expectations():
        wanted = one.wanted
        for name in (*wanted.runbooks, *wanted.levers, wanted.clock, wanted.playbook):
            if "-" in name or "." in name:
                yield name


def placeholders(draft: Draft) -> None:
    """Every gap is filled, in what players read and in what the facilitator does."""
    for place, text in (*player_texts(draft), *facilitator_texts(draft)):
        found = _PLACEHOLDER.search(text)
        if found:
            draft.add(place, f"{draft.problems.shown(found[0])} was left to be filled in", "placeholder")


def _even(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")
