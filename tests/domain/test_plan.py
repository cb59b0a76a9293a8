"""A plan and the digest that names it: another process reads the same plan, and a changed byte has another name."""

import copy
import pickle
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psfir.domain import runbook
from psfir.domain.canon import Json
from psfir.domain.change import Change, NothingToDo
from psfir.domain.modes import Mode, PlanCase
from psfir.domain.plan import Plan, PlannedRung, Verb
from psfir.domain.runbook import ApprovalRule, CaptureUse, OnFailure, ProbeUse, Runbook, Rung, Step
from tests.domain.parts import CHANGES, RUNBOOKS, plans, read_back

RUNG = Rung("memory.switch", {"connection": "here", "names": ["a", "b"]}, {"on": False}, 30.0)
BOOK = Runbook(
    "off",
    "Off",
    "support-assistant",
    Mode.DISABLE,
    (Step("stop", (RUNG, replace(RUNG, lever="http.request"))), Step("cut", (RUNG,), after=("stop",))),
    (ProbeUse("effect", "http", {"connection": "here"}, {"json": {"on": False}}),),
    capture=(CaptureUse("http.get", {"connection": "here"}),),
)
CHANGE = Change("memory.switch", RUNG.target, {"on": True}, {"on": False}, "off", "v7", {"etag": "x"})
PLANNED = PlannedRung("stop", 0, RUNG, change=CHANGE, source="psfir 1.0")
NOTHING = PlannedRung("cut", 0, RUNG, nothing=NothingToDo("is off already", {"on": False}))
UNREAD = PlannedRung("stop", 1, RUNG, unreadable="no answer")


def plan(verb: Verb = Verb.KILL, *rungs: PlannedRung, book: Runbook = BOOK) -> Plan:
    return Plan(verb, book, rungs or (PLANNED, UNREAD, NOTHING))


def with_change(verb: Verb, **fields: Any) -> Plan:
    return plan(verb, replace(PLANNED, change=replace(CHANGE, **fields)), UNREAD, NOTHING)


def with_book(**fields: Any) -> Plan:
    return plan(book=replace(BOOK, **fields))


def with_rung(**fields: Any) -> Plan:
    return plan(Verb.KILL, replace(PLANNED, rung=replace(RUNG, **fields)), UNREAD, NOTHING)


@settings(max_examples=15)
@given(RUNBOOKS)
def test_a_runbook_reads_back(book: Runbook) -> None:
    """Through JSON, with every field: a run under way holds the runbook that it began with."""
    assert runbook.from_json(read_back(runbook.to_json(book))) == book


@given(CHANGES)
def test_a_change_reads_back(change: Change) -> None:
    """Another process can restore from it."""
    assert Change.from_json(read_back(change.to_json())) == change


@settings(max_examples=15)
@given(plans())
def test_a_plan_reads_back(drawn: Plan) -> None:
    """The same plan, by the same name."""
    found = Plan.from_json(read_back(drawn.to_json()))
    assert found == drawn
    assert found.digest == drawn.digest == drawn.to_json()["digest"]


def test_how_lists_and_numbers_are_kept_says_nothing() -> None:
    """A tuple is a list and 1.0 is 1 once the plan has been through JSON: its name is the same before and after."""
    target: Mapping[str, Json] = {"connection": "here", "names": ("a", "b"), "count": 1.0}
    rung = replace(RUNG, target=target, within=30)
    change = replace(CHANGE, target=target, before={"replicas": 3.0}, after=({"replicas": 0.0},))
    for verb in Verb:
        drawn = plan(verb, replace(PLANNED, rung=rung, change=change))
        assert Plan.from_json(read_back(drawn.to_json())).digest == drawn.digest


def test_a_kill_is_named_by_where_it_goes_and_not_by_where_it_starts() -> None:
    """An autoscaler that moves the target meanwhile does not void the approval."""
    moved = with_change(Verb.KILL, before={"on": "half"}, version="v8", detail={"etag": "y"}, why="still off")
    assert moved.digest == plan().digest
    assert (
        plan(Verb.KILL, replace(PLANNED, notes=("an autoscaler is at work",)), UNREAD, NOTHING).digest == plan().digest
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"before": {"on": None}},
        {"after": {"on": None}},
        {"version": None},
        {"detail": {}},
        {"why": "Off"},
        {"lever": "http.request"},
        {"target": {}},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_restore_is_named_by_the_whole_change(fields: dict[str, Any]) -> None:
    """Everything it puts back was recorded, so any difference is another plan."""
    assert with_change(Verb.RESTORE, **fields).digest != plan(Verb.RESTORE).digest


OTHERS: dict[str, Plan] = {
    "verb": plan(Verb.RESTORE),
    "containment": replace(plan(), containment="run-1"),
    "after": with_change(Verb.KILL, after={"on": None}),
    "a rung less": plan(Verb.KILL, PLANNED, UNREAD),
    "another order": plan(Verb.KILL, UNREAD, PLANNED, NOTHING),
    "another step": plan(Verb.KILL, replace(PLANNED, step="cut"), UNREAD, NOTHING),
    "another index": plan(Verb.KILL, replace(PLANNED, index=1), UNREAD, NOTHING),
    "another distribution": plan(Verb.KILL, replace(PLANNED, source="evil 1.0"), UNREAD, NOTHING),
    "unreadable": plan(Verb.KILL, replace(PLANNED, change=None, unreadable="no answer"), UNREAD, NOTHING),
    "lever": with_rung(lever="memory.switch2"),
    "target": with_rung(target={"connection": "there", "names": ["a", "b"]}),
    "target's order": with_rung(target={"connection": "here", "names": ["b", "a"]}),
    "set": with_rung(set={"on": 0}),
    "within": with_rung(within=30.001),
    "retries": with_rung(retries=1),
    "id": with_book(id="of"),
    "title": with_book(title="off"),
    "system": with_book(system="another"),
    "mode": with_book(mode=Mode.DEGRADE),
    "covers": with_book(covers=(PlanCase.DATA_LEAKAGE,)),
    "deadline": with_book(deadline=899.0),
    "deadline's reason": with_book(deadline_reason="slow IAM"),
    "approval": with_book(approval=ApprovalRule(kill=2)),
    "playbook": with_book(playbook="leak"),
    "capture": with_book(capture=()),
    "on_failure": with_book(on_failure=OnFailure.STOP),
    "alters_evidence": with_book(alters_evidence=True),
    "steps": with_book(steps=BOOK.steps[:1]),
    "ladder": with_book(steps=(replace(BOOK.steps[0], ladder=BOOK.steps[0].ladder[::-1]), BOOK.steps[1])),
    "after another step": with_book(steps=(BOOK.steps[0], replace(BOOK.steps[1], after=()))),
    "verify": with_book(verify=()),
    "soak": with_book(verify=(replace(BOOK.verify[0], soak=0.0),)),
    "expect": with_book(verify=(replace(BOOK.verify[0], expect={"json": {"on": True}}),)),
}


def test_having_been_asked_for_its_digest_changes_nothing() -> None:
    """It is worked out once, is no part of the value, and what is made from that value has its own."""
    asked, fresh = plan(), plan()
    assert asked.digest is asked.digest
    assert asked == fresh
    assert copy.deepcopy(asked) == fresh
    assert pickle.loads(pickle.dumps(asked)).digest == fresh.digest  # noqa: S301 - our own bytes
    assert replace(asked, containment="run-2").digest != asked.digest


def test_every_other_plan_has_another_name() -> None:
    """Change a byte of what is approved and the approval is for something else."""
    names = {drawn.digest for drawn in OTHERS.values()}
    assert len(names) == len(OTHERS)
    assert plan().digest not in names


@settings(max_examples=15)
@given(plans(), st.data())
def test_whatever_is_altered_in_the_runbook_is_seen(drawn: Plan, data: st.DataObject) -> None:
    """Any one value anywhere in the recorded runbook."""
    recorded = read_back(drawn.to_json())
    book = recorded["runbook"]
    spots = [(book, key) for key in ("title", "deadline_reason", "playbook")] + [(book["approval"], "within")]
    spots += [(step, "title") for step in book["steps"]]
    spots += [(rung, "lever") for step in book["steps"] for rung in step["ladder"]]
    spots += [(use, "within") for use in (*book["verify"], *book["capture"])]
    holder, key = data.draw(st.sampled_from(spots))
    holder[key] = holder[key] + ("x" if isinstance(holder[key], str) else 1)
    assert Plan.from_json(recorded).digest != drawn.digest


@pytest.mark.parametrize(
    ("planned", "after"), [(PLANNED, {"on": False}), (NOTHING, {"on": False}), (UNREAD, None)], ids=["c", "n", "u"]
)
def test_what_the_world_is_to_become(planned: PlannedRung, after: object) -> None:
    """From the change, from what is so already, or not known because it could not be read."""
    assert planned.after == after


def test_that_nothing_is_left_to_do_goes_by_the_same_name() -> None:
    """A world that is already there needs no second approval."""
    done = PlannedRung("stop", 0, RUNG, nothing=NothingToDo("is off already", {"on": False}), source="psfir 1.0")
    assert plan(Verb.KILL, done, UNREAD, NOTHING).digest == plan().digest


def test_the_ladder_of_one_step() -> None:
    """Top first, and nothing of other steps."""
    assert plan().of("stop") == (PLANNED, UNREAD)
    assert plan().of("nowhere") == ()


def test_the_longest_soak_counts() -> None:
    """And a runbook without probes has none."""
    probes = tuple(replace(BOOK.verify[0], soak=soak) for soak in (60.0, 240.0, 0.0))
    assert replace(BOOK, verify=probes).soak == 240.0
    assert replace(BOOK, verify=()).soak == 0.0


@pytest.mark.parametrize("use", [RUNG, BOOK.verify[0], BOOK.capture[0]], ids=["rung", "probe", "capture"])
def test_each_part_names_its_connection(use: Rung | ProbeUse | CaptureUse) -> None:
    """The one its target says, and none where it says none."""
    assert use.connection == "here"
    assert replace(use, target={}).connection == ""
