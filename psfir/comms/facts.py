"""What the record supports: facts for a template's fields, each with where it comes from, or why it is not known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from psfir.comms.record import Talk
from psfir.domain import instants
from psfir.domain.canon import Json
from psfir.domain.incident import Incident, Status
from psfir.domain.message import Audience, Phase
from psfir.domain.modes import Mode
from psfir.domain.plan import Verb
from psfir.domain.run import RunFacts
from psfir.domain.system import System
from psfir.domain.values import frozen
from psfir.domain.verdict import Verdict


@frozen
class Fact:
    """A value, and the entry or file it comes from; or None, and why nobody can say it."""

    value: Json
    source: str
    why: str = ""

    @property
    def known(self) -> bool:
        return self.value is not None


@frozen
class Scene:
    """What facts are taken from."""

    incident: Incident
    talk: Talk
    systems: Mapping[str, System]
    now: datetime
    audience: Audience
    count: int | None = None


def facts(scene: Scene) -> dict[str, Fact]:
    """By name, all of `known_facts.RECORD`."""
    incident, now = scene.incident, scene.now
    contained, restored = proven_at(incident), restored_at(incident)
    until = instants.read(incident.resolved_at) if incident.resolved_at else now
    heard = scene.talk.sent_to(scene.audience)
    last = heard[-1].sent if heard else None
    names = [scene.systems[one].title if one in scene.systems else one for one in incident.systems]
    unknown = [note.text for note in incident.notes if note.about == "not_known" and note.text]
    since = _known(shown(incident.trigger_at), "the trigger")
    return {
        "incident": _known(incident.id, "the declaration"),
        "severity": _known(incident.severity.value, "the record"),
        "since": since,
        "declared_at": _known(shown(incident.declared_at), "the declaration"),
        "as_of": _known(shown(now), "the clock"),
        "contained_at": _when(contained, "a verdict", "no probe has proven a containment"),
        "restored_at": _when(restored, "a restore", "nothing was put back"),
        "resolved_at": _when(_instant(incident.resolved_at), "the resolution", "the incident is not resolved"),
        "duration": _known(span(until - incident.trigger_at), "the trigger and the resolution, or now"),
        "time_to_contain": _span(contained, incident.trigger_at),
        "last_update_at": _when(
            _instant(last.at) if last else None, "the last message", "nothing was sent to them yet"
        ),
        "systems": _known(names, "psfir.yaml"),
        "count": Fact(scene.count, "the inventory", "no inventory was given: --inventory FILE"),
        "not_known": Fact(unknown or None, "notes", "no note says what is not known"),
        "next_update_at": Fact(None, "", "no next message is promised"),
    }


def proven_at(incident: Incident) -> datetime | None:
    """When the containments that stand were all first proven; None while any of them is not."""
    runs = [run for run in incident.runs.values() if run.verb is Verb.KILL]
    if not runs or incident.verdict not in {Verdict.CONTAINED, None}:
        return None
    firsts = [_first_proof(run) for run in (incident.contained or runs[-1:])]
    return max((first for first in firsts if first), default=None) if all(firsts) else None


def restored_at(incident: Incident) -> datetime | None:
    """When the last restore ended, if nothing that psfir changed still stands."""
    runs = [run for run in incident.runs.values() if run.verb is Verb.RESTORE and run.ended is not None]
    if not runs or incident.standing:
        return None
    return instants.read(runs[-1].verdicts[-1].at if runs[-1].verdicts else runs[-1].at)


def mode(incident: Incident) -> Mode | None:
    """What was done, by the last containment that stands."""
    runs = [run for run in incident.contained if run.verdict is Verdict.CONTAINED]
    return runs[-1].plan.runbook.mode if runs else None


def unsupported(incident: Incident, phase: Phase) -> str:
    """Why the record does not support a text of this phase; '' where it does."""
    verdict = incident.verdict
    if phase is Phase.CONTAINED and (verdict is not Verdict.CONTAINED or proven_at(incident) is None):
        says = verdict.value.replace("_", " ") if verdict else "nothing is contained"
        return f"it would say that the feature is contained, and the verdict is: {says}"
    if phase is Phase.MONITORING and restored_at(incident) is None:
        return "it would say that the feature is coming back, and no restore has put everything back"
    if phase is Phase.RESOLVED and incident.status not in {Status.RESOLVED, Status.CLOSED}:
        return f"it would say that it is over, and the incident is {incident.status.value.replace('_', ' ')}"
    if phase is Phase.RESOLVED and verdict not in {None, Verdict.CONTAINED}:
        return f"it would say that it is over, and the verdict is {verdict.value.replace('_', ' ')}"
    if phase is Phase.FOLLOW_UP and incident.status not in {Status.RESOLVED, Status.CLOSED}:
        return "findings come after the incident is resolved"
    return ""


def shown(at: datetime) -> str:
    """An instant as every reader of every language understands it."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def span(length: timedelta) -> str:
    """To the minute."""
    minutes = int(length.total_seconds() // 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _first_proof(run: RunFacts) -> datetime | None:
    return next((instants.read(one.at) for one in run.verdicts if one.verdict is Verdict.CONTAINED), None)


def _known(value: Json, source: str) -> Fact:
    return Fact(value, source)


def _when(at: datetime | None, source: str, why: str) -> Fact:
    return Fact(shown(at), source) if at else Fact(None, "", why)


def _span(at: datetime | None, since: datetime) -> Fact:
    return Fact(span(at - since), "the trigger and a verdict") if at else Fact(None, "", "no containment is proven")


def _instant(text: str) -> datetime | None:
    return instants.read(text) if text else None
