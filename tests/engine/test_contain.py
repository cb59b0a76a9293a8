"""Containment: promises 1, 2, 3 and 6 on doubles that do their worst."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event

import pytest

from psfir.contracts import Hold
from psfir.domain import instants
from psfir.domain.canon import Json
from psfir.domain.change import Result
from psfir.domain.kinds import Kind
from psfir.domain.runbook import CaptureUse, OnFailure, Step
from psfir.domain.verdict import Verdict
from psfir.engine.contain import contain
from psfir.engine.kit import Run
from psfir.errors import Busy, Declined, Denied, NoSuchTarget, PsfirError, Superseded, Unreachable
from psfir.testing import FakeCapture, FakeProbe, Fault, MemoryLeases
from tests.engine.scene import INCIDENT, Scene, book, probe, rung, seeing, switch

ONE = Step("s", (rung("a"),))
TWO = Step("s", (rung("a"), rung("b")))


def test_a_whole_run_is_recorded_in_its_order() -> None:
    """Intention before apply, outcome after it, then verification, sight, verdict and end."""
    lever = switch()
    scene = Scene({"a": lever}, seeing(lever))
    assert scene.kill(book(ONE)) is Verdict.CONTAINED
    kinds = scene.journal.kinds()
    assert kinds == [
        Kind.DECLARED,
        Kind.PLANNED,
        Kind.RUN_STARTED,
        Kind.INTENDED,
        Kind.ENDED,
        Kind.VERIFIED,
        Kind.SEEN,
        Kind.VERDICT,
        Kind.RUN_ENDED,
    ]
    assert scene.journal.flaw() is None


def test_the_intention_is_durable_before_the_world_is_touched() -> None:
    """If the intention cannot be recorded, nothing is applied."""
    lever = switch()
    scene = Scene({"a": lever}, seeing(lever))
    run = scene.begin(scene.plan(book(ONE)))
    scene.journal.broken = "the disk is full"
    with pytest.raises(PsfirError):
        contain(run)
    assert lever.writes == []


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (Unreachable("down"), Result.FAILED),
        (Busy("429", after=60), Result.FAILED),
        (Denied("needs flags:write"), Result.REFUSED),
        (NoSuchTarget("no such flag"), Result.FAILED),
        (Declined("405 approval required"), Result.REFUSED),
    ],
)
def test_a_rung_that_fails_or_is_refused_gives_way_to_the_next(error: PsfirError, result: Result) -> None:
    """The next rung is pulled, the outcome of the first is what its error means, and the step holds."""
    first, second = switch(), switch()
    first.script("apply", error)
    scene = Scene({"a": first, "b": second}, seeing(second))
    assert scene.kill(book(TWO)) is Verdict.CONTAINED
    assert [said["result"] for said in scene.said(Kind.ENDED)] == [result.value, "changed"]


def test_a_rung_that_hangs_is_given_up_when_its_share_is_used_up() -> None:
    """Its thread cannot hold up the run: the next rung is pulled, and its own outcome is unknown."""
    first, second = switch(), switch()
    first.script("apply", Fault.HANG)
    scene = Scene({"a": first, "b": second}, seeing(second))
    begun = scene.clock.elapsed()
    assert scene.kill(book(TWO)) is Verdict.CONTAINED
    ended = scene.said(Kind.ENDED)
    assert [said["result"] for said in ended] == ["unknown", "changed"]
    assert isinstance(ended[0]["took"], float)
    assert 9.9 <= ended[0]["took"] <= 10.5
    assert scene.clock.elapsed() - begun < 30
    assert [pull.facts.unsure for pull in scene.incident.standing] == [True, False]


def test_a_rung_that_does_not_hold_gives_way_to_the_next() -> None:
    """A lever that says it is done while the vendor's state is not changed is a lie that the next rung makes good."""
    liar, second = switch(), switch()
    liar.script("apply", Fault.LIE)
    scene = Scene({"a": liar, "b": second}, seeing(second))
    assert scene.kill(book(TWO)) is Verdict.CONTAINED
    assert [said["held"] for said in scene.said(Kind.VERIFIED)] == ["not_held", "held"]


def test_a_lost_answer_is_resolved_by_reading() -> None:
    """What was sent and not answered is read: it has landed, it is recorded as changed, and it is sent only once."""
    lever = switch()
    lever.script("apply", Fault.LOST)
    scene = Scene({"a": lever}, seeing(lever))
    assert scene.kill(book(ONE)) is Verdict.CONTAINED
    said = scene.said(Kind.ENDED)[0]
    assert said["result"] == "changed"
    assert "it has landed" in str(said["says"])
    assert lever.writes == [{"on": False}]


def test_a_late_answer_is_recorded_and_its_target_read_again() -> None:
    """An abandoned call that lands while the probes look is known before the verdict, and its change stands."""
    slow, second = switch(), switch()
    slow.script("apply", Fault.LATE)
    pause = Event()

    def seen() -> dict[str, Mapping[str, Json]]:
        slow.release()
        while not slow.writes:
            pause.wait(0.001)
        return {"r1": second.state}

    scene = Scene({"a": slow, "b": second}, {"effect": FakeProbe(seen)})
    assert scene.kill(book(TWO)) is Verdict.CONTAINED
    assert slow.writes == [{"on": False}]
    assert [said["rung"] for said in scene.said(Kind.LATE)] == [0]
    assert [said["result"] for said in scene.said(Kind.REREAD)] == ["unknown", "changed"]
    kinds = scene.journal.kinds()
    assert kinds.index(Kind.LATE) < kinds.index(Kind.VERDICT)
    assert {pull.key for pull in scene.incident.standing} == {("s", 0), ("s", 1)}


def test_a_target_that_drifted_is_planned_once_more_inside_the_share() -> None:
    """During a kill drift is no reason to stop: the target is read and planned again, once."""
    lever = switch()
    scene = Scene({"a": lever}, seeing(lever))
    plan = scene.plan(book(ONE))
    lever.put(size=5)
    assert contain(scene.begin(plan)) is Verdict.CONTAINED
    assert [said["result"] for said in scene.said(Kind.ENDED)] == ["refused", "changed"]
    assert lever.state == {"on": False, "size": 5}


def test_retries_are_for_what_was_never_sent() -> None:
    """Unreachable is tried again as often as the rung says; a refusal is not."""
    lever, refusing = switch(), switch()
    lever.script("apply", Unreachable("down"), Unreachable("down"))
    refusing.script("apply", Declined("no"))
    steps = (Step("s", (rung("a", retries=2),)), Step("t", (rung("b", retries=2),)))
    scene = Scene({"a": lever, "b": refusing}, seeing(lever))
    assert scene.kill(book(*steps)) is Verdict.PARTIAL
    tries = [(said["step"], said["attempt"]) for said in scene.said(Kind.ENDED)]
    assert sorted(tries) == [("s", 1), ("s", 2), ("s", 3), ("t", 1)]


def test_a_look_that_the_share_cut_short_takes_nothing_back() -> None:
    """What was seen not to hold stays so, although the last look had no time left for its answer."""
    lever = switch()
    lever.script("apply", Fault.LIE)
    lever.script("verify", None, Fault.HANG)
    scene = Scene({"a": lever}, seeing(lever))
    scene.kill(book(ONE))
    assert scene.said(Kind.VERIFIED)[0]["held"] == "not_held"


def test_a_step_that_no_rung_achieves_keeps_contained_out_of_reach() -> None:
    """The verdict is the worst of what was seen, whatever the probes say."""
    lever = switch()
    lever.script("apply", Declined("no"))
    scene = Scene({"a": lever}, {"effect": FakeProbe(lambda: {"r1": {"on": False}})})
    assert scene.kill(book(ONE)) is Verdict.PARTIAL
    assert "no rung holds for step s" in str(scene.said(Kind.VERDICT)[0]["why"])


def test_a_failed_step_stops_no_other_unless_the_runbook_says_so() -> None:
    """In an emergency more levers beat fewer; `stop` is there for those who want it."""
    for on_failure, pulled in ((OnFailure.GO_ON, 1), (OnFailure.STOP, 0)):
        first, second = switch(), switch()
        first.script("apply", Declined("no"))
        steps = (Step("s", (rung("a"),)), Step("t", (rung("b"),), after=("s",)))
        scene = Scene({"a": first, "b": second}, seeing(second))
        scene.kill(book(*steps, on_failure=on_failure))
        assert len(second.writes) == pulled


def test_steps_without_after_run_side_by_side() -> None:
    """Two rungs that hang cost the longer share, not the sum."""
    first, second = switch(), switch()
    first.script("apply", Fault.HANG)
    second.script("apply", Fault.HANG)
    scene = Scene({"a": first, "b": second}, seeing(first, second))
    begun = scene.clock.elapsed()
    scene.kill(book(Step("s", (rung("a"),)), Step("t", (rung("b"),)), verify=[probe(within=1.0, times=1)]))
    assert scene.clock.elapsed() - begun < 15


def test_the_wall_clock_may_jump_an_hour_either_way() -> None:
    """Shares, soak and the run's age count on the boot clock: a jump of the wall changes nothing."""
    for jump in (3600.0, -3600.0):
        lever = switch()
        scene = Scene({"a": lever}, seeing(lever))
        run = scene.begin(scene.plan(book(ONE, verify=[probe(soak=60.0)])))
        scene.clock.jump(jump)
        begun = scene.clock.elapsed()
        assert contain(run) is Verdict.CONTAINED
        assert 60 <= scene.clock.elapsed() - begun < 70


def test_a_deadline_that_has_passed_shortens_no_share() -> None:
    """A trigger of two hours ago: the rung still gets its whole share."""
    lever, second = switch(), switch()
    lever.script("apply", Fault.HANG)
    scene = Scene({"a": lever, "b": second}, seeing(second))
    run = scene.begin(scene.plan(book(TWO)), age=7200.0)
    assert contain(run) is Verdict.CONTAINED
    took = scene.said(Kind.ENDED)[0]["took"]
    assert isinstance(took, float)
    assert took >= 9.9


def test_evidence_delays_the_kill_by_no_more_than_its_own_share() -> None:
    """A capture that hangs is given up and recorded as missing; the kill goes on."""
    lever, stuck = switch(), FakeCapture()
    stuck.script(Fault.HANG)
    good = FakeCapture(b"proof", name="fine")
    scene = Scene({"a": lever}, seeing(lever), {"fake": stuck, "fine": good})
    uses = (CaptureUse("fake", {"connection": "fake"}, 3.0), CaptureUse("fine", {"connection": "fake"}, 3.0))
    runbook = book(ONE)
    begun = scene.clock.elapsed()
    assert scene.kill(type(runbook)(**{**vars(runbook), "capture": uses})) is Verdict.CONTAINED
    assert scene.clock.elapsed() - begun < 3.5 + 3
    assert [said["source"] for said in scene.said(Kind.NO_EVIDENCE)] == ["fake"]
    assert [said["size"] for said in scene.said(Kind.EVIDENCE)] == [5]


def test_stop_pulling_leaves_further_rungs_alone() -> None:
    """What was pulled is verified, nothing more is pulled, and the end says so."""
    first, second = switch(), switch()
    first.script("apply", Declined("no"))
    scene = Scene({"a": first, "b": second}, seeing(first))
    first.script("restore", None)
    scene.control.stop_pulling.set()
    assert scene.kill(book(TWO)) is Verdict.NOT_CONTAINED
    assert second.writes == []
    assert "stopped by a person" in str(scene.said(Kind.RUN_ENDED)[0]["why"])


def test_a_lever_that_cannot_be_loaded_is_a_failed_rung() -> None:
    """A missing lever or secret does not end the run: the next rung is pulled."""
    second = switch()
    scene = Scene({"b": second}, seeing(second))
    assert scene.kill(book(TWO)) is Verdict.CONTAINED
    assert [said["result"] for said in scene.said(Kind.ENDED)] == ["failed", "changed"]


def test_a_run_that_was_taken_over_pulls_no_further_rung() -> None:
    """Its owner slept past its lease and another process has it now: the next intention is refused, so is the pull."""
    first, second = switch(), switch(name="b")
    scene = Scene({"a": first, "b": second})
    leases = scene.journal.leases = MemoryLeases(scene.clock)
    token = leases.acquire("run:run-1", "me", ttl=5.0)
    assert token
    run = Run(scene.kit, INCIDENT, scene.control, under=[Hold("run:run-1", token)])
    run.begin(scene.plan(book(TWO)), run="run-1", trigger_at=instants.write(scene.clock.now()), age=0.0)
    leases.release("run:run-1", "me")
    assert leases.acquire("run:run-1", "another", ttl=5.0)
    with pytest.raises(Superseded, match="taken over run:run-1"):
        contain(run)
    assert (first.state, second.state) == ({"on": True}, {"on": True})
    assert scene.journal.kinds()[-1] is Kind.RUN_STARTED
