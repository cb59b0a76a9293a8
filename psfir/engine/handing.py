"""A rung that can only be pulled from inside a network: asked for in the record, pulled by whoever works there.

The kill needs nobody: where no worker takes the rung soon, or none answers within its share, the next rung is pulled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from psfir.domain.budget import rung_share
from psfir.domain.canon import Json
from psfir.domain.change import Outcome, Result
from psfir.domain.durations import show
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.plan import PlannedRung
from psfir.engine.kit import Run
from psfir.engine.pull import Act, Spot, record
from psfir.engine.share import Share
from psfir.engine.work import Pause, Work

TAKEN_WITHIN = 5.0
"""A worker that lives hears of it at once: who has not taken it by then is not there."""

FOR_THE_WAY = 0.9
"""How much of a rung's share a worker spends: the rest is for asking and answering."""

_POLL = 0.1


def hand_over(run: Run, planned: PlannedRung) -> Work[bool]:
    """Ask for it and wait, within the rung's share; whether it holds."""
    share = Share(run.kit.clock, rung_share(planned.rung))
    after, taken = _say(run, planned, "asked").seq, False
    while share.left > 0 and (taken or share.spent < TAKEN_WITHIN):
        for entry in _heard(run, planned, after):
            after, taken = entry.seq, True
            run.hear(entry)
            if entry.kind == Kind.HANDED and (entry.data or {})["state"] == "answered":
                facts = run.rung((planned.step, planned.index))
                return facts is not None and facts.held
        if run.control.stop_pulling.is_set() and not taken:
            break
        yield Pause(min(_POLL, share.left), run.control.let_go)
        run.keep_going()
    _given_up(run, planned, share, taken=taken)
    return False


def taken_up(run: Run, planned: PlannedRung, pull: Work[bool]) -> Work[None]:
    """The other side of it: say so, pull, answer."""
    _say(run, planned, "taken")
    held = yield from pull
    _say(run, planned, "answered", says="it holds" if held else "it does not hold")


def shortened(planned: PlannedRung) -> PlannedRung:
    """As a worker pulls it."""
    return replace(planned, rung=replace(planned.rung, within=planned.rung.within * FOR_THE_WAY))


def _heard(run: Run, planned: PlannedRung, after: int) -> Iterator[Entry]:
    """What others have written about it: from here nothing else is written about it meanwhile."""
    for entry in run.kit.journal.read(run.incident, after=after):
        data = entry.data or {}
        if data.get("run") == run.facts.id and (data.get("step"), data.get("rung")) == (planned.step, planned.index):
            yield entry


def _given_up(run: Run, planned: PlannedRung, share: Share, *, taken: bool) -> None:
    runner, facts = planned.rung.runner, run.rung((planned.step, planned.index))
    if taken:
        outcome = Outcome(Result.UNKNOWN, f"a worker of {runner} took it and has not answered in {show(share.seconds)}")
    else:
        spent = show(round(min(share.spent, TAKEN_WITHIN)))
        says = f"no worker of {runner} has taken it in {spent}: is psfir worker --runner {runner} running there?"
        outcome = Outcome(Result.FAILED, says)
    _say(run, planned, "given_up", says=outcome.says)
    if facts is None or facts.outcome is None or not taken:
        attempt = (facts.attempt if facts else 0) or 1
        record(run, Spot((planned.step, planned.index), attempt, Act.APPLY, share), outcome)


def _say(run: Run, planned: PlannedRung, state: str, *, says: str = "") -> Entry:
    where: dict[str, Json] = {"step": planned.step, "rung": planned.index, "runner": planned.rung.runner}
    return run.write(Kind.HANDED, **where, state=state, says=says)
