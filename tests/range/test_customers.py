"""What repeats with a seed: each customer asks the same questions in the same order. When, the clock says."""

from __future__ import annotations

from threading import Lock
from time import time

import pytest

from psfir.range.assistant.counts import Counts
from psfir.range.assistant.customers import AT_ONCE, TURNS, Customers
from psfir.range.assistant.words import question
from psfir.range.server import Asked, Reply, Server
from psfir.testing.waiting import eventually


class Listening:
    """Notes what it is asked, in order."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, int, str]] = []
        self._lock = Lock()

    def __call__(self, asked: Asked) -> Reply:
        said = asked.json()
        with self._lock:
            self.heard.append((said["conversation"], said["turn"], said["kind"]))
        return Reply(200, {"text": "", "written_by": "model", "model": ""})

    def by(self, seat: int) -> list[tuple[int, int, str]]:
        """One customer's, who has every so many-th conversation."""
        return [one for one in self.heard if one[0] % AT_ONCE == seat]


@pytest.mark.parametrize("seed", [7, 8])
def test_each_customer_asks_the_same_in_the_same_order(seed: int) -> None:
    """Conversation after conversation, turn after turn, as the seed says."""
    listening = Listening()
    with Server(listening) as server:
        customers = Customers(1, [server.url], Counts(time), seed=seed, rate=400.0)
        customers.start()
        eventually(lambda: all(len(listening.by(seat)) > TURNS + 2 for seat in range(AT_ONCE)))
        customers.stop()
    for seat in range(AT_ONCE):
        turns = [(seat + AT_ONCE * number, turn) for number in range(len(listening.heard)) for turn in range(TURNS)]
        expected = [(conversation, turn, question(seed, conversation, turn).kind) for conversation, turn in turns]
        heard = listening.by(seat)
        assert heard == expected[: len(heard)]


def test_another_seed_asks_otherwise() -> None:
    """Not in every question, and soon."""
    first, second = ([question(seed, 0, turn).kind for turn in range(40)] for seed in (7, 8))
    assert first != second
