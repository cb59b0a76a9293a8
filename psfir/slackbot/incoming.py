"""What comes in is acknowledged before it gets here; here it is done, once, in threads that may wait.

Slack delivers at least once. A delivery is marked durably before it is acted on, for all processes on one record: what
a crash cuts off after that is not done by itself, and whoever pressed sees that nothing came of it.
"""

from __future__ import annotations

from queue import SimpleQueue
from threading import Thread

from psfir.errors import PsfirError, RecordError
from psfir.slackbot.registry import answer
from psfir.slackbot.talk import House, Talk, sentence
from psfir.vendors.slack_heard import Heard

THREADS = 8


class Incoming:
    """`hear` never waits. `close` lets what was begun end."""

    def __init__(self, house: House, *, threads: int = THREADS) -> None:
        self._house = house
        self._queue: SimpleQueue[Heard | None] = SimpleQueue()
        self._threads = [Thread(target=self._work, name=f"psfir slack {at}", daemon=True) for at in range(threads)]
        for thread in self._threads:
            thread.start()

    def hear(self, heard: Heard) -> None:
        self._queue.put(heard)

    def close(self) -> None:
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(5)

    def _work(self) -> None:
        while (heard := self._queue.get()) is not None:
            self.take(heard)

    def take(self, heard: Heard) -> None:
        """Do it, if nobody has; whoever asked is told what is wrong, in a sentence."""
        talk = Talk(self._house, heard)
        try:
            if self._first(heard):
                answer(talk)
        except PsfirError as error:
            talk.whisper(sentence(error))
        except Exception as error:  # noqa: BLE001 - a door's outermost call: a bug must not end the thread
            self._house.out.warn(f"{heard.kind} {heard.name}: {type(error).__name__}: {error}")
            talk.whisper("psfir broke over this, and it is in its log. `psfir` at a terminal does the same deeds.")

    def _first(self, heard: Heard) -> bool:
        """Where the disk cannot be written to, a command is taken all the same: a kill must not wait for a disk."""
        try:
            return self._house.out.memory.first(heard.key, self._house.clock.now().timestamp())
        except RecordError as error:
            self._house.out.warn(f"whether this was heard before cannot be told: {error}")
            return True
