"""Many runs as people can follow them: one summary in counts, what is wrong by its cause, and no line for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from psfir.cli import show
from psfir.cli.live import Watched
from psfir.domain import durations
from psfir.domain.change import Result
from psfir.domain.entries import Entry
from psfir.domain.plan import Plan, Verb
from psfir.domain.run import RunFacts
from psfir.domain.tally import Tally, tally
from psfir.domain.verdict import Verdict
from psfir.domain.wording import some

EVERY = 5.0
"""Seconds between two summaries where they are printed one below the other."""

SHOWN = 5
"""Causes that are named; the others are counted."""

_VERDICTS = (Verdict.CONTAINED, Verdict.PARTIAL, Verdict.NOT_CONTAINED, Verdict.UNKNOWN)


def head(watched: Watched, plans: Sequence[Plan]) -> str:
    """What is done to how many, and its clock: that of the run which began first."""
    verb, mode = plans[0].verb, plans[0].runbook.mode.value
    count = len({plan.runbook.system for plan in plans})
    systems = plans[0].runbook.system if count == 1 else f"{count} systems"
    runs = list(watched.runs.values())
    if verb is not Verb.KILL or not runs:
        return f"{verb.value} {systems}"
    age = max(watched.age(run) for run in runs)
    left = min(plan.runbook.deadline for plan in plans) - age
    said = f"{durations.clock(left)} left" if left >= 0 else f"LATE by {durations.clock(-left)}"
    return f"{verb.value} {systems}  {mode}  T+{durations.clock(age)}  {said}"


def rows(now: Tally) -> Iterator[tuple[str, str]]:
    """The counts, each with its name; what is nought is left out."""
    pulling = f", {now.pulling} being pulled" if now.pulling else ""
    yield "steps", f"{now.held} of {now.steps} hold{pulling}"
    if now.rungs:
        yield "rungs", ", ".join(f"{_result(result)} {count}" for result, count in now.rungs.items())
    if now.looking:
        yield "probes", f"looking at {now.looking}"
    if now.verdicts:
        yield "verdict", verdicts(now)
    if now.soaking:
        yield "soaking", f"{now.soaking}: do they stay off?"


def verdicts(now: Tally) -> str:
    """`CONTAINED 12, PARTIAL 1`."""
    return ", ".join(f"{_loud(verdict)} {now.verdicts[verdict]}" for verdict in _VERDICTS if verdict in now.verdicts)


def wrong(now: Tally) -> Iterator[str]:
    """What is wrong, by its cause, the most frequent first."""
    for one in now.troubles[:SHOWN]:
        yield one.words()
    if more := now.troubles[SHOWN:]:
        yield f"and {len(more)} other causes, of {some([name for one in more for name in one.systems], 3)}"


class FleetLines:
    """For pipes, logs and people who asked for no colour: a summary every few seconds, and each cause once."""

    def __init__(self, watched: Watched, plans: Sequence[Plan], say: Callable[[str], None]) -> None:
        self._watched = watched
        self._plans = plans
        self._say = say
        self._last = watched.clock.elapsed()
        self._told = ""
        self._causes: set[str] = set()

    def add(self, entry: Entry) -> None:
        self._watched.add(entry)

    def tick(self) -> None:
        if self._watched.clock.elapsed() - self._last >= EVERY:
            self._tell()

    def hold(self) -> None:
        return

    def close(self) -> None:
        self._tell()

    def _tell(self) -> None:
        self._last = self._watched.clock.elapsed()
        now = tally(list(self._watched.runs.values()), self._plans)
        said = "; ".join(f"{name} {text}" for name, text in rows(now))
        if said == self._told:
            return
        self._told = said
        self._say(f"T+{durations.clock(self._age())}  {said}")
        for one in now.troubles:
            if one.like not in self._causes:
                self._causes.add(one.like)
                self._say(f"T+{durations.clock(self._age())}  {one.words()}")

    def _age(self) -> float:
        return max((self._watched.age(run) for run in list(self._watched.runs.values())), default=0.0)


def ended(runs: Sequence[RunFacts], left_out: Sequence[str]) -> list[str]:
    """How a containment of many ends: the verdicts counted, and why each that is not contained is not."""
    now = tally(runs, [run.plan for run in runs])
    out = [show.heading(f"{now.systems + len(left_out)} systems") + f"  {_coloured(now)}"]
    if left_out:
        out.append(show.loud(show.hanging("left out", some(left_out, SHOWN))))
    proofs = [run.verdicts[-1].proof for run in runs if run.verdicts]
    answers, untold = sum(proof.answers for proof in proofs), sum(proof.untold for proof in proofs)
    lost = f", {untold} looks could not tell" if untold else ""
    out.append(show.hanging("proof", f"{answers} probe answers{lost}"))
    out += [show.hanging("why  ", text) for text in wrong(now)]
    out += _besides(runs)
    return out


def _besides(runs: Sequence[RunFacts]) -> Iterator[str]:
    blind = [run.plan.runbook.system for run in runs if run.no_evidence]
    if blind:
        yield show.hanging("evidence MISSING of", some(blind, SHOWN))
    unsoaked = [run.plan.runbook.system for run in runs if run.unsoaked]
    if unsoaked:
        text = f"{len(unsoaked)} were not watched to the end of their soak: psfir verify finishes it"
        yield show.hanging("", text)
    unended = [run.plan.runbook.system for run in runs if run.ended is None]
    if unended:
        yield show.hanging("not ended", some(unended, SHOWN))


def _coloured(now: Tally) -> str:
    said = [show.verdict(verdict.value, f"{now.verdicts[verdict]} {_loud(verdict)}") for verdict in now.verdicts]
    return ", ".join(said) or "NO VERDICT"


def _loud(verdict: Verdict) -> str:
    return verdict.value.replace("_", " ").upper()


def _result(result: Result) -> str:
    return result.value.replace("_", " ")
