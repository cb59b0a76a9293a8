"""An incident as it is shown: one place for what the command line, Slack and the web say about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from psfir.app.analysis import Awaited, awaited
from psfir.app.session import Session
from psfir.domain import durations, instants
from psfir.domain.canon import Json, canonical
from psfir.domain.entries import Entry
from psfir.domain.incident import Incident
from psfir.domain.plan import Verb
from psfir.domain.run import RunFacts
from psfir.domain.standing import Pull
from psfir.domain.tally import MANY
from psfir.domain.timeline import line, proof
from psfir.domain.verdict import Verdict, worst
from psfir.domain.wording import NAMED, plain, short, some

LONGEST = 60
"""Signs of one field in a line that says what stands."""


def flags(incident: Incident) -> tuple[str, ...]:
    """What the headline says for ever."""
    broken = [approval.actor.id or "somebody unknown" for approval in incident.broke_glass]
    glass = (f"BREAK-GLASS by {', '.join(dict.fromkeys(broken))}",) if broken else ()
    names = [plain(claim.text) if claim.text else "(erased)" for claim in incident.claims]
    claims = (f"UNVERIFIED: {', '.join(dict.fromkeys(names))}",) if names else ()
    return glass + claims


def headline(incident: Incident) -> str:
    """Id, severity, status, title, and the loud things."""
    status = incident.status.value.replace("_", " ").upper()
    into = f" into {incident.merged_into}" if incident.merged_into else ""
    parts = [incident.id, incident.severity.value, status + into, plain(incident.title), *flags(incident)]
    return "  ".join(parts)


def clock(incident: Incident, now: datetime) -> str:
    """How long since the trigger; a resolved one's clock stands still."""
    end = instants.read(incident.resolved_at) if incident.resolved_at else now
    return durations.clock(max(0.0, (end - incident.trigger_at).total_seconds()))


def verdict_words(incident: Incident) -> str:
    """The verdict in capitals; without one, whether it was put back, is looked for, or never was."""
    verdict = incident.verdict
    if verdict is None:
        kills = {run.plan.runbook.system: run for run in incident.runs.values() if run.verb is Verb.KILL}
        if not kills:
            return "nothing contained"
        return f"{worst(run.verdict for run in kills.values()).value.replace('_', ' ')}, then restored"
    unknown = [run for run in incident.contained if run.verdict is Verdict.UNKNOWN]
    if verdict is Verdict.UNKNOWN and all(run.ended is None and not run.verdicts for run in unknown):
        return "no verdict yet"
    return verdict.value.replace("_", " ").upper()


def pull_line(pull: Pull) -> str:
    """One thing that stands, and how sure psfir is that it did it."""
    change = pull.facts.change
    lever = change.lever if change else "unknown lever"
    sure = "" if pull.facts.changed else "  (outcome UNKNOWN)"
    target = _target(change.target) if change else ""
    return plain(f"{pull.key[0]}, rung {pull.key[1] + 1}: {lever} {target}") + sure


def stands(incident: Incident) -> list[str]:
    """A line for each thing that stands; of very many one for each lever and connection, with their number."""
    if len(incident.standing) <= MANY:
        return [pull_line(pull) for pull in incident.standing]
    return grouped(_where_it_stands(incident))


def grouped(told: Iterable[tuple[str, str]]) -> list[str]:
    """Of many, each kind of thing with its number and the first of whose it is."""
    found: dict[str, list[str]] = {}
    for kind, name in told:
        found.setdefault(kind, []).append(name)
    return [f"{len(names)} x {kind}: {some(list(dict.fromkeys(names)), 3)}" for kind, names in found.items()]


def _where_it_stands(incident: Incident) -> Iterator[tuple[str, str]]:
    for pull in incident.standing:
        change, run = pull.facts.change, incident.runs[pull.run]
        lever = f"{change.lever} via {change.target.get('connection', '')}" if change else "unknown lever"
        sure = "" if pull.facts.changed else ", outcome UNKNOWN"
        yield plain(f"{lever}{sure}"), run.plan.runbook.system


def _target(target: Mapping[str, Json]) -> str:
    """Where it is and what it is called; of a whole request only its method and path."""
    return ", ".join(f"{key}={said}" for key, said in ((key, _short(value)) for key, value in target.items()) if said)


def _short(value: Json) -> str:
    """A field in a few words; '' for what only a program reads."""
    if isinstance(value, Mapping):
        return " ".join(str(value[key]) for key in ("method", "path") if isinstance(value.get(key), str))
    if value is None or isinstance(value, (list, tuple)):
        return ""
    text = value if isinstance(value, str) else canonical(value).decode()
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def run_line(run: RunFacts) -> str:
    """One run, its verdict and the proof."""
    if not run.verdicts:
        ended = run.ended["verdict"].replace("_", " ") if run.ended else "running"
        return f"{run.id}  {run.verb.value} {run.plan.runbook.system}  {ended}"
    last = run.verdicts[-1]
    verdict = last.verdict.value.replace("_", " ").upper()
    return f"{run.id}  {run.verb.value} {run.plan.runbook.system}  {verdict}  {proof(last.proof.to_json())}"


def runs_told(incident: Incident) -> list[str]:
    """A line for each run; of very many one for each thing that they came to, with their number."""
    runs = list(incident.runs.values())
    if len(runs) <= MANY:
        return [run_line(run) for run in runs]
    return grouped((f"{run.verb.value}  {_came_to(run)}", run.plan.runbook.system) for run in runs)


def _came_to(run: RunFacts) -> str:
    if run.verdicts:
        return run.verdict.value.replace("_", " ").upper()
    return str(run.ended["verdict"]).replace("_", " ") if run.ended else "running"


def timeline(entries: Iterable[Entry]) -> list[str]:
    """Each entry with its time in UTC and who did it."""
    return [f"{entry.at[:19]}Z  {entry.actor:<24}  {line(entry)}" for entry in entries]


def summary(session: Session, incident: Incident) -> str:
    """What is pasted into chat: enough to take over with, nothing to scroll through."""
    now = session.clock.now()
    system = next(iter(incident.systems))
    trigger = instants.write(incident.trigger_at)[:16]
    lines = [
        headline(incident),
        f"As of {instants.write(now)[:16]}Z, {clock(incident, now)} since the trigger at {trigger}Z",
        f"Systems: {some(incident.systems, NAMED)}",
        f"Verdict: {verdict_words(incident)}",
    ]
    seats = [f"{seat.value.replace('_', ' ')} {person}" for seat, person in incident.seats.items()]
    lines.append(f"Seats: {', '.join(seats) or 'nobody seated'}")
    standing = stands(incident)
    lines += ["Still standing:", *(f"  - {text}" for text in standing)] if standing else ["Still standing: nothing"]
    analysis = awaited(session, incident)
    lines += [f"Written analysis: {analysis.line}"] if analysis else []
    said = [note for note in incident.notes if note.about == "note" and note.text]
    lines += [f"Last note ({note.at[11:16]}Z, {note.actor}): {plain(note.text or '')}" for note in said[-1:]]
    lines.append(f"Look: psfir incident show {incident.id}   Kill more: psfir kill {system} --incident {incident.id}")
    return "\n".join(lines)


def to_json(incident: Incident, now: datetime, analysis: Awaited | None = None) -> dict[str, Json]:
    """The same for programs."""
    end = instants.read(incident.resolved_at) if incident.resolved_at else now
    return {
        "id": incident.id,
        "title": incident.title,
        "status": incident.status.value,
        "severity": incident.severity.value,
        "case": incident.case.value if incident.case else None,
        "systems": list(incident.systems),
        "flags": list(flags(incident)),
        "break_glass": [approval.to_json() for approval in incident.broke_glass],
        "unverified": [{"name": c.text, "reason": c.about, "at": c.at, "actor": c.actor} for c in incident.claims],
        "trigger": {"at": instants.write(incident.trigger_at), "source": incident.trigger_source},
        "seconds_since_trigger": round(max(0.0, (end - incident.trigger_at).total_seconds()), 3),
        "declared": {"at": instants.write(incident.declared_at), "by": incident.declared_by},
        "resolved_at": incident.resolved_at or None,
        "analysis": analysis.to_json() if analysis else None,
        "merged_into": incident.merged_into or None,
        "seats": {seat.value: person for seat, person in incident.seats.items()},
        "verdict": incident.verdict.value if incident.verdict else None,
        "standing": [_pull_json(pull) for pull in incident.standing],
        "runs": [_run_json(run) for run in incident.runs.values()],
        "plans": [_plan_json(incident, digest) for digest in incident.plans],
        "approvals": [approval.to_json() for approval in incident.approvals],
    }


def entry_json(entry: Entry) -> dict[str, Json]:
    """One line of the timeline for programs."""
    return {
        "seq": entry.seq,
        "at": entry.at,
        "actor": entry.actor,
        "channel": entry.channel,
        "kind": entry.kind,
        "line": line(entry),
    }


def _pull_json(pull: Pull) -> dict[str, Json]:
    change = pull.facts.change
    return {
        "run": pull.run,
        "step": pull.key[0],
        "rung": pull.key[1],
        "sure": pull.facts.changed,
        "lever": change.lever if change else None,
        "target": dict(change.target) if change else None,
    }


def _run_json(run: RunFacts) -> dict[str, Json]:
    last = run.verdicts[-1] if run.verdicts else None
    return {
        "id": run.id,
        "verb": run.verb.value,
        "system": run.plan.runbook.system,
        "runbook": run.plan.runbook.id,
        "digest": run.plan.digest,
        "began": run.at,
        "actor": run.actor,
        "ended": run.ended is not None,
        "outcome": run.ended["verdict"] if run.ended else None,
        "verdict": last.verdict.value if last else None,
        "why": last.why if last else None,
        "proof": last.proof.to_json() if last else None,
    }


def _plan_json(incident: Incident, digest: str) -> dict[str, Json]:
    plan = incident.plans[digest]
    return {
        "digest": digest,
        "short": short(digest),
        "verb": plan.verb.value,
        "system": plan.runbook.system,
        "runbook": plan.runbook.id,
        "rungs": len(plan.rungs),
    }
