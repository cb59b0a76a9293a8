"""How a containment ends on the screen: the verdict, the proof, what stands, and the three next commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from psfir.app.incident_view import stands
from psfir.app.session import Session
from psfir.app.whom import whom
from psfir.cli import show
from psfir.cli.desk import Desk
from psfir.domain.incident import Incident
from psfir.domain.people import Deed
from psfir.domain.run import RunFacts
from psfir.domain.tally import crowded
from psfir.domain.timeline import proof
from psfir.domain.values import frozen
from psfir.domain.verdict import Verdict, worst
from psfir.domain.wording import plain

EXIT = {Verdict.CONTAINED: 0, Verdict.PARTIAL: 4, Verdict.NOT_CONTAINED: 1, Verdict.UNKNOWN: 6}
CHANGED_NOT_PROVEN = 5


def code_of(runs: Sequence[RunFacts], *, left_out: bool = False) -> int:
    """The documented exit code of containments together: the worst of them. What was `left_out` is not contained."""
    if any(run.ended is None or (not run.plan.runbook.verify and _moved(run)) for run in runs):
        return CHANGED_NOT_PROVEN
    if all(not run.plan.runbook.verify and not any(rung.unsure for rung in run.rungs.values()) for run in runs):
        return EXIT[Verdict.NOT_CONTAINED]
    code = EXIT[_verdict(runs, left_out=left_out)]
    unsoaked = any(run.plan.runbook.soak > 0 and not (run.ended and run.ended["soaked"]) for run in runs)
    return CHANGED_NOT_PROVEN if code == 0 and unsoaked else code


def _verdict(runs: Sequence[RunFacts], *, left_out: bool) -> Verdict:
    return worst([*(run.verdict for run in runs), *([Verdict.NOT_CONTAINED] if left_out else [])])


def _moved(run: RunFacts) -> bool:
    return any(rung.changed for rung in run.rungs.values())


@frozen
class Next:
    """A command that comes next, and whom to ask for it where it is not for whoever reads this."""

    command: str
    whom: str = ""

    def __str__(self) -> str:
        return f"{self.whom}: {self.command}" if self.whom else self.command


@frozen
class End:
    """What a command's containments came to; `left_out` are systems that it was to contain and did not, and why."""

    command: str
    incident: Incident
    runs: Sequence[RunFacts]
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> int:
        return code_of(self.runs, left_out=bool(self.left_out))

    @property
    def verdict(self) -> Verdict:
        return _verdict(self.runs, left_out=bool(self.left_out))


def lines(end: End, following: Sequence[Next]) -> list[str]:
    """The last lines a person reads."""
    out = [""]
    if crowded([run.plan for run in end.runs]):
        from psfir.cli.fleet import ended  # few kills are of many

        out += ended(end.runs, list(end.left_out))
    else:
        for run in end.runs:
            out += _one(run)
        out += [show.loud(show.hanging("left out", plain(f"{name}: {why}"))) for name, why in end.left_out.items()]
    standing = stands(end.incident)
    out += ["  still standing:", *(f"    {text}" for text in standing)] if standing else ["  nothing stands"]
    out += ["  next:", *(f"    {one}" for one in following)]
    return out


def _one(run: RunFacts) -> list[str]:
    word = show.verdict(run.verdict.value) if run.verdicts else "NO VERDICT"
    if run.verdicts and not run.plan.runbook.verify:
        word = "CHANGED, NOT PROVEN" if _moved(run) else "NOT CHANGED"
    out = [f"{show.heading(run.plan.runbook.system)}  {word}"]
    if run.verdicts:
        last = run.verdicts[-1]
        out.append(f"  proof: {proof(last.proof.to_json())}")
        if last.why:
            out.append(show.hanging("why:", plain(last.why)))
    missing = [plain(e["source"]) for e in run.no_evidence]
    if missing:
        out.append(f"  evidence MISSING from: {', '.join(missing)}")
    if run.unsoaked:
        out.append("  the soak was not watched to its end: psfir verify finishes it")
    return out


def _following(session: Session, end: End) -> list[Next]:
    """Three at most, the most urgent first."""
    incident, runs = end.incident, end.runs
    if any(run.ended is None for run in runs):
        return [Next(f"psfir status {incident.id} --watch"), Next(f"psfir resume {incident.id}")]
    commands = []
    verdict = worst(run.verdict for run in runs)
    if verdict is not Verdict.CONTAINED:
        climbable = [run for run in runs if run.verdict is not Verdict.CONTAINED and run.left]
        which = f"--incident {incident.id}" if len(climbable) > 1 else ""
        commands += [f"psfir kill {which or run.plan.runbook.system} --climb" for run in climbable[:1]]
        commands.append(f"psfir verify {incident.id}")
    if verdict is Verdict.CONTAINED and any(run.unsoaked for run in runs):
        commands.append(f"psfir verify {incident.id}")
    playbooks = [run.plan.runbook.playbook for run in runs if run.plan.runbook.playbook]
    commands += [f"psfir playbook show {name}" for name in dict.fromkeys(playbooks)]
    commands += [f"psfir incident show {incident.id}"]
    following = [Next(command) for command in commands]
    if incident.standing:
        following.append(Next(f"psfir restore {incident.id}", whom(session, incident, Deed.RESTORE)))
    return following[:3]


def finish(desk: Desk, session: Session, end: End) -> int:
    """Say it, for people or as the last line of the stream; the exit code."""
    heads, incident = session.journal.heads(), end.incident
    following = _following(session, end)
    for text in lines(end, following):
        desk.say(text)
    desk.say(show.dim(f"  record head {heads[0]}:{heads[1]}"))
    result: dict[str, Any] = {
        "incident": incident.id,
        "verdict": end.verdict.value,
        "exit": end.code,
        "runs": [run_json(run) for run in end.runs],
        "left_out": dict(end.left_out),
        "standing": [{"run": p.run, "step": p.key[0], "rung": p.key[1]} for p in incident.standing],
        "next": [one.command for one in following if not one.whom],
        "head": {"seq": heads[0], "hash": heads[1]},
    }
    desk.event("result", {"schema": f"psfir.out.{end.command}/1", **result})
    return end.code


def run_json(run: RunFacts) -> dict[str, Any]:
    """One run in the result."""
    last = run.verdicts[-1] if run.verdicts else None
    return {
        "run": run.id,
        "system": run.plan.runbook.system,
        "runbook": run.plan.runbook.id,
        "plan": run.plan.digest,
        "verdict": run.verdict.value,
        "why": last.why if last else "",
        "proof": last.proof.to_json() if last else None,
        "soaked": bool(run.ended and run.ended["soaked"]),
        "ended": run.ended is not None,
        "rungs": [
            {
                "step": rung.step,
                "rung": rung.index,
                "result": rung.outcome.result.value if rung.outcome else "unknown",
                "says": rung.outcome.says if rung.outcome else "",
                "held": rung.look.held.value if rung.look else None,
            }
            for rung in run.rungs.values()
        ],
    }
