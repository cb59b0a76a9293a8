"""The people of many runs at once: from the trigger to the last yes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from psfir.rehearsal.odds.draws import Chunk, Reals
from psfir.rehearsal.odds.model import People, Spread

Stretch = tuple[str, Reals]


def stretches(people: People, chunk: Chunk) -> Iterator[Stretch]:
    """Each stage with its seconds, in the order in which they follow one another."""
    bad = chunk.happens("bad hour", people.bad_hour)
    away = np.where(bad, np.float32(people.away_chance_bad), np.float32(people.away_chance))
    yield "acknowledge", _answered(people, chunk, away)
    yield "declare", chunk.time("declare", people.declare)
    if people.decide is not None:
        yield "decide", chunk.time("decide", people.decide)
    yield "approve", chunk.time("approve", people.approve)
    if people.yeses:
        yield "further yeses", _agreed(people, chunk, away)


def _answered(people: People, chunk: Chunk, away: Reals) -> Reals:
    """The first of those who are paged at once."""
    answers = [_reached(people.acknowledge, people, chunk, f"paged {one}", away) for one in range(people.paged)]
    return answers[0] if len(answers) == 1 else np.minimum.reduce(answers)


def _agreed(people: People, chunk: Chunk, away: Reals) -> Reals:
    """The last yes that is needed. What has not come within the wait takes somebody who breaks the glass."""
    glass = people.wait + chunk.time("break glass", people.break_glass)
    if people.others < people.yeses:
        return glass
    answers = [_reached(people.second_yes, people, chunk, f"asked {one}", away) for one in range(people.others)]
    last = np.partition(np.stack(answers), people.yeses - 1, axis=0)[people.yeses - 1]
    return np.where(last <= people.wait, last, glass)


def _reached(usual: Spread, people: People, chunk: Chunk, name: str, away: Reals) -> Reals:
    longer = chunk.time(f"{name}, away", people.away)
    return chunk.time(name, usual) + longer * chunk.happens(f"{name}, away", away)
