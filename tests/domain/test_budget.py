"""Fifteen minutes is arithmetic: the critical path, and that no share can grow without the total growing with it."""

import time
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psfir.domain.budget import (
    CONFIRM_SHARE,
    READ_SHARE,
    REREAD_SHARE,
    Budget,
    Share,
    approval_share,
    capture_share,
    critical_path,
    ordered,
    rung_share,
    step_share,
    worst_case,
)
from psfir.domain.modes import Mode
from psfir.domain.runbook import ApprovalRule, CaptureUse, ProbeUse, Runbook, Rung, Step
from tests.domain.parts import RUNBOOKS, steps


def rung(within: float, retries: int = 0) -> Rung:
    return Rung("memory.switch", {"connection": "here"}, {}, within, retries)


GRAPHS = steps(st.builds(rung, st.integers(0, 900).map(float), st.integers(0, 3)))


def step(name: str, within: float, *after: str) -> Step:
    return Step(name, (rung(within),), after=after)


def probe(name: str, within: float) -> ProbeUse:
    return ProbeUse(name, "http", {}, {}, within=within)


def book(*steps_: Step, **fields: Any) -> Runbook:
    return Runbook("off", "Off", "support-assistant", Mode.DISABLE, steps_, (probe("effect", 60.0),), **fields)


def longest(steps_: tuple[Step, ...]) -> float:
    """By brute force: every chain there is."""
    by_id = {one.id: one for one in steps_}

    def ends(one: Step) -> float:
        return step_share(one) + max((ends(by_id[earlier]) for earlier in one.after if earlier in by_id), default=0.0)

    return max((ends(one) for one in steps_), default=0.0)


def test_every_share_from_the_command_to_the_verdict() -> None:
    """In the order in which they are spent, each with how it was worked out; the soak is not among them."""
    runbook = book(
        Step("stop", (rung(30.0, retries=1), rung(90.0))),
        step("cut", 200.0, "stop"),
        step("aside", 10.0),
        approval=ApprovalRule(kill=2, within=120.0),
        capture=(CaptureUse("logs", {}, 5.0), CaptureUse("config", {}, 8.0)),
    )
    budget = worst_case(runbook)
    assert budget.shares == (
        Share("plan", READ_SHARE, "all rungs read side by side"),
        Share("evidence", 8.0, "the slowest capture's share"),
        Share("approval", CONFIRM_SHARE + 120.0, "and 2 people's yes"),
        Share("step stop", 150.0, "memory.switch 30s x2 + memory.switch 1m30s"),
        Share("step cut", 200.0, "memory.switch 3m20s"),
        Share("unknown rungs read again", 2 * REREAD_SHARE, "before the probes, and before the verdict"),
        Share("probe effect", 60.0, "5 in a row"),
    )
    assert budget.total == 5 + 8 + 150 + 150 + 200 + 2 * 5 + 60
    assert budget.fits


@pytest.mark.parametrize(("total", "fits"), [(899.999, True), (900.0, True), (900.001, False)])
def test_a_budget_fits_up_to_its_deadline(total: float, fits: bool) -> None:
    """The deadline itself is in time."""
    assert Budget((Share("all", total),), 900.0).fits is fits


def test_a_runbook_without_captures_or_probes_spends_nothing_on_them() -> None:
    """And one person's yes waits for nobody."""
    runbook = replace(book(step("stop", 30.0)), verify=())
    assert [share.name for share in worst_case(runbook).shares] == [
        "plan",
        "approval",
        "step stop",
        "unknown rungs read again",
    ]
    assert approval_share(runbook) == CONFIRM_SHARE
    assert capture_share(runbook) == 0.0


def test_a_retry_costs_a_whole_share() -> None:
    """At worst every try uses its share up, and none but the last rung holds."""
    assert rung_share(rung(30.0, retries=2)) == 90.0
    assert step_share(Step("stop", (rung(30.0, retries=2), rung(5.0)))) == 95.0


@pytest.mark.parametrize(
    ("steps_", "path"),
    [
        ((), []),
        ((step("a", 1), step("b", 3), step("c", 2)), ["b"]),
        ((step("c", 1, "b"), step("b", 1, "a"), step("a", 1)), ["a", "b", "c"]),
        ((step("a", 5), step("b", 1), step("c", 1, "a", "b")), ["a", "c"]),
        ((step("a", 1), step("b", 5), step("c", 1, "a", "b")), ["b", "c"]),
        ((step("a", 1), step("b", 1, "a"), step("c", 3)), ["c"]),
        ((step("a", 1, "nowhere"),), ["a"]),
    ],
)
def test_the_chain_that_ends_last(steps_: tuple[Step, ...], path: list[str]) -> None:
    """Side by side counts the longest, one after another counts the sum."""
    assert [one.id for one in critical_path(steps_)] == path


@given(GRAPHS)
def test_the_critical_path_is_the_longest_chain(steps_: tuple[Step, ...]) -> None:
    """Against brute force, in whatever order the steps are written down."""
    path = critical_path(steps_)
    assert sum(step_share(one) for one in path) == longest(steps_)
    assert all(earlier.id in later.after for earlier, later in pairwise(path))


@given(GRAPHS)
def test_each_step_comes_behind_those_it_waits_for(steps_: tuple[Step, ...]) -> None:
    """All of them, each once."""
    order = [one.id for one in ordered(steps_)]
    assert sorted(order) == sorted(one.id for one in steps_)
    assert all(order.index(earlier) < order.index(one.id) for one in steps_ for earlier in one.after)


@pytest.mark.parametrize(
    ("steps_", "left"),
    [
        ((step("a", 1, "a"),), []),
        ((step("a", 1, "b"), step("b", 1, "a")), []),
        ((step("a", 1, "c"), step("b", 1, "a"), step("c", 1, "b"), step("d", 1, "c"), step("e", 2)), ["e"]),
        ((step("a", 1), step("b", 1, "a", "c"), step("c", 1, "b")), ["a"]),
    ],
)
def test_a_cycle_hangs_nothing(steps_: tuple[Step, ...], left: list[str]) -> None:
    """Steps in a cycle, or behind one, are left out; lint names those."""
    assert [one.id for one in ordered(steps_)] == left
    assert [one.id for one in critical_path(steps_)] == left


@given(st.lists(st.tuples(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=3)), max_size=12))
def test_nothing_that_steps_can_say_hangs(graph: list[tuple[int, list[int]]]) -> None:
    """Cycles, ids given twice, ids that are nowhere: an order in which each id stands at most once."""
    steps_ = tuple(step(f"s{name}", 1.0, *(f"s{earlier}" for earlier in after)) for name, after in graph)
    order = [one.id for one in ordered(steps_)]
    assert len(order) == len(set(order)) <= len({one.id for one in steps_})
    assert {one.id for one in critical_path(steps_)} <= set(order)


@pytest.mark.parametrize(
    "steps_",
    [
        tuple(step(f"s{n}", 1.0, *([f"s{n - 1}"] if n else [])) for n in range(1000)),
        tuple(step(f"s{n}", 1.0) for n in range(1000)),
        tuple(step(f"s{n}", 1.0, *(f"s{k}" for k in range(max(0, n - 50), n))) for n in range(1000)),
        tuple(step(f"s{n // 2}", 1.0, *([f"s{n // 2 - 1}"] if n > 1 else [])) for n in range(1000)),
    ],
    ids=["a chain", "side by side", "dense", "every id twice"],
)
def test_a_thousand_steps_are_no_work(steps_: tuple[Step, ...]) -> None:
    """Far below a second: what looks at a runbook must not be what takes the time."""
    began = time.thread_time()
    worst_case(book(*steps_))
    assert time.thread_time() - began < 1.0


@settings(max_examples=50)
@given(RUNBOOKS, st.data())
def test_a_share_cannot_grow_for_nothing(runbook: Runbook, data: st.DataObject) -> None:
    """Enlarging any share, adding a try or asking one more person never makes the total smaller."""
    assert worst_case(data.draw(st.sampled_from(enlarged(runbook)))).total >= worst_case(runbook).total


def enlarged(runbook: Runbook) -> list[Runbook]:
    """The runbook with one of its shares larger: every way there is."""
    rule = runbook.approval
    found = [
        replace(runbook, approval=replace(rule, kill=rule.kill + 1)),
        replace(runbook, approval=replace(rule, within=rule.within + 60)),
    ]
    for at, use in enumerate(runbook.verify):
        found.append(replace(runbook, verify=exchanged(runbook.verify, at, replace(use, within=use.within + 60))))
    for at, one in enumerate(runbook.capture):
        found.append(replace(runbook, capture=exchanged(runbook.capture, at, replace(one, within=one.within + 60))))
    for at, this in enumerate(runbook.steps):
        for index, pull in enumerate(this.ladder):
            for larger in (replace(pull, within=pull.within + 60), replace(pull, retries=pull.retries + 1)):
                ladder = exchanged(this.ladder, index, larger)
                found.append(replace(runbook, steps=exchanged(runbook.steps, at, replace(this, ladder=ladder))))
    return found


def exchanged(values: tuple[Any, ...], at: int, value: object) -> tuple[Any, ...]:
    return (*values[:at], value, *values[at + 1 :])


@settings(max_examples=50)
@given(RUNBOOKS)
def test_the_total_is_the_sum_of_what_is_shown(runbook: Runbook) -> None:
    """A person who adds up the lines comes to the same, and no line is below nought."""
    budget = worst_case(runbook)
    assert budget.total == sum(share.seconds for share in budget.shares)
    assert all(share.seconds >= 0 and share.name for share in budget.shares)
    fixed = READ_SHARE + CONFIRM_SHARE + REREAD_SHARE
    assert budget.total >= fixed + longest(runbook.steps)


@settings(max_examples=20)
@given(RUNBOOKS)
def test_the_soak_lies_outside_the_deadline(runbook: Runbook) -> None:
    """However long it is."""
    soaked = replace(runbook, verify=tuple(replace(use, soak=use.soak + 3600) for use in runbook.verify))
    assert worst_case(soaked) == worst_case(runbook)
