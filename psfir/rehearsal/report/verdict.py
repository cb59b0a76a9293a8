"""What a drill shows, and above all what it does not: in words that nobody can read as more than it was."""

from __future__ import annotations

from collections.abc import Iterator

from psfir.domain.durations import show
from psfir.rehearsal.clock import SECOND
from psfir.rehearsal.report.material import Material, shown
from psfir.rehearsal.report.times import in_time, measures
from psfir.rehearsal.score import proves_deadline
from psfir.rehearsal.state import Stage
from psfir.rehearsal.words import Level

_TABLETOP = "It measured decision time only. No lever was pulled, so it never proves the 15 minutes."
_NOT: dict[Level, tuple[str, ...]] = {
    Level.TABLETOP: ("no lever was pulled and no probe looked: what was decided was not carried out",),
    Level.FUNCTIONAL: ("whatever was pulled and looked at was on the range, a simulated estate, not in production",),
    Level.LIVE: ("only what the approved containment named was contained; nothing else of production was touched",),
}


def deadline(material: Material) -> str:
    """What it says about containing within 15 minutes of the trigger."""
    if material.scenario.level is Level.TABLETOP:
        return _TABLETOP
    if not proves_deadline(material.state):
        return f"It proves nothing about the 15 minutes: {'; '.join(material.score.practice)}."
    found = next(one for one in measures(material) if one.name == "contain")
    if found.took is None:
        return f"Containment was not proven within the 15 minutes: {found.why}."
    took = shown(max(found.took, found.real or 0))
    where = " on the range" if material.scenario.level is Level.FUNCTIONAL else ""
    if in_time(material):
        return f"Containment was proven {took} after the trigger{where}: within the 15 minutes."
    return f"Containment was proven {took} after the trigger{where}: NOT within the 15 minutes."


def not_done(material: Material) -> Iterator[str]:
    """Everything that was not real: the level, the speed, practice, faults, roles and injects that were left out."""
    state, scenario = material.state, material.scenario
    yield from _NOT[scenario.level]
    if scenario.level is not Level.LIVE:
        yield "no message left the folder of the drill: nobody outside was told, and no reply was real"
    if state.clock.compressed:
        speeds = dict.fromkeys(str(one.speed) for one in state.clock.stretches if one.speed)
        yield f"time ran at {', '.join(speeds)} times its speed: compressed time is never evidence of how long it takes"
    yield from (f"practice, not evidence: {why}" for why in material.score.practice)
    still = _still(material)
    if still:
        yield f"the clock stood still for {show(still)}: scenario time leaves that out, and people went on thinking"
    never = [fault.fault for number, fault in enumerate(scenario.faults) if number not in state.faults]
    if never:
        yield f"faults that never began: {', '.join(never)}"
    absent = [name for name, role in scenario.roles.items() if role.required and not state.joined.get(name)]
    if absent:
        yield f"roles that nobody played: {', '.join(absent)}"
    unseen = [one.id for one in scenario.injects if state.injects[one.id].stage is not Stage.FIRED]
    if unseen:
        yield f"injects that never came: {', '.join(unseen)}"


def _still(material: Material) -> int:
    """Whole seconds of real time in which the clock stood still, between the start and the end."""
    stretches, last = material.state.clock.stretches, material.log[-1].real
    ends = [*(one.since for one in stretches[1:]), last]
    still = sum(max(0, min(end, last) - one.since) for one, end in zip(stretches, ends, strict=True) if not one.speed)
    return still // SECOND
