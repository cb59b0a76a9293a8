"""A kill of a workspace's one system, over and over in one process: all but the interpreter's start and the YAML.

python -m benchmarks.fleet_kill ROOT

For each line it reads it plans, records, pulls and proves once, and answers with the seconds of CPU that this took.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
import time
from pathlib import Path

from psfir.app.choose import Aim, Choice, systems
from psfir.app.kill import Order, press, start_all
from psfir.app.plan import plan_runbooks
from psfir.app.session import Door, open_session
from psfir.cli.fleet import FleetLines
from psfir.cli.live import Watched
from psfir.domain.verdict import Verdict
from psfir.engine.hands import Hands
from psfir.engine.kit import Control

gc.set_threshold(50_000)  # as every command of psfir does
root = Path(sys.argv[1])
aim = Aim(all=True)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


first = open_session(Door(env=os.environ, killing=True), workspace=root)
choice = Choice(first, aim)
books = [choice.of(system) for system in systems(first, aim)]
say("ready")
for _ in sys.stdin:
    begun = time.process_time()
    session = open_session(Door(env=os.environ, killing=True), workspace=root)
    plans = plan_runbooks(session, books)
    pressed = press(session, plans, Order())
    watched = Watched(session.clock, {one.run: one.plan for one in pressed})
    session.journal.tell(FleetLines(watched, watched.plans, lambda _: None).add)
    ended = [answer.get() for answer in Hands(session.clock).all(start_all(session, pressed, Control()))]
    assert all(run.verdict is Verdict.CONTAINED for run in ended), ended[0].verdicts
    session.journal.inner.close()  # type: ignore[attr-defined]  # a Journal of a kill has it
    say(f"{time.process_time() - begun:.6f}")
    shutil.rmtree(root / ".psfir")
