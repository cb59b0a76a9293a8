"""Tell a tracker of items, one way: an intention on the record before, the outcome after, and never one issue twice.

Before anything is made it is looked for. After a lost answer it may still be on its way, and an index may lag: what is
not found then is not made again before some time has passed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from importlib import import_module

from psfir.app.carry import new_owner, take
from psfir.app.remediation import items_of
from psfir.app.session import Session
from psfir.contracts import BoundConnection, Tracker
from psfir.domain.canon import Json
from psfir.domain.durations import show
from psfir.domain.filing import Filed, Filing
from psfir.domain.kinds import Kind
from psfir.domain.message import Result
from psfir.domain.people import Deed
from psfir.domain.values import frozen
from psfir.errors import Declined, LeverError, NoAnswer, NoSuchTarget, Refusal, UsageError
from psfir.review.remediation_export import CREATE, UPDATE, Exported
from psfir.review.remediation_filing import filing_of
from psfir.review.remediation_item import RemediationItem

WITHIN = 30.0
LANDS = timedelta(minutes=2)
"""So long a lost issue may be on its way, or not in the tracker's index yet."""

TRACKERS: Mapping[str, str] = {"github": "psfir.vendors.github:GitHub", "jira": "psfir.vendors.jira:Jira"}


@frozen
class Step:
    """One item and what the tracker is to be told of it; `act` is "" where it knows already."""

    item: RemediationItem
    filing: Filing
    act: str
    known: Exported


@frozen
class Told:
    """What became of one item. `stop`: the next one would fare no better."""

    ref: str
    act: str
    result: Result
    says: str
    filed: Filed | None = None
    stop: bool = False


@frozen
class Work:
    """One export under its lease."""

    session: Session
    tracker: Tracker
    to: str
    lease: str
    owner: str


def steps(session: Session, to: str, incident: str = "", *, names: bool = False) -> list[Step]:
    """What would be told, from the record alone. An item that is closed and was never there stays out."""
    tracked(session, to)
    now, team = session.clock.now(), session.workspace.team
    listed = items_of(session, incident).values()
    return [_step(one, filing_of(one, team, now, names=names), to) for one in listed]


def export(session: Session, to: str, incident: str = "", *, names: bool = False) -> list[Told]:
    """Tell it, item by item. What stops one of them and would stop the next ones too ends it."""
    session.need(Deed.REVIEW)
    tracker = tracked(session, to)
    lease, owner = f"export:{to}", new_owner()
    if not take(session, lease, owner):
        raise Refusal(f"somebody else is exporting to {to}", todo="export again once that is over")
    with session.heart.until_over([lease]):
        # Items that are due to be told are looked at again here: of two who press at once, the second finds all told.
        due = [one for one in steps(session, to, incident, names=names) if one.act]
        if due:
            tracker.check(within=WITHIN)
        return _all(Work(session, tracker, to, lease, owner), due)


def tracked(session: Session, to: str) -> Tracker:
    """The tracker at the end of a connection."""
    bound = session.binder.connection(to)
    if bound.kind not in TRACKERS:
        fitting = [one.name for one in session.workspace.connections.values() if one.kind in TRACKERS]
        todo = f"psfir.yaml has of these: {', '.join(fitting) or 'none'}"
        raise UsageError(f"{to} is of kind {bound.kind}, and no tracker", todo=todo)
    return _made(bound)


def _made(bound: BoundConnection) -> Tracker:
    module, _, name = TRACKERS[bound.kind].partition(":")
    made: Tracker = getattr(import_module(module), name)(bound)  # loaded only where something is exported
    return made


def _step(item: RemediationItem, filing: Filing, to: str) -> Step:
    known = item.exports.get(to, Exported())
    act = "" if known.digest == filing.digest else UPDATE
    if not known.ref:
        act = "" if filing.closed and known.lost is None else CREATE
    return Step(item, filing, act, known)


def _all(work: Work, due: Sequence[Step]) -> list[Told]:
    told: list[Told] = []
    for step in due:
        told.append(_one(work, step))
        if told[-1].stop:
            break
    return told


def _one(work: Work, step: Step) -> Told:
    """Found or made, then brought to what it is to say."""
    if step.act == UPDATE:
        return _update(work, step, step.known.ref)
    try:
        found = work.tracker.find(step.filing, within=WITHIN)
    except LeverError as error:
        return _failed(step, CREATE, error)
    if found is not None:
        _record(work, step, CREATE, Told(step.item.ref, CREATE, Result.ALREADY_THERE, "it is there already", found), "")
        return _update(work, step, found.ref)
    lost = step.known.lost
    age = work.session.clock.now() - lost if lost else LANDS
    if age < LANDS:
        left = show(round((LANDS - age).total_seconds()))
        says = f"it was sent before, is not to be found, and may still be on its way: export again in {left}"
        return Told(step.item.ref, CREATE, Result.UNKNOWN, says)
    if step.filing.closed:
        return Told(step.item.ref, CREATE, Result.REFUSED, "it was never there, and is closed by now")
    return _carried(work, step, CREATE)


def _update(work: Work, step: Step, ref: str) -> Told:
    return _carried(work, step, UPDATE, ref)


def _carried(work: Work, step: Step, act: str, ref: str = "") -> Told:
    session, item, attempt = work.session, step.item, step.known.attempts + 1
    where: dict[str, Json] = {"item": item.id, "to": work.to, "act": act, "digest": step.filing.digest}
    session.record(session.draft(item.incident, Kind.REMEDIATION_EXPORTING, {**where, "attempt": attempt}))
    if session.leases is None or not session.leases.renew(work.lease, work.owner):
        told = Told(item.ref, act, Result.FAILED, "its lease was lost before anything was sent", stop=True)
    else:
        told = _sent(work, step, act, ref)
    _record(work, step, act, told, step.filing.digest)
    return told


def _sent(work: Work, step: Step, act: str, ref: str) -> Told:
    try:
        if act == CREATE:
            filed = work.tracker.create(step.filing, within=WITHIN)
        else:
            filed = work.tracker.update(ref, step.filing, within=WITHIN)
    except LeverError as error:
        return _failed(step, act, error)
    return Told(step.item.ref, act, Result.SENT, "created" if act == CREATE else "updated", filed)


def _failed(step: Step, act: str, error: LeverError) -> Told:
    """In the tracker's words; what nobody knows is called so."""
    says = f"{error.what}; {error.todo}" if error.todo else error.what
    result = Result.UNKNOWN if isinstance(error, NoAnswer) else Result.FAILED
    return Told(step.item.ref, act, result, says, stop=not isinstance(error, (Declined, NoSuchTarget)))


def _record(work: Work, step: Step, act: str, told: Told, digest: str) -> None:
    session, item = work.session, step.item
    filed = told.filed or Filed(step.known.ref, step.known.url)
    data: dict[str, Json] = {
        "item": item.id,
        "to": work.to,
        "act": act,
        "digest": digest,
        "attempt": step.known.attempts + 1,
        "result": told.result.value,
        "says": told.says,
        "ref": filed.ref,
        "url": filed.url,
    }
    session.record(session.draft(item.incident, Kind.REMEDIATION_EXPORTED, data))
