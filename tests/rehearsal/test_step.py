"""A tick does what has become due: in order, at its own instant, once, and however seldom it comes."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psfir.domain.kinds import Kind
from psfir.errors import RecordError
from psfir.rehearsal import deeds
from psfir.rehearsal.log import LogDraft, LogEntry, LogKind
from psfir.rehearsal.scenario import Scenario
from psfir.rehearsal.state import Stage, fold
from psfir.rehearsal.step import coming, step
from psfir.rehearsal.words import Met
from tests.rehearsal.plays import FULL, play
from tests.rehearsal.runs import Drill


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return play(tmp_path_factory.mktemp("small"))


def declare(drill: Drill) -> None:
    drill.happens(Kind.DECLARED, systems=["a"], severity="sev2", case=None, trigger={"at": "", "source": ""})


def test_a_team_that_does_nothing(small: Scenario) -> None:
    """Everything is missed at its own instant, what waits for that comes, and the rest never does."""
    drill = Drill(small)
    for _ in range(70):
        drill.wait(60)
    assert drill.told() == [
        ("inject.fired", "first", 0),
        ("expectation.missed", "declared", 300),
        ("inject.fired", "doubt", 300),
        ("expectation.missed", "stopped", 900),
        ("inject.fired", "worse", 1020),
        ("run.ended", "", 3600),
    ]
    assert drill.met() == {"declared": Met.MISSED, "stopped": Met.MISSED, "said": Met.UNASKED}
    assert drill.state.injects["extra"].stage is Stage.WAITING
    assert not drill.state.clock.running


def test_a_team_that_contains(small: Scenario) -> None:
    """What was met lights up by itself, with its entries, and what waits for it comes."""
    drill = Drill(small)
    drill.wait(10)
    drill.wait(50)
    declare(drill)
    drill.wait(60)
    drill.kill("contained")
    drill.wait(1)
    drill.wait(59)
    assert drill.told()[1:] == [
        ("expectation.met", "declared", 60),
        ("expectation.met", "stopped", 120),
        ("inject.fired", "ask", 180),
    ]
    stopped = drill.state.expectations["stopped"]
    assert (stopped.refs, stopped.says) == ((4,), "all-off came to contained (probes)")
    drill.do(deeds.answer(drill.state, "ask", "desk", ["The truth"], by="dee"))
    drill.wait(1)
    assert drill.met()["said"] is Met.MET


def test_what_is_met_at_the_last_instant_is_met(small: Scenario) -> None:
    """At its due it counts, a microsecond later it is late: half done, and done for what comes after."""
    for seconds, met, late in ((300, Met.MET, False), (300.000001, Met.PARTIAL, True)):
        drill = Drill(small, ticking=False)
        drill.wait(seconds)
        declare(drill)
        drill.wait(100)
        drill.tick()
        declared = drill.state.expectations["declared"]
        assert (declared.met, declared.late) == (met, late)


def test_a_containment_that_does_not_last_is_missed(small: Scenario) -> None:
    """Proven, then undone: both turns are told, however late the tick; contained once more, it is met again."""
    for ticking in (True, False):
        drill = Drill(small, ticking=ticking)
        drill.wait(60)
        drill.kill("contained")
        drill.wait(60)
        drill.verdict("r1", "not_contained", "soak")
        drill.wait(60)
        drill.kill("contained", run="r2")
        drill.tick()
        told = [one for one in drill.told() if one[1] == "stopped"]
        assert told == [
            ("expectation.met", "stopped", 60),
            ("expectation.missed", "stopped", 120),
            ("expectation.met", "stopped", 180),
        ]


def test_what_the_record_learns_late_is_put_right(small: Scenario) -> None:
    """An entry that was spooled on another machine is older than the tick that called it missed."""
    drill = Drill(small)
    drill.wait(200)
    declare(drill)
    spooled = drill.record.pop()
    drill.wait(200)
    assert drill.met()["declared"] is Met.MISSED
    drill.record.append(spooled)
    drill.tick()
    assert drill.met()["declared"] is Met.MET
    assert drill.state.expectations["declared"].at == 200_000_000


def test_what_a_person_said_stands(small: Scenario) -> None:
    """Against whatever the record says afterwards."""
    drill = Drill(small)
    drill.wait(1)
    drill.do(deeds.settle(drill.state, "declared", Met.WAIVED, by="fay", why="the record was away"))
    declare(drill)
    drill.wait(1000)
    assert drill.met()["declared"] is Met.WAIVED


def test_a_paused_clock_lets_nothing_come(small: Scenario) -> None:
    """Not for a day; then it goes on to the second."""
    drill = Drill(small)
    drill.wait(100)
    drill.do(deeds.pause(drill.state, by="fay"))
    drill.wait(86_400)
    assert [one[1] for one in drill.told()] == ["first"]
    drill.do(deeds.resume(drill.state, by="fay"))
    drill.wait(199.999999)
    assert [one[1] for one in drill.told()] == ["first"]
    drill.wait(0.000001)
    assert drill.state.injects["doubt"].stage is Stage.FIRED


def test_held_skipped_and_fired_by_hand(small: Scenario) -> None:
    """What is held waits; released after its time, it comes at that instant; what was skipped can be fired still."""
    drill = Drill(small)
    drill.wait(100)
    drill.do(deeds.hold(drill.state, "doubt", by="fay", why="they are slow"))
    drill.wait(400)
    assert drill.state.injects["doubt"].stage is Stage.HELD
    drill.do(deeds.release(drill.state, "doubt", by="fay"))
    drill.wait(1)
    assert drill.told()[-1] == ("inject.fired", "doubt", 500)
    drill.do(deeds.skip(drill.state, "extra", at=drill.at, by="fay", why="not needed"))
    drill.do(deeds.pause(drill.state, by="fay"))
    drill.do(deeds.fire(drill.state, "extra", at=drill.at, by="fay", why="needed after all"))
    assert drill.state.injects["extra"].number == 3


def test_a_facilitator_may_pace_it(tmp_path: Path) -> None:
    """Then no inject comes by itself; deadlines do."""
    drill = Drill(play(tmp_path, FULL + "clock: {delivery: facilitator}\n"))
    drill.wait(900)
    assert drill.told() == []
    drill.do(deeds.fire(drill.state, "first", at=drill.at, by="fay", why="now"))
    drill.wait(900)
    assert drill.told() == [("expectation.missed", "declared", 1200), ("expectation.missed", "stopped", 1800)]


def test_a_condition_is_looked_at_when_it_is_due(tmp_path: Path) -> None:
    """If it does not hold then, the inject is skipped with that as its reason."""
    text = FULL.replace("at: 5m,", "at: 6m, only_if: {any: {declared: missed}},")
    for deed, stage in ((True, Stage.SKIPPED), (False, Stage.FIRED)):
        drill = Drill(play(tmp_path, text))
        drill.wait(10)
        if deed:
            declare(drill)
        drill.wait(400)
        assert drill.state.injects["doubt"].stage is stage


def test_it_ends_when_all_is_reached_or_at_its_time(tmp_path: Path) -> None:
    """At the instant at which it was reached; nothing comes at the instant of the end or after it."""
    text = FULL.replace("at: 5m,", "at: 59m,") + "end: {after: 59m, when: {all: {declared: met, stopped: met}}}\n"
    drill = Drill(play(tmp_path, text), ticking=False)
    drill.wait(60)
    declare(drill)
    drill.kill("contained")
    drill.wait(3600)
    drill.tick()
    assert drill.told()[-1] == ("run.ended", "", 60)
    assert drill.state.over == "what was to be reached was reached"
    idle = Drill(play(tmp_path, text), ticking=False)
    idle.wait(9999)
    idle.tick()
    assert idle.told()[-1] == ("run.ended", "", 3540)
    assert idle.state.injects["doubt"].stage is Stage.WAITING
    assert step(idle.scenario, idle.log, now=idle.real + 10**9, entries=()) == ()


def test_faults_begin_and_end(tmp_path: Path) -> None:
    """Each once, at its instant; one without a span stays."""
    text = FULL.replace("levers: none", "levers: range") + (
        "faults: [{at: 1m, fault: launchdarkly.down, for: 2m}, {fault: assistant.drifts}]\n"
    )
    drill = Drill(play(tmp_path, text))
    drill.wait(30)
    assert drill.told()[0] == ("fault.began", "1", 0)
    drill.wait(300)
    told = [one for one in drill.told() if one[0].startswith("fault")]
    assert told[1:] == [("fault.began", "0", 60), ("fault.ended", "0", 180)]
    assert drill.state.faults == {0: False, 1: True}


def test_the_wrong_answer_is_missed_and_the_first_one_counts(small: Scenario) -> None:
    """No one can try until it fits."""
    drill = Drill(small)
    drill.wait(1)
    drill.kill("contained")
    drill.wait(61)
    drill.do(deeds.answer(drill.state, "ask", "desk", ["Nothing"], by="dee"))
    drill.wait(1)
    assert drill.met()["said"] is Met.MISSED


def test_what_comes_next_is_known(small: Scenario) -> None:
    """By instant; what depends on somebody stands behind, without one."""
    drill = Drill(small)
    drill.wait(1)
    assert [(one.id, at) for one, at in coming(drill.state)] == [
        ("doubt", 300_000_000),
        ("worse", None),
        ("ask", None),
        ("extra", None),
    ]
    drill.wait(900)
    assert (coming(drill.state)[0][0].id, coming(drill.state)[0][1]) == ("worse", 1_020_000_000)


def test_before_the_start_nothing_comes(small: Scenario) -> None:
    """And a log out of order, or with a name that is none, is an error with the number of the entry."""
    assert step(small, [], now=5, entries=()) == ()
    drill = Drill(small)
    first = drill.log[0]
    with pytest.raises(RecordError, match="entry 1 of the drill's log comes behind entry 1"):
        fold(small, [first, first])
    wrong = LogEntry(2, first.real, LogKind.FIRED, "fay", {"inject": "nope", "at": 0})
    with pytest.raises(RecordError, match=r"entry 2 \(inject.fired\)"):
        fold(small, [first, wrong])


DEEDS = st.sampled_from(["declare", "kill", "undone", "pause", "resume", "faster", "slower", "wait"])
PLAYED = st.lists(st.tuples(st.integers(min_value=0, max_value=2 * 3600 * 10**6), DEEDS), max_size=14)


@settings(max_examples=100)
@given(played=PLAYED, ticks=st.lists(st.integers(min_value=0, max_value=13), max_size=8))
def test_ticks_decide_nothing(played: list[tuple[int, str]], ticks: list[int], small: Scenario) -> None:
    """Once at the very end, or after each deed: the same happens at the same scenario instants, and nothing twice."""
    often, seldom = Drill(small, ticking=False), Drill(small, ticking=False)
    for number, (gap, what) in enumerate(played):
        for drill in (often, seldom):
            drill.now += gap / 10**6
            _do(drill, what, number)
        often.tick()
        if number in ticks:
            seldom.tick()
    for drill in (often, seldom):
        drill.now += 60
        drill.tick()
    assert often.told() == seldom.told()
    fired = [one.data["inject"] for one in often.log if one.kind is LogKind.FIRED]
    assert len(fired) == len(set(fired))
    times = [one[2] for one in often.told() if one[2] is not None]
    assert times == sorted(times)


def _do(drill: Drill, what: str, number: int) -> None:
    """On the very log: what a facilitator does is refused once the drill is over, what players do is not."""
    if what == "declare":
        declare(drill)
    elif what == "kill":
        drill.kill("contained", run=f"r{number}")
    elif what == "undone":
        drill.kill("contained", "not_contained", run=f"r{number}")
    elif what == "pause":
        drill.do(LogDraft(LogKind.PAUSED, {"why": ""}, "fay"))
    elif what == "resume":
        drill.do(LogDraft(LogKind.RESUMED, {}, "fay"))
    elif what != "wait":
        drill.do(LogDraft(LogKind.SPEED, {"speed": str(Fraction(7, 3) if what == "faster" else Fraction(1, 3))}, "fay"))
