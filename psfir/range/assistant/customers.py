"""Synthetic customers, who talk to the assistant all the time, each through one of its edges."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from itertools import count
from threading import Event, Thread
from urllib.parse import urlsplit

from psfir.range.assistant.counts import Counts
from psfir.range.assistant.edge import ASK
from psfir.range.assistant.words import Answer, Question, chance, question

AT_ONCE = 4
TURNS = 8
_PATIENCE = 4.0


class Customers:
    """`rate` questions a second in all, from a few conversations at a time. The same seed asks the same."""

    def __init__(self, number: int, edges: Sequence[str], counts: Counts, *, seed: int, rate: float) -> None:
        self._number = number
        self._edges = edges
        self._counts = counts
        self._seed = seed
        self._pause = AT_ONCE / rate
        self._late = self._pause * chance(seed, "first question", number).random() / AT_ONCE if number > 1 else 0.0
        self._over = Event()
        self._threads = [
            Thread(target=self._talk, args=(seat,), name=f"customer {seat}", daemon=True) for seat in range(AT_ONCE)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()

    def _talk(self, seat: int) -> None:
        """One conversation after the other, over one connection, at this seat's edge."""
        address = urlsplit(self._edges[seat % len(self._edges)]).netloc
        connection = HTTPConnection(address, timeout=_PATIENCE)
        self._over.wait(self._pause * seat / AT_ONCE + self._late)  # not all in the same moment
        for conversation in count(seat, AT_ONCE):
            for turn in range(TURNS):
                self._turn(connection, question(self._seed, conversation, turn))
                if self._over.wait(self._pause):
                    connection.close()
                    return

    def _turn(self, connection: HTTPConnection, asked: Question) -> None:
        try:
            connection.request("POST", ASK, json.dumps(asked.to_json()), {"Content-Type": "application/json"})
            said = json.loads(connection.getresponse().read())
            answer = Answer(str(said["text"]), str(said["written_by"]), str(said["model"]))
        except (OSError, HTTPException, ValueError, KeyError):
            connection.close()
            answer = Answer("", "nobody")
        if not self._over.is_set():  # whoever left counts no more
            self._counts.answer(self._number, asked, answer)
