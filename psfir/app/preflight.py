"""What would fail tonight: every rung of every runbook looked at beforehand, through views that cannot write."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from psfir.app.bind import View
from psfir.app.choose import Aim, systems
from psfir.app.runbooks import shelf
from psfir.app.session import Session
from psfir.domain.change import Change
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.domain.runbook import Runbook, Rung
from psfir.domain.values import frozen
from psfir.engine.hands import Hands
from psfir.engine.share import Share, call
from psfir.engine.work import Work
from psfir.errors import CatalogError, Denied, LeverError, NoSuchTarget, PsfirError

_REQUEST = re.compile(r"(?:GET|HEAD|POST|PUT|PATCH|DELETE) \S+: ")
"""What a sentence may begin with that is another for each rung, although the cause is one."""

LONGEST = 20.0
"""How long one rung is looked at; a vendor that needs longer could not be told about."""

AT_ONCE = 8
"""Rungs that are looked at side by side: nobody is in a hurry, and each asks its vendor a dozen questions."""

_ORDER = list(Matter)


@frozen
class Checked:
    """One rung with everything that was found about it."""

    system: str
    runbook: str
    step: str
    number: int
    rung: Rung
    findings: tuple[Finding, ...]

    @property
    def ready(self) -> Ready:
        """The worst of what was found."""
        order = list(Ready)
        return max((one.ready for one in self.findings), key=order.index, default=Ready.COULD_NOT_TELL)

    def to_json(self) -> dict[str, Any]:
        return {
            "system": self.system,
            "runbook": self.runbook,
            "step": self.step,
            "rung": self.number,
            "lever": self.rung.lever,
            "connection": self.rung.connection,
            "ready": self.ready.value,
            "findings": [
                {"matter": one.matter.value, "ready": one.ready.value, "says": one.says, "todo": one.todo}
                for one in self.findings
            ],
        }


@frozen
class Cause:
    """One thing that is in the way of several rungs of one connection."""

    connection: str
    finding: Finding
    rungs: tuple[Checked, ...]


@frozen
class Preflight:
    """All rungs that were looked at, and the runbooks that cannot even be read, each with why."""

    rungs: tuple[Checked, ...]
    broken: dict[str, str]

    @property
    def counts(self) -> dict[Ready, int]:
        return {ready: sum(one.ready is ready for one in self.rungs) for ready in Ready}

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What was found on more than one rung of a connection, and said once does for all."""
        found: dict[tuple[str, ...], tuple[Finding, list[Checked]]] = {}
        for one in self.rungs:
            for finding in one.findings:
                key = cause(one, finding)
                if key and one not in found.setdefault(key, (finding, []))[1]:
                    found[key][1].append(one)
        return tuple(Cause(key[0], first, tuple(rungs)) for key, (first, rungs) in found.items() if len(rungs) > 1)


def cause(one: Checked, finding: Finding) -> tuple[str, ...]:
    """What two findings share that have one cause; () for what stands in nobody's way."""
    if finding.ready not in {Ready.WOULD_FAIL, Ready.COULD_NOT_TELL}:
        return ()
    return one.rung.connection, finding.ready.value, bare(finding.says), finding.todo


def bare(says: str) -> str:
    """Without the request that it was told of."""
    return _REQUEST.sub("", says, count=1)


def preflight(session: Session, aim: Aim, *, told: Callable[[Checked], None] = lambda _: None) -> Preflight:
    """Look at every rung of every runbook of these systems, side by side; `told` hears of each as it is done."""
    chosen = {system.id for system in systems(session, aim)}
    found = shelf(session)
    books = [book for book in found.books if book.system in chosen]
    places = [(book, step.id, number) for book in books for step in book.steps for number in range(len(step.ladder))]
    done: dict[int, Checked] = {}

    def one(index: int) -> Work[None]:
        done[index] = checked = yield from _checked(session, *places[index])
        told(checked)

    for answer in Hands(session.clock, at_once=AT_ONCE).all([one(index) for index in range(len(places))]):
        answer.get()
    return Preflight(tuple(done[index] for index in sorted(done)), dict(found.broken))


def _checked(session: Session, book: Runbook, step: str, number: int) -> Work[Checked]:
    rung = next(one for one in book.steps if one.id == step).ladder[number]
    try:
        view = session.binder.reader(rung)
        share = Share(session.clock, min(rung.within, LONGEST))
        findings = yield from call(lambda within: _look(view, book, rung, within), share, what=rung.lever)
    except PsfirError as error:
        findings = [_finding(error)]
    ordered = sorted(findings, key=lambda finding: _ORDER.index(finding.matter))
    clean = session.scrubber.text
    told = [Finding(one.matter, one.ready, clean(one.says), clean(one.todo)) for one in ordered]
    return Checked(book.system, book.id, step, number + 1, rung, tuple(told))


def _look(view: View, book: Runbook, rung: Rung, within: float) -> Sequence[Finding]:
    """What the lever says of itself, and whether it could plan. One that says nothing is asked to read its target."""
    half = within / 2
    said = list(view.check(rung.target, rung.set, within=half))
    if any(one.ready is Ready.WOULD_FAIL for one in said):
        return said
    reading = view.read(rung.target, within=half)
    planned = view.plan(rung.target, reading, book.mode, rung.set)
    seen = planned.why if isinstance(planned, Change) else f"nothing to do tonight: {planned.why}"
    if not any(one.matter is Matter.TARGET for one in said):
        said.append(Finding(Matter.TARGET, Ready.READY, seen))
    known = {one.says for one in said}
    said += [Finding(Matter.TARGET, Ready.BEWARE, note) for note in reading.notes if note not in known]
    return said


def _finding(error: PsfirError) -> Finding:
    """An error that a look ended with. Not having been able to look is not the same as being about to fail."""
    matter, ready = Matter.TARGET, Ready.WOULD_FAIL
    if isinstance(error, Denied):
        matter = Matter.PERMISSION
    elif isinstance(error, LeverError) and not isinstance(error, NoSuchTarget | CatalogError):
        ready = Ready.COULD_NOT_TELL
    where = f"{error.where}: " if error.where else ""
    return Finding(matter, ready, f"{where}{error.what}", error.todo)
