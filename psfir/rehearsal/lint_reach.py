"""Whether all of a scenario can come to pass: injects in its time, after what can happen, and not in a circle."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain.durations import show
from psfir.domain.values import frozen
from psfir.rehearsal.drill_rules import Draft
from psfir.rehearsal.expectation import Expectation, Expects
from psfir.rehearsal.inject import After, At, Inject
from psfir.rehearsal.scenario import Scenario
from psfir.rehearsal.words import Met

_RULE = "unreachable"
_PARTLY = frozenset({Expects.CONTAINMENT, Expects.MANUAL})


@frozen
class _Reach:
    """The earliest second of each inject that can come, and why each other cannot."""

    earliest: Mapping[str, int]
    why: Mapping[str, str]


def cycles(draft: Draft) -> None:
    """No inject waits for itself, by however many others."""
    before = _before(draft.scenario)
    told: set[str] = set()
    for number, inject in enumerate(draft.scenario.injects):
        path, name = [inject.id], before.get(inject.id, "")
        while name and name not in path and name not in told:
            path.append(name)
            name = before.get(name, "")
        if name and name == inject.id:
            draft.add(("injects", number, "after"), f"waits for itself: {' after '.join([*path, name])}", "cycle")
            told |= set(path)


def unreachable(draft: Draft) -> None:
    """Each inject can come before the end."""
    around = _around(draft.scenario)
    for number, inject in enumerate(draft.scenario.injects):
        why = _reach(draft.scenario).why.get(inject.id)
        if why and inject.id not in around:
            draft.add(("injects", number), f"{inject.id} can never come: {why}", _RULE)


def conditions(draft: Draft) -> None:
    """What a condition asks for can be so while the drill runs."""
    expected = draft.scenario.expected
    for number, inject in enumerate(draft.scenario.injects):
        for test in inject.only_if.tests if inject.only_if else ():
            one = expected.get(test.expectation)
            flaw = _never(one, test.state) if one else ""
            if flaw:
                draft.add(("injects", number, "only_if"), f"{flaw}: this never holds", _RULE)


def cuts(draft: Draft) -> None:
    """All that a cut keeps can come in it."""
    known = {one.id for one in draft.scenario.injects}
    for cut in draft.scenario.cuts:
        if not all(item.inject in known for item in cut.items):
            continue  # told already
        reach = _reach(draft.scenario.cut(cut.name))
        for number, item in enumerate(cut.items):
            if item.inject in reach.why:
                says = f"in this cut {item.inject} can never come: {reach.why[item.inject]}"
                draft.add(("cuts", cut.name, number), says, _RULE)


def _before(scenario: Scenario) -> Mapping[str, str]:
    """For each inject that waits for another's expectation, that other one."""
    expected = scenario.expected
    waits = [(one.id, one.trigger) for one in scenario.injects]
    return {
        name: expected[trigger.expectation].inject
        for name, trigger in waits
        if isinstance(trigger, After) and trigger.expectation in expected
    }


def _around(scenario: Scenario) -> set[str]:
    """Injects from which the way back never ends."""
    before, found = _before(scenario), set()
    for start in before:
        name, seen = start, {start}
        while name := before.get(name, ""):
            if name in seen:
                found.add(start)
                break
            seen.add(name)
    return found


def _reach(scenario: Scenario) -> _Reach:
    expected = scenario.expected
    earliest: dict[str, int] = {}
    why: dict[str, str] = {}
    for _ in range(len(scenario.injects) + 1):  # so long is the longest chain
        for inject in scenario.injects:
            if inject.id in earliest:
                continue
            found = _earliest(inject, expected, earliest)
            if isinstance(found, str):
                why[inject.id] = found
            elif found >= scenario.end.after:
                why[inject.id] = f"it is due after {show(found)}, and the end is after {show(scenario.end.after)}"
            else:
                earliest[inject.id] = found
                why.pop(inject.id, None)
    return _Reach(earliest, why)


def _earliest(inject: Inject, expected: Mapping[str, Expectation], known: Mapping[str, int]) -> int | str:
    trigger = inject.trigger
    if isinstance(trigger, At):
        return trigger.seconds
    if not isinstance(trigger, After):
        return 0
    one = expected.get(trigger.expectation)
    if one is None:
        return f"{trigger.expectation} is not expected here"
    if one.inject and one.inject not in known:
        return f"{one.id} belongs to {one.inject}, which never comes"
    flaw = _never(one, trigger.state)
    if flaw:
        return flaw
    asked = known[one.inject] if one.inject else 0
    late = one.due or 0 if trigger.state is Met.MISSED and one.kind is not Expects.POLL else 0
    return asked + late + trigger.delay


def _never(one: Expectation, state: Met) -> str:
    if state is Met.MISSED and one.due is None and one.kind is not Expects.POLL:
        return f"{one.id} has no `due`, so it is missed only at the end"
    if state is Met.PARTIAL and one.kind not in _PARTLY and one.due is None:
        return f"{one.id} cannot be met in part"
    return ""
