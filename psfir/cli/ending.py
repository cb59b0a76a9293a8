"""How a containment ends on the screen: the verdict, the proof, what stands, and the three next commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psfir.app.incident_view import pull_line
from psfir.cli import show
from psfir.cli.desk import Desk
from psfir.domain.incident import Incident
from psfir.domain.run import RunFacts
from psfir.domain.timeline import plain, proof
from psfir.domain.verdict import Verdict, worst

EXIT = {Verdict.CONTAINED: 0, Verdict.PARTIAL: 4, Verdict.NOT_CONTAINED: 1, Verdict.UNKNOWN: 6}
CHANGED_NOT_PROVEN = 5


def code_of(runs: Sequence[RunFacts]) -> int:
    """The documented exit code of containments together: the worst of them."""
    if any(run.ended is None or (not run.plan.runbook.verify and _moved(run)) for run in runs):
        return CHANGED_NOT_PROVEN
    if all(not run.plan.runbook.verify and not any(rung.unsure for rung in run.rungs.values()) for run in runs):
        return EXIT[Verdict.NOT_CONTAINED]
    code = EXIT[worst(run.verdict for run in runs)]
    unsoaked = any(run.plan.runbook.soak > 0 and not (run.ended and run.ended["soaked"]) for run in runs)
    return CHANGED_NOT_PROVEN if code == 0 and unsoaked else code


def _moved(run: RunFacts) -> bool:
    return any(rung.changed for rung in run.rungs.values())


def lines(incident: Incident, runs: Sequence[RunFacts]) -> list[str]:
    """The last lines a person reads."""
    out = [""]
    for run in runs:
        out += _one(run)
    standing = incident.standing
    out += ["  still standing:", *(f"    {pull_line(pull)}" for pull in standing)] if standing else ["  nothing stands"]
    out += ["  next:", *(f"    {command}" for command in next_commands(incident, runs))]
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


def next_commands(incident: Incident, runs: Sequence[RunFacts]) -> list[str]:
    """Three at most, the most urgent first."""
    if any(run.ended is None for run in runs):
        return [f"psfir status {incident.id} --watch", f"psfir resume {incident.id}"]
    commands = []
    verdict = worst(run.verdict for run in runs)
    if verdict is not Verdict.CONTAINED:
        climbable = [run for run in runs if run.verdict is not Verdict.CONTAINED and run.left]
        commands += [f"psfir kill {run.plan.runbook.system} --climb" for run in climbable[:1]]
        commands.append(f"psfir verify {incident.id}")
    if verdict is Verdict.CONTAINED and any(run.unsoaked for run in runs):
        commands.append(f"psfir verify {incident.id}")
    playbooks = [run.plan.runbook.playbook for run in runs if run.plan.runbook.playbook]
    commands += [f"psfir playbook show {name}" for name in dict.fromkeys(playbooks)]
    commands += [f"psfir incident show {incident.id}"]
    if incident.standing:
        commands.append(f"psfir restore {incident.id}")
    return commands[:3]


def finish(desk: Desk, command: str, incident: Incident, runs: Sequence[RunFacts], heads: tuple[int, str]) -> int:
    """Say it, for people or as the last line of the stream; the exit code."""
    code = code_of(runs)
    for text in lines(incident, runs):
        desk.say(text)
    desk.say(show.dim(f"  record head {heads[0]}:{heads[1]}"))
    result: dict[str, Any] = {
        "incident": incident.id,
        "verdict": worst(run.verdict for run in runs).value,
        "exit": code,
        "runs": [run_json(run) for run in runs],
        "standing": [{"run": p.run, "step": p.key[0], "rung": p.key[1]} for p in incident.standing],
        "next": next_commands(incident, runs),
        "head": {"seq": heads[0], "hash": heads[1]},
    }
    desk.event("result", {"schema": f"psfir.out.{command}/1", **result})
    return code


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


def finish_restore(
    desk: Desk, command: str, incident: Incident, runs: Sequence[RunFacts], heads: tuple[int, str]
) -> int:
    """Say how a restore ended; 0 only if every rung reads as it was before."""
    back = all(run.ended is not None and run.ended["verdict"] == "restored" for run in runs)
    rungs = [rung for run in runs for rung in run.rungs.values()]
    done = sum(rung.held for rung in rungs)
    total = sum(len(run.plan.rungs) for run in runs)
    word = "RESTORED" if back else "NOT RESTORED"
    desk.say(f"\n{show.heading(incident.id)}  {word}: {done} of {total} read as they were before")
    for rung in rungs:
        if not rung.held and rung.outcome:
            desk.say(show.hanging("why:", plain(f"{rung.step}: {rung.outcome.says}")))
    standing = [pull_line(pull) for pull in incident.standing]
    desk.say("  still standing: " + ("; ".join(standing) if standing else "nothing"))
    commands = (
        [f"psfir incident resolve {incident.id}", "psfir audit verify"] if back else [f"psfir restore {incident.id}"]
    )
    desk.say("  next:")
    for command_line in commands:
        desk.say(f"    {command_line}")
    desk.say(show.dim(f"  record head {heads[0]}:{heads[1]}"))
    result = {"incident": incident.id, "restored": back, "runs": [run_json(run) for run in runs], "next": commands}
    desk.event("result", {"schema": f"psfir.out.{command}/1", **result, "head": {"seq": heads[0], "hash": heads[1]}})
    return 0 if back else 1
