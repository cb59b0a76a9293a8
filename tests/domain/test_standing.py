"""What psfir turned off and has not put back: none is forgotten, and what is no longer psfir's is left alone."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psfir.domain.canon import Json
from psfir.domain.change import Change
from psfir.domain.plan import Plan, PlannedRung, Verb
from psfir.domain.verdict import Verdict
from tests.domain.history import (
    EGRESS,
    NO_EGRESS,
    NO_PODS,
    OFF,
    PODS,
    SYSTEM,
    History,
    book,
    change,
    kill_plan,
    restore_plan,
)

Deed = Callable[[History], None]


def told(*deeds: Deed) -> History:
    history = History()
    history.declare(SYSTEM, "search")
    for deed in deeds:
        deed(history)
    return history


def standing(history: History) -> list[str]:
    """As `--leave` names them, with their rung."""
    return [f"{pull.run}/{pull.key[0]}/{pull.key[1]}" for pull in history.incident.standing]


def killed(run: str, **more: str) -> Deed:
    return lambda history: history.kill(run, **more)


def restored(*runs: str, **more: str) -> Deed:
    return lambda history: history.restore(*runs, **more)


def replicas(run: str, before: Json, after: Json, *, result: str = "changed") -> Deed:
    """A kill that pulls the replicas of the assistant, and nothing else."""

    def deed(history: History) -> None:
        history.begin(run, kill_plan())
        history.pull("stop", 1, what=change(PODS, {"replicas": before}, {"replicas": after}), result=result)
        history.conclude("contained")
        history.stop("contained")

    return deed


def put_back(run: str, step: str, *, result: str = "changed", held: str = "held") -> Deed:
    """One rung of a restore, as far as it got."""

    def deed(history: History) -> None:
        history.begin(f"back-{run}", restore_plan(run))
        history.intend(f"{run}/{step}", 0, what=OFF if step == "stop" else NO_EGRESS)
        if result:
            history.end(f"{run}/{step}", 0, result=result)
        if held:
            history.verify(f"{run}/{step}", 0, held)

    return deed


BOTH = ["run-1/stop/0", "run-1/cut/0"]

CASES: dict[str, tuple[list[Deed], list[str]]] = {
    "nothing was done": ([], []),
    "two changes": ([killed("run-1")], BOTH),
    "all put back": ([killed("run-1"), restored("run-1")], []),
    "one left out": ([killed("run-1"), restored("run-1", left_out="cut")], ["run-1/cut/0"]),
    "left out, then put back": ([killed("run-1"), restored("run-1", left_out="cut"), restored("run-1")], []),
    "two systems": (
        [killed("run-1"), killed("run-2", system="search")],
        # The same flag and the same namespace: what `search` found on had been turned on again by then.
        ["run-2/stop/0", "run-2/cut/0"],
    ),
    "killed, put back, killed again": (
        [killed("run-1"), restored("run-1"), killed("run-2")],
        ["run-2/stop/0", "run-2/cut/0"],
    ),
    "put back without an outcome": ([killed("run-1"), put_back("run-1", "stop", result="", held="")], BOTH),
    "put back, not seen yet": ([killed("run-1"), put_back("run-1", "stop", held="")], BOTH),
    "put back, and it does not hold": ([killed("run-1"), put_back("run-1", "stop", held="not_held")], BOTH),
    "put back, nobody can tell": ([killed("run-1"), put_back("run-1", "stop", held="could_not_tell")], BOTH),
    "putting back was refused": ([killed("run-1"), put_back("run-1", "stop", result="refused", held="")], BOTH),
    "putting back gave no answer": ([killed("run-1"), put_back("run-1", "stop", result="unknown", held="")], BOTH),
    "put back and seen": ([killed("run-1"), put_back("run-1", "stop")], ["run-1/cut/0"]),
    "was back already": ([killed("run-1"), put_back("run-1", "stop", result="already_so")], ["run-1/cut/0"]),
    "turned on by others, killed again": (
        [replicas("run-1", 5, 0), replicas("run-2", 3, 0)],
        ["run-2/stop/1"],
    ),
    "reduced first, then off": (
        [replicas("run-1", 5, 1), replicas("run-2", 1, 0)],
        ["run-1/stop/1", "run-2/stop/1"],
    ),
    "reduced, off, turned on by others, off": (
        [replicas("run-1", 5, 1), replicas("run-2", 1, 0), replicas("run-3", 7, 0)],
        ["run-3/stop/1"],
    ),
    "1.0 is 1": ([replicas("run-1", 5, 1), replicas("run-2", 1.0, 0)], ["run-1/stop/1", "run-2/stop/1"]),
    "off already when killed again": (
        [replicas("run-1", 5, 0), replicas("run-2", 0, 0, result="already_so")],
        ["run-1/stop/1"],
    ),
    "a second kill nobody knows the outcome of": (
        [replicas("run-1", 5, 0), replicas("run-2", 3, 0, result="unknown")],
        ["run-1/stop/1", "run-2/stop/1"],
    ),
    "a first kill that never landed": (
        [replicas("run-1", 5, 0, result="unknown"), replicas("run-2", 5, 0)],
        ["run-2/stop/1"],
    ),
    "a second kill that was refused": (
        [replicas("run-1", 5, 0), replicas("run-2", 3, 0, result="refused")],
        ["run-1/stop/1"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_stands(case: str) -> None:
    """Oldest first. A change stands until it is seen to be back, or until its target was somebody else's again."""
    deeds, names = CASES[case]
    assert standing(told(*deeds)) == names


@pytest.mark.parametrize("result", ["unknown", ""])
def test_a_rung_nobody_is_sure_of_stands(result: str) -> None:
    """No answer, or no outcome at all because the process died: it may be off, so it has to be looked at."""
    history = told(lambda h: h.begin("run-1", kill_plan()), lambda h: h.intend("stop", 0, what=OFF))
    if result:
        history.end("stop", 0, result=result)
    (pull,) = history.incident.standing
    assert pull.facts.unsure
    assert pull.facts.change == OFF


def test_the_order_is_that_of_the_pulls_and_not_of_the_runs() -> None:
    """Runs go on side by side: what was pulled last is put back first, whichever run began first."""
    history = told()
    history.begin("run-1", kill_plan())
    history.begin("run-2", kill_plan("search"))
    history.pull("stop", 1, what=change(PODS, {"replicas": 5}, {"replicas": 1}))
    history.run = "run-1"
    history.pull("stop", 1, what=change(PODS, {"replicas": 1}, {"replicas": 0}))
    assert standing(history) == ["run-2/stop/1", "run-1/stop/1"]


def test_two_rungs_of_one_ladder_on_one_target() -> None:
    """Reduced, which did not hold, and then off: both stand, so that all of it is put back."""
    history = told(lambda h: h.begin("run-1", kill_plan()))
    history.pull("stop", 0, what=change(PODS, {"replicas": 5}, {"replicas": 1}))
    history.pull("stop", 1, what=change(PODS, {"replicas": 1}, {"replicas": 0}))
    assert [pull.facts.change for pull in history.incident.standing if pull.facts.change] == [
        change(PODS, {"replicas": 5}, {"replicas": 1}),
        change(PODS, {"replicas": 1}, {"replicas": 0}),
    ]


def test_only_the_same_lever_on_the_same_target_overtakes() -> None:
    """Another namespace, or another lever that looks at the same one, has nothing to do with it."""
    elsewhere = Change("egress", {**EGRESS.target, "namespace": "search"}, {"deny": False}, {"deny": True}, "off")
    otherwise = Change("replicas", EGRESS.target, {"replicas": 4}, {"replicas": 0}, "off")
    history = told(lambda h: h.begin("run-1", kill_plan()))
    for index, what in enumerate((NO_EGRESS, elsewhere, otherwise, NO_PODS)):
        history.pull("cut", index, what=what)
    assert len(history.incident.standing) == 4


def test_a_step_whose_name_has_a_stroke_is_put_back_too() -> None:
    """A restore names each rung by `run/step`; only the first stroke parts the two."""
    history = told(lambda h: h.begin("run-1", kill_plan()), lambda h: h.pull("eu/stop", 0, what=OFF))
    history.begin("back", restore_plan("run-1"))
    history.pull("run-1/eu/stop", 0, what=OFF)
    assert history.incident.standing == ()


CONTAINED, PARTIAL, NOT, UNKNOWN = Verdict.CONTAINED, Verdict.PARTIAL, Verdict.NOT_CONTAINED, Verdict.UNKNOWN


def so_already(run: str) -> Deed:
    """A kill that finds everything off."""

    def deed(history: History) -> None:
        history.begin(run, kill_plan())
        for step in ("stop", "cut"):
            history.end(step, 0, result="already_so")
            history.verify(step, 0)
        history.conclude("contained")
        history.stop("contained")

    return deed


VERDICTS: dict[str, tuple[list[Deed], Verdict | None]] = {
    "nothing was done": ([], None),
    "one kill": ([killed("run-1", verdict="partial")], PARTIAL),
    "begun": ([lambda h: h.begin("run-1", kill_plan())], UNKNOWN),
    "climbed on": ([killed("run-1", verdict="not_contained"), killed("run-2")], CONTAINED),
    "worse the second time": ([killed("run-1"), killed("run-2", verdict="unknown")], UNKNOWN),
    "two systems": ([killed("run-1"), killed("run-2", verdict="not_contained", system="search")], PARTIAL),
    "put back": ([killed("run-1"), restored("run-1")], None),
    "put back but for a step": ([killed("run-1"), restored("run-1", left_out="stop")], CONTAINED),
    "put back in two goes": (
        [killed("run-1"), restored("run-1", left_out="cut"), restored("run-1", left_out="stop")],
        None,
    ),
    "put back, killed again": ([killed("run-1"), restored("run-1"), killed("run-2", verdict="partial")], PARTIAL),
    "put back, and a kill that did nothing": (
        [killed("run-1"), restored("run-1"), replicas("run-2", 5, 0, result="failed")],
        CONTAINED,
    ),
    "one of two systems put back": (
        [killed("run-1"), replicas("run-2", 5, 0), restored("run-1")],
        CONTAINED,
    ),
    "killed twice, of which once for nothing, put back": (
        [killed("run-1"), so_already("run-2"), restored("run-1")],
        None,
    ),
    "found off, nothing to put back": ([so_already("run-1")], CONTAINED),
    "a restore that did not hold": ([killed("run-1"), put_back("run-1", "stop", held="not_held")], CONTAINED),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_the_last_word(case: str) -> None:
    """The newest kill of each system, all together; none once everything of a system is back on."""
    deeds, verdict = VERDICTS[case]
    assert told(*deeds).incident.verdict is verdict


def test_a_system_that_is_back_on_is_not_called_contained() -> None:
    """Two systems, one of which is restored: the verdict is the other's."""
    history = told(killed("run-1"))
    pods = Change("replicas", {"connection": "prod", "deployment": "search"}, {"replicas": 5}, {"replicas": 0}, "off")
    history.begin("run-2", kill_plan("search"))
    history.pull("stop", 1, what=pods)
    history.conclude("not_contained")
    history.stop("not_contained")
    assert history.incident.verdict is PARTIAL
    history.restore("run-1")
    assert history.incident.verdict is NOT


def one_rung(run: str, what: Change) -> Plan:
    rung = PlannedRung(f"{run}/stop", 1, PODS, change=what)
    return Plan(Verb.RESTORE, book(), (rung,), run)


@settings(max_examples=80)
@given(st.lists(st.tuples(st.sampled_from(["kill", "restore", "others"]), st.integers(0, 3)), max_size=10))
def test_following_the_standing_changes_back_leads_to_where_others_left_it(moves: list[tuple[str, int]]) -> None:
    """Whoever does what: put back newest first, what stands fits together and ends at the last state not psfir's."""
    history, world, foreign = told(), 99, 99
    for number, (move, to) in enumerate(moves):
        stands = history.incident.standing
        if move == "others":
            world = foreign = 100 + number
        elif move == "kill" and world != to:
            replicas(f"run-{number}", world, to)(history)
            world = to
        elif move == "restore" and stands and stands[-1].facts.change:
            newest, what = stands[-1], stands[-1].facts.change
            if what.after == {"replicas": world}:
                history.begin(f"back-{number}", one_rung(newest.run, what))
                history.pull(f"{newest.run}/stop", 1, what=what)
                history.stop("restored")
                world = next(value for value in range(120) if what.before == {"replicas": value})
    states = [pull.facts.change for pull in history.incident.standing if pull.facts.change]
    assert all(older.after == newer.before for older, newer in pairwise(states))
    if states and states[-1].after == {"replicas": world}:
        assert states[0].before == {"replicas": foreign}
