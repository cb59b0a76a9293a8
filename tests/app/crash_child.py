"""Runs one psfir command in this process and dies by SIGKILL at the n-th append to the record, before or after it.

    python crash_child.py N before|after COMMAND...

N of 0 never dies, and prints how many appends there were on the last line of standard error.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from threading import Lock

from psfir.cli.main import main
from psfir.contracts import Hold
from psfir.domain.entries import Draft, Entry
from psfir.records.grouped import Grouped

real = Grouped.append
lock = Lock()
count = 0


def _append(self: Grouped, drafts: Sequence[Draft], *, under: Sequence[Hold] = ()) -> list[Entry]:
    global count  # noqa: PLW0603 - one process, one count
    with lock:
        count += 1
        mine = count
    deadly = mine == int(sys.argv[1])
    if deadly and sys.argv[2] == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    entries = real(self, drafts, under=under)
    if deadly:
        os.kill(os.getpid(), signal.SIGKILL)
    return entries


Grouped.append = _append  # type: ignore[method-assign]  # the one seam between the product and its death
try:
    main(sys.argv[3:])
finally:
    sys.stderr.write(f"\nappends {count}\n")
