"""Work out what a runbook would change in today's world. Handed readers only: nothing here can write."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from psfir.contracts import Clock, Reader
from psfir.domain.budget import READ_SHARE
from psfir.domain.change import Change
from psfir.domain.plan import Plan, PlannedRung, Verb
from psfir.domain.runbook import Runbook, Rung
from psfir.domain.values import frozen
from psfir.engine.share import Share, call, side_by_side
from psfir.errors import PsfirError


@frozen
class Desk:
    """`sources` names the distribution that a lever comes from."""

    readers: Callable[[Rung], Reader]
    sources: Callable[[str], str]
    clock: Clock


def draw(runbook: Runbook, desk: Desk) -> Plan:
    """Read every rung side by side. One that cannot be read stays in its ladder, with the reason."""
    share = Share(desk.clock, READ_SHARE)
    spots = [(step.id, index, rung) for step in runbook.steps for index, rung in enumerate(step.ladder)]
    planned: dict[tuple[str, int], PlannedRung] = {}

    def one(step: str, index: int, rung: Rung) -> None:
        planned[step, index] = _plan_rung(runbook, (step, index, rung), desk, share)

    side_by_side([partial(one, *spot) for spot in spots])
    return Plan(Verb.KILL, runbook, tuple(planned[step, index] for step, index, _ in spots))


def _plan_rung(runbook: Runbook, spot: tuple[str, int, Rung], desk: Desk, share: Share) -> PlannedRung:
    step, index, rung = spot
    source = ""
    try:
        source = desk.sources(rung.lever)
        reader = desk.readers(rung)
        reading = call(lambda within: reader.read(rung.target, within=within), share, what=f"reading {rung.lever}")
        change = reader.plan(rung.target, reading, runbook.mode, rung.set)
    except PsfirError as error:
        return PlannedRung(step, index, rung, unreadable=str(error), source=source)
    if isinstance(change, Change):
        return PlannedRung(step, index, rung, change=change, notes=reading.notes, source=source)
    return PlannedRung(step, index, rung, nothing=change, notes=reading.notes, source=source)
