"""`python -m psfir.cli.leash WORDS` is `psfir WORDS` for as long as somebody holds the other end of its standard input.

A demo that is killed outright cannot end the command that it is playing, and a kill goes on without a terminal and
without whoever has started it: on an estate that is gone with the demo, that would be for minutes.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from psfir.cli.main import main

COMMAND = (sys.executable, "-m", "psfir.cli.leash")


@contextmanager
def held() -> Iterator[int]:
    """The standard input for such a command; the system lets go of the other end with whoever dies in here."""
    theirs, ours = os.pipe()
    try:
        yield theirs
    finally:
        os.close(theirs)
        os.close(ours)


def _end_when_let_go() -> None:
    while os.read(0, 1):
        pass
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # with whatever it has started: nobody is left to hear of it
    os._exit(1)


if __name__ == "__main__":
    Thread(target=_end_when_let_go, daemon=True).start()
    main()
