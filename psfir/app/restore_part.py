"""Which of what stands is put back: all of it, some systems, or all but what is left; and what would fall with it."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from psfir.domain.canon import canonical
from psfir.domain.incident import Incident
from psfir.domain.plan import PlannedRung
from psfir.domain.run import RunFacts, RungFacts
from psfir.domain.runbook import Rung
from psfir.domain.standing import Pull
from psfir.domain.values import frozen
from psfir.domain.wording import NAMED, some
from psfir.errors import Refusal


@frozen
class Part:
    """`systems` alone, where any is named; without what `leave` names: a run's step, a run, or a system."""

    systems: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()

    def leaves(self, run: RunFacts) -> bool:
        """Whether what that run did is meant to stay."""
        system = run.plan.runbook.system
        return bool(self.systems and system not in self.systems) or bool({system, run.id} & set(self.leave))


WHOLE = Part()


def chosen(incident: Incident, part: Part) -> list[Pull]:
    """Oldest first; Refusal where a word names nothing that stands, or nothing is left to put back."""
    standing = incident.standing
    known = {word for pull in standing for word in _words(incident, pull)}
    known |= {run.plan.runbook.system for run in incident.contained}
    for word in (*part.systems, *part.leave):
        if word not in known:
            near = get_close_matches(word, known, n=1)
            names = some(list(dict.fromkeys(_words(incident, pull)[0] for pull in standing)), NAMED)
            todo = f"did you mean {near[0]}?" if near else f"standing: {names}"
            raise Refusal(f"nothing called {word} stands", todo=todo)
    pulls = [
        pull
        for pull in standing
        if not set(_words(incident, pull)) & set(part.leave)
        and (not part.systems or _system(incident, pull) in part.systems)
    ]
    if not pulls:
        raise _nothing(incident, part)
    return pulls


def _nothing(incident: Incident, part: Part) -> Refusal:
    """A system that changed nothing may still be off, by what another one changed."""
    for name in dict.fromkeys(_system(incident, pull) for pull in incident.standing):
        others = [pull for pull in incident.standing if _system(incident, pull) == name]
        for run, what in resting(incident, others).items():
            system = incident.runs[run].plan.runbook.system
            if system in part.systems:
                said = f"{system} changed nothing itself: {what} was changed by {name}, which it also keeps contained"
                return Refusal(said, todo=f"restore {name} as well")
    return Refusal(f"nothing that psfir changed in {incident.id} still stands")


def resting(incident: Incident, pulls: list[Pull]) -> dict[str, str]:
    """Runs of other systems that hold by the very targets of these pulls, and by which: they found them changed."""
    back: dict[bytes, set[str]] = {}
    for pull in pulls:
        if change := pull.facts.change:
            back.setdefault(canonical([change.lever, change.target]), set()).add(_system(incident, pull))
    found: dict[str, str] = {}
    for run in incident.contained:
        for planned in run.plan.rungs:
            facts = run.rungs.get((planned.step, planned.index))
            if facts is None or not facts.held:
                continue
            by = back.get(_target(planned, facts))
            if by and run.plan.runbook.system not in by:
                found[run.id] = f"{planned.rung.lever} of step {planned.step}"
    return found


def rungs_of(incident: Incident) -> Callable[[Pull], Rung]:
    """The rung that was pulled, by its run's plan."""
    known = {
        (run.id, (planned.step, planned.index)): planned.rung
        for run in incident.runs.values()
        for planned in run.plan.rungs
    }
    return lambda pull: known[pull.run, pull.key]


def _words(incident: Incident, pull: Pull) -> tuple[str, str, str]:
    return f"{pull.run}/{pull.key[0]}", pull.run, _system(incident, pull)


def _system(incident: Incident, pull: Pull) -> str:
    return incident.runs[pull.run].plan.runbook.system


def _target(planned: PlannedRung, facts: RungFacts) -> bytes:
    return canonical([planned.rung.lever, facts.change.target if facts.change else planned.rung.target])
