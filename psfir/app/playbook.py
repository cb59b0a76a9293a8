"""A playbook beside an incident: which steps are ticked, which are due by the clock, and whose they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from psfir.app.session import Session
from psfir.domain.fold import extend
from psfir.domain.incident import Incident, Tick
from psfir.domain.kinds import Kind
from psfir.domain.near import near
from psfir.domain.people import Deed
from psfir.domain.playbook import Playbook, PlaybookStep
from psfir.domain.run import RunFacts
from psfir.domain.values import frozen
from psfir.errors import PsfirError, Refusal, UsageError
from psfir.loading.content import content_files
from psfir.loading.playbook import load_playbook

REFERENCE = "support-assistant"
"""The system that the playbooks which ship speak of."""

_COMMAND = re.compile(r"`psfir [^`]*`")
_REFERENCE = re.compile(rf"(?<![\w-]){REFERENCE}(?![\w-])")


@frozen
class Row:
    """One step of the checklist in one incident; without an incident there is no due time and no tick.

    `run` is the kill that did it: what psfir saw done, nobody needs to tick.
    """

    step: PlaybookStep
    tick: Tick | None
    due_at: datetime | None
    overdue: bool
    run: RunFacts | None = None

    @property
    def left(self) -> bool:
        """Whether it was neither done nor skipped."""
        return self.tick is None and self.run is None


def files(session: Session) -> Mapping[str, Path]:
    return content_files(session.root, "playbooks")


def load(session: Session, name: str) -> Playbook:
    """The playbook of that id."""
    known = files(session)
    if name not in known:
        raise UsageError(f"there is no playbook {name!r}", todo=near(name, known))
    return load_playbook(known[name])


def checklist(playbook: Playbook, incident: Incident | None, now: datetime) -> tuple[Row, ...]:
    """Every step with its tick; overdue is what should have been done by now and was neither done nor skipped."""
    if incident is None:
        return tuple(Row(step, None, None, overdue=False) for step in playbook.steps)
    return tuple(_row(playbook, step, incident, now) for step in playbook.steps)


def _row(playbook: Playbook, step: PlaybookStep, incident: Incident, now: datetime) -> Row:
    tick = _tick_of(incident, playbook.id, step.id)
    run = incident.last_kill() if tick is None and _is_the_kill(step) else None
    due = incident.trigger_at + timedelta(seconds=step.due)
    late = tick is None and run is None and incident.open and now >= due
    return Row(_addressed(step, incident), tick, due, late, run)


def _is_the_kill(step: PlaybookStep) -> bool:
    """Climbing further is another step: a kill that has run says nothing of it."""
    kills = [command for command in _COMMAND.findall(step.text) if command.startswith("`psfir kill")]
    return step.id == "kill-first" or any("--climb" not in command for command in kills)


def _addressed(step: PlaybookStep, incident: Incident) -> PlaybookStep:
    """The step for the systems of this incident: a playbook's commands name the reference system."""
    if REFERENCE in incident.systems:
        return step
    systems = " ".join(incident.systems)

    def named(text: str) -> str:
        return _COMMAND.sub(lambda command: _REFERENCE.sub(lambda _: systems, command[0]), text)

    return replace(step, text=named(step.text), say=named(step.say), detail=named(step.detail))


def tick(session: Session, incident: Incident, playbook: Playbook, step: str, *, skip: str | None = None) -> Incident:
    """Record that a step is done, or skipped for a reason. What is ticked already is refused, with who did it."""
    session.need(Deed.NOTE)
    ids = [one.id for one in playbook.steps]
    if step not in ids:
        raise UsageError(f"playbook {playbook.id} has no step {step!r}", todo=near(step, ids))
    if skip is not None and not skip.strip():
        raise UsageError("skipping a step needs a reason", todo="--skip REASON")
    before = _tick_of(incident, playbook.id, step)
    if before and not (before.state == "skipped" and skip is None):
        raise Refusal(f"{step} was {before.state} by {before.actor} at {before.at[:16]}Z")
    data = {"playbook": playbook.id, "step": step, "state": "done" if skip is None else "skipped", "reason": skip or ""}
    for entry in session.record(session.draft(incident.id, Kind.TICKED, data)):
        incident = extend(incident, entry)
    return incident


def named(incident: Incident) -> tuple[str, ...]:
    """The playbooks that this incident's runbooks name."""
    return tuple(dict.fromkeys(p.runbook.playbook for p in incident.plans.values() if p.runbook.playbook))


def fitting(session: Session, incident: Incident) -> tuple[Playbook, ...]:
    """Playbooks of this incident: what its runbooks name, else what covers its case. A broken file is left to lint."""
    known = files(session)
    wanted = [name for name in named(incident) if name in known] or list(known)
    found = []
    for name in wanted:
        try:
            found.append(load_playbook(known[name]))
        except PsfirError as error:
            session.door.warn(f"playbook {name} cannot be read: {error}")
    if named(incident):
        return tuple(found)
    return tuple(playbook for playbook in found if incident.case in playbook.covers)


def followed(session: Session, incident: Incident) -> Playbook | None:
    """The one to follow: that of the last kill's runbook, else the first that fits."""
    books = {book.id: book for book in fitting(session, incident)}
    kill = incident.last_kill()
    own = kill.plan.runbook.playbook if kill else ""
    return books.get(own) or next(iter(books.values()), None)


def _tick_of(incident: Incident, playbook: str, step: str) -> Tick | None:
    """The last word on a step: a skipped one may be done after all."""
    ticks = [tick for tick in incident.ticks if (tick.playbook, tick.step) == (playbook, step)]
    return ticks[-1] if ticks else None
