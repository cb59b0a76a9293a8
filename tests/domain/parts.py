"""What the tests of the words are made of: JSON values, and the parts of runbooks and plans, in all their shapes."""

import json
from typing import Any

from hypothesis import strategies as st

from psfir.domain.canon import Json
from psfir.domain.change import Change, NothingToDo
from psfir.domain.modes import Mode, PlanCase
from psfir.domain.plan import Plan, PlannedRung, Verb
from psfir.domain.runbook import ApprovalRule, CaptureUse, OnFailure, ProbeUse, Runbook, Rung, Step

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT
JSON: st.SearchStrategy[Json] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=8
)
OBJECTS = st.dictionaries(TEXT, JSON, max_size=3)
SPANS = st.integers(0, 900).map(float)
IDS = st.text("abcdefgh-", min_size=1, max_size=6)


def read_back(value: Json) -> dict[str, Any]:
    """What another process gets to see of an object."""
    found: dict[str, Any] = json.loads(json.dumps(value))
    return found


RUNGS = st.builds(Rung, lever=IDS, target=OBJECTS, set=OBJECTS, within=SPANS, retries=st.integers(0, 3))
PROBES = st.builds(
    ProbeUse,
    id=IDS,
    probe=IDS,
    target=OBJECTS,
    expect=OBJECTS,
    times=st.integers(1, 9),
    every=SPANS,
    each=SPANS,
    within=SPANS,
    soak=SPANS,
)
CAPTURES = st.builds(CaptureUse, source=IDS, target=OBJECTS, within=SPANS)
RULES = st.builds(
    ApprovalRule,
    kill=st.integers(1, 3),
    restore=st.integers(1, 3),
    within=SPANS,
    expires=SPANS,
    mistake=SPANS,
    signed=st.booleans(),
)


@st.composite
def steps(draw: st.DrawFn, rungs: st.SearchStrategy[Rung] = RUNGS) -> tuple[Step, ...]:
    """Steps with ids of their own, each `after` any of those before it."""
    made: list[Step] = []
    for number in range(draw(st.integers(1, 5))):
        earlier = [step.id for step in made]
        after = draw(st.lists(st.sampled_from(earlier), unique=True)) if earlier else []
        ladder = draw(st.lists(rungs, min_size=1, max_size=3))
        made.append(Step(f"s{number}", tuple(ladder), draw(TEXT), tuple(after)))
    return tuple(draw(st.permutations(made)))


RUNBOOKS = st.builds(
    Runbook,
    id=IDS,
    title=TEXT,
    system=IDS,
    mode=st.sampled_from(Mode),
    steps=steps(),
    verify=st.lists(PROBES, max_size=3).map(tuple),
    covers=st.lists(st.sampled_from(PlanCase), unique=True).map(tuple),
    deadline=SPANS,
    deadline_reason=TEXT,
    approval=RULES,
    playbook=IDS,
    capture=st.lists(CAPTURES, max_size=3).map(tuple),
    on_failure=st.sampled_from(OnFailure),
    alters_evidence=st.booleans(),
)
CHANGES = st.builds(
    Change,
    lever=IDS,
    target=OBJECTS,
    before=JSON,
    after=JSON,
    why=TEXT,
    version=st.none() | TEXT,
    detail=OBJECTS,
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A plan in which each rung has a change, has nothing to do, or could not be read."""
    book = draw(RUNBOOKS)
    planned: list[PlannedRung] = []
    for step in book.steps:
        for index, rung in enumerate(step.ladder):
            found: dict[str, Any] = draw(
                st.fixed_dictionaries({"change": CHANGES})
                | st.fixed_dictionaries({"nothing": st.builds(NothingToDo, why=TEXT, after=JSON)})
                | st.fixed_dictionaries({"unreadable": TEXT.filter(bool)})
            )
            notes = tuple(draw(st.lists(TEXT, max_size=2)))
            planned.append(PlannedRung(step.id, index, rung, notes=notes, source=draw(TEXT), **found))
    return Plan(draw(st.sampled_from(Verb)), book, tuple(planned), draw(TEXT))
