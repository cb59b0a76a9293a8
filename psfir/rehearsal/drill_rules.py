"""What has to hold between the parts of a scenario for it to be played at all: names, triggers, words of each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from psfir.domain.values import frozen
from psfir.loading.nodes import Node
from psfir.loading.problems import Problems
from psfir.rehearsal.expectation import Expectation, Expects
from psfir.rehearsal.inject_file import OWN
from psfir.rehearsal.scenario import Scenario
from psfir.rehearsal.words import Level, Levers

_RULE = "reference"


@frozen
class Draft:
    """A scenario as a rule sees it, with where each part of it stands."""

    scenario: Scenario
    root: Node
    problems: Problems

    def add(self, where: Sequence[str | int], says: str, rule: str, *, warning: bool = False) -> None:
        self.problems.add(self.root.at(*where), says, rule=rule, warning=warning)

    def expectations(self) -> Iterator[tuple[tuple[str | int, ...], Expectation]]:
        """Each with its place."""
        for number, one in enumerate(self.scenario.expectations):
            yield ("expectations", number), one
        for i, inject in enumerate(self.scenario.injects):
            for number, one in enumerate(inject.expect):
                yield ("injects", i, "expect", number), one


def structure(draft: Draft) -> None:
    """Every rule; each says what it finds."""
    for rule in RULES:
        rule(draft)


def ids(draft: Draft) -> None:
    """Injects, expectations and objectives are each called by a name of their own."""
    injects = [(("injects", n), one.id) for n, one in enumerate(draft.scenario.injects)]
    objectives = [(("objectives", n), one.id) for n, one in enumerate(draft.scenario.objectives)]
    for what, found in (
        ("inject", injects),
        ("objective", objectives),
        ("expectation", [(place, one.id) for place, one in draft.expectations()]),
    ):
        seen: set[str] = set()
        for place, name in found:
            if name in seen:
                draft.add((*place, "id"), f"the {what} {name!r} stands here a second time", "duplicate-id")
            seen.add(name)


def roles(draft: Draft) -> None:
    """Whoever is addressed is one of the roles."""
    known = draft.scenario.roles
    placed = [(("injects", n), one.shown.to) for n, one in enumerate(draft.scenario.injects)]
    for place, names in [*placed, *((place, one.to) for place, one in draft.expectations())]:
        for number, name in enumerate(names):
            if name not in known:
                _unknown(draft, (*place, "to", number), "role", name, list(known))


def objectives(draft: Draft) -> None:
    """An expectation is for an objective of the scenario."""
    known = [one.id for one in draft.scenario.objectives]
    for place, one in draft.expectations():
        if one.objective and one.objective not in known:
            _unknown(draft, (*place, "objective"), "objective", one.objective, known)


def triggers(draft: Draft) -> None:
    """Each inject fires in one way, and what it waits for is expected somewhere."""
    known = list(draft.scenario.expected)
    for n, node in enumerate(draft.root.each("injects")):
        given = [key for key in ("at", "after", "by") if node.get(key)]
        if len(given) > 1 or (not given and n > 0):
            named = " and ".join(given) or "none"
            draft.add(("injects", n), f"an inject says one of at, after and by; here it is {named}", "trigger")
        for key in ("is", "delay"):
            if node.get(key) and not node.get("after"):
                draft.add(("injects", n, key), f"{key!r} belongs to an `after`", "trigger")
        waited = node.get("after")
        if waited and waited.text not in known:
            _unknown(draft, ("injects", n, "after"), "expectation", waited.text, known)


def conditions(draft: Draft) -> None:
    """A condition says all or any, and names expectations."""
    places: list[tuple[str | int, ...]] = [("injects", n, "only_if") for n in range(len(draft.scenario.injects))]
    known = list(draft.scenario.expected)
    for place in [*places, ("end", "when")]:
        node = draft.root.at(*place[:-1]).get(str(place[-1]))
        if node is None:
            continue
        if len(node.pairs) != 1:
            draft.add(place, "a condition says either `all` or `any`", "condition")
        for key, value in node.pairs:
            for name, _ in value.pairs:
                if name.text not in known:
                    _unknown(draft, (*place, key.text, name.text), "expectation", name.text, known)


def kinds(draft: Draft) -> None:
    """An expectation has only the words that its kind looks at; `approved` and `mentions` cannot be guessed."""
    every = {key.name for keys in OWN.values() for key in keys}
    for place, one in draft.expectations():
        own = {key.name for key in OWN.get(one.kind, ())}
        for key, _ in draft.root.at(*place).pairs:
            if key.text in every - own:
                says = f"{one.kind.value} does not look at {key.text!r}; {draft.problems.near(key.text, sorted(own))}"
                draft.problems.add(key, says, rule="unknown-key")
        if one.kind is Expects.NOTE and not one.wanted.mentions:
            draft.add(place, "a note needs `mentions`: any note would do", "missing-key")


def polls(draft: Draft) -> None:
    """What is right is one of the options; who is expected to answer has a poll to answer."""
    for n, inject in enumerate(draft.scenario.injects):
        for number, one in enumerate(inject.guide.correct):
            options = inject.shown.poll.options if inject.shown.poll else ()
            if one not in options:
                says = f"{draft.problems.shown(one)} is none of the options; {draft.problems.near(one, options)}"
                draft.add(("injects", n, "poll", "correct", number), says, _RULE)
    asked = {inject.id for inject in draft.scenario.injects if inject.shown.poll}
    for place, expected in draft.expectations():
        if expected.kind is Expects.POLL and expected.inject not in asked:
            draft.add((*place, "kind"), "there is no poll here to answer", _RULE)


def safety(draft: Draft) -> None:
    """A functional drill pulls levers on the range; a live one holds none, it observes."""
    level, levers = draft.scenario.level, draft.scenario.safety.levers
    if level is Level.FUNCTIONAL and levers is not Levers.RANGE:
        draft.add(("safety", "levers"), "a functional drill pulls levers on the range: say `range`", "safety")
    if level is Level.LIVE and levers is not Levers.NONE:
        says = "a live drill holds no lever, it observes an ordinary approved containment: say `none`"
        draft.add(("safety", "levers"), says, "safety")
    if draft.scenario.faults and levers is not Levers.RANGE:
        draft.add(("faults",), "faults are of the range, and this drill has none: say `levers: range`", "safety")


def cuts(draft: Draft) -> None:
    """A cut keeps injects of this scenario, in its own time, and whatever those wait for."""
    known = {one.id: one for one in draft.scenario.injects}
    for cut in draft.scenario.cuts:
        for number, item in enumerate(cut.items):
            place = ("cuts", cut.name, number)
            if item.inject not in known:
                _unknown(draft, place, "inject", item.inject, list(known))
            elif item.at is not None and item.at >= cut.duration:
                draft.add(place, f"it is over after {cut.name}", "cut")


def _unknown(draft: Draft, where: Sequence[str | int], what: str, name: str, known: Sequence[str]) -> None:
    says = f"there is no {what} {draft.problems.shown(name)}; {draft.problems.near(name, known)}"
    draft.add(where, says, _RULE)


RULES: tuple[Callable[[Draft], None], ...] = (
    ids,
    roles,
    objectives,
    triggers,
    conditions,
    kinds,
    polls,
    safety,
    cuts,
)
