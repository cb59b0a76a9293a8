"""How a restore ends on the screen: what is back as it was, that the feature is on again, and what is to be watched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psfir.app.afterwards import Again, again
from psfir.app.incident_view import grouped, stands
from psfir.app.session import Session
from psfir.app.whom import whom
from psfir.cli import show
from psfir.cli.desk import Desk
from psfir.cli.ending import Next, run_json
from psfir.domain.incident import Incident, Status
from psfir.domain.modes import Mode
from psfir.domain.people import Deed
from psfir.domain.run import RunFacts, RungFacts
from psfir.domain.tally import FEW, MANY, cause
from psfir.domain.wording import NAMED, plain, some
from psfir.engine.kit import Control

_SEEN = 5
"""So many replicas are told of a probe's kind of answer; a large system has hundreds."""
_MENDS = "To restore puts back what was there, and mends nothing"
_IS = {
    Mode.DISABLE: "is ON again",
    Mode.DEGRADE: "does ALL it did before again",
    Mode.ISOLATE: "is CONNECTED again",
}


def finish_restore(desk: Desk, session: Session, command: str, incident: Incident, runs: Sequence[RunFacts]) -> int:
    """Say how a restore ended; 0 only if every rung reads as it was before."""
    heads = session.journal.heads()
    back = all(run.ended is not None and run.ended["verdict"] == "restored" for run in runs)
    for text in _lines(incident, runs, back=back):
        desk.say(text)
    seen = _again(session, incident, runs) if back else []
    for text in watch(seen, incident):
        desk.say(text)
    following = _following(session, incident, back=back)
    desk.say("  next:")
    for one in following:
        desk.say(f"    {one}")
    desk.say(show.dim(f"  record head {heads[0]}:{heads[1]}"))
    result = {
        "incident": incident.id,
        "restored": back,
        "again": [{"system": one.system, "back": one.back, "away": one.away, "untold": one.untold} for one in seen],
        "runs": [run_json(run) for run in runs],
        "next": [one.command for one in following if not one.whom],
    }
    desk.event("result", {"schema": f"psfir.out.{command}/1", **result, "head": {"seq": heads[0], "hash": heads[1]}})
    return 0 if back else 1


def _lines(incident: Incident, runs: Sequence[RunFacts], *, back: bool) -> Iterator[str]:
    rungs = [rung for run in runs for rung in run.rungs.values()]
    done = sum(rung.held for rung in rungs)
    total = sum(len(run.plan.rungs) for run in runs)
    word = "RESTORED" if back else "NOT RESTORED"
    yield f"\n{show.heading(incident.id)}  {word}: {done} of {total} read as they were before"
    yield from _not_back(rungs)
    standing = "; ".join(stands(incident)) or "nothing"
    yield f"  still standing: {standing}"


def _not_back(rungs: Sequence[RungFacts]) -> Iterator[str]:
    """Why what is not back is not."""
    why = [(plain(rung.outcome.says), rung.step) for rung in rungs if rung.outcome and not rung.held]
    said = [f"{step}: {says}" for says, step in why]
    if len(said) > MANY:
        said = grouped((cause(says), step) for says, step in why)
    yield from (show.hanging("why:", text) for text in said)


def _again(session: Session, incident: Incident, runs: Sequence[RunFacts]) -> list[Again]:
    control = Control()
    try:
        return again(session, incident, runs, control)
    except KeyboardInterrupt:  # whoever does not want to wait gets everything else that is to be said
        control.let_go.set()
        return again(session, incident, runs, control)


def watch(seen: Sequence[Again], incident: Incident) -> Iterator[str]:
    """That it was put back mends nothing: what is there again is told loudly, and what to do if it does harm."""
    if len(seen) > FEW:
        yield from _many(seen)
    else:
        for one in seen:
            yield from _each(one)
    if seen:
        yield show.hanging("watch:", f"does it go wrong again? It was: {plain(incident.title)}. If so, at once:")
    for one in seen[:FEW]:
        mode = "" if one.mode is Mode.DISABLE else f" --mode {one.mode.value}"
        yield f"    psfir kill {one.system}{mode} --incident {incident.id}"


def _many(seen: Sequence[Again]) -> Iterator[str]:
    yield f"  {show.heading(f'{len(seen)} systems')} are on again. {_MENDS}"
    for word, those in (
        ("BACK AGAIN, which the kill had stopped:", [one.system for one in seen if one.back]),
        ("COULD NOT TELL whether they are back:", [one.system for one in seen if one.untold and not one.back]),
    ):
        if those:
            yield show.hanging(show.loud(word), f"{len(those)}: {some(those, NAMED)}")


def _each(one: Again) -> Iterator[str]:
    yield f"  {show.heading(one.system)} {_IS[one.mode]}. {_MENDS}"
    if one.back:
        yield f"  {show.loud('BACK AGAIN, which the kill had stopped:')}"
        yield from _some(one.back)
    if one.away:
        yield "  not seen again so far:"
        yield from _some(one.away)
    if one.untold:
        yield f"  {show.loud('COULD NOT TELL whether it is back:')}"
        yield from _some(one.untold)
    if not one.sights:
        yield show.hanging("", "no probe was looked at: nobody has seen what it does now")


def _some(said: Sequence[str]) -> Iterator[str]:
    yield from (show.hanging("", plain(text), indent="    ") for text in said[:_SEEN])
    if len(said) > _SEEN:
        yield f"    and {len(said) - _SEEN} more"


def _following(session: Session, incident: Incident, *, back: bool) -> list[Next]:
    if not back or incident.standing:
        return [Next(f"psfir restore {incident.id}", whom(session, incident, Deed.RESTORE))]
    ask = whom(session, incident, Deed.RESOLVE)
    step = {Status.OPEN: "resolve", Status.RESOLVED: "close"}.get(incident.status)
    end = [Next(f"psfir incident {step} {incident.id}", ask)] if step else []
    return [*end, Next("psfir audit verify")]
