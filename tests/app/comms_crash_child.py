"""Sends one message in this process and dies by SIGKILL at the n-th write, before or after it.

    python comms_crash_child.py N before|after COMMAND...

Writes are appends to the record, and whatever is written into the outbox of a list. N of 0 never dies, and prints how
many there were on the last line of standard error.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from psfir.cli.main import main
from psfir.records.outbox import Outbox
from psfir.records.sqlite import SqliteJournal

count = 0


def deadly(real: Callable[..., Any]) -> Callable[..., Any]:
    def write(*args: object, **words: object) -> object:
        global count  # noqa: PLW0603 - one process, one count
        count += 1
        mine = count == int(sys.argv[1])
        if mine and sys.argv[2] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = real(*args, **words)
        if mine:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    return write


SqliteJournal.append = deadly(SqliteJournal.append)  # type: ignore[method-assign]  # the seam between it and its death
for name in ("lay", "again", "begin", "settle"):
    setattr(Outbox, name, deadly(getattr(Outbox, name)))
try:
    main(sys.argv[3:])
finally:
    sys.stderr.write(f"\nwrites {count}\n")
