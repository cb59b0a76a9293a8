"""Promise 1: contained means proven. Unknown is never success."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Event, Thread

import pytest

from psfir.domain.canon import Json
from psfir.domain.kinds import Kind
from psfir.domain.runbook import Step
from psfir.domain.verdict import Verdict
from psfir.engine.contain import contain
from psfir.errors import Unreachable
from psfir.testing import FakeLever, FakeProbe, Fault
from tests.engine.scene import Scene, book, probe, rung, seeing, switch

ONE = Step("s", (rung("a"),))
OFF: Mapping[str, Json] = {"on": False}
ON: Mapping[str, Json] = {"on": True}


def script(*looks: Mapping[str, Mapping[str, Json]]) -> FakeProbe:
    """A probe that sees these, one look after the other, and the last one for ever."""
    left: Iterator[Mapping[str, Mapping[str, Json]]] = iter(looks)
    last = looks[-1]
    return FakeProbe(lambda: next(left, last))


def verdict_of(look: FakeProbe, *, times: int = 3, soak: float = 0.0) -> tuple[Verdict, Scene]:
    scene = Scene({"a": switch()}, {"effect": look})
    return scene.kill(book(ONE, verify=[probe(times=times, soak=soak)])), scene


def test_one_of_five_replicas_still_serves() -> None:
    """Partial, and the one is named."""
    states = {f"r{i}": OFF for i in range(1, 5)} | {"r5": ON}
    verdict, scene = verdict_of(script(states))
    assert verdict is Verdict.PARTIAL
    assert str(scene.said(Kind.VERDICT)[0]["why"]).startswith("effect/r5:")


def test_every_replica_still_serves() -> None:
    """Not contained, though the lever said changed and held."""
    verdict, scene = verdict_of(script({"r1": ON, "r2": ON}))
    assert verdict is Verdict.NOT_CONTAINED
    assert scene.said(Kind.VERIFIED)[0]["held"] == "held"


def test_a_probe_that_cannot_reach_the_feature_is_unknown() -> None:
    """Could not tell never becomes contained."""
    look = FakeProbe(lambda: {"r1": OFF})
    look.script(*[Unreachable("no route")] * 500)
    assert verdict_of(look)[0] is Verdict.UNKNOWN


def test_a_probe_that_hangs_is_unknown_and_costs_only_its_share() -> None:
    """Each look is given up after its own share, all of them after the probe's."""
    look = FakeProbe(lambda: {"r1": OFF})
    look.script(*[Fault.HANG] * 500)
    scene = Scene({"a": switch()}, {"effect": look})
    begun = scene.clock.elapsed()
    assert scene.kill(book(ONE, verify=[probe(within=30.0)])) is Verdict.UNKNOWN
    assert scene.clock.elapsed() - begun <= 36


def test_a_probe_that_sees_nothing_at_all_is_unknown() -> None:
    """No replica named is no answer, not a good one."""
    assert verdict_of(script({}))[0] is Verdict.UNKNOWN


def test_a_probe_that_is_missing_is_unknown() -> None:
    """A probe that cannot be loaded could not tell."""
    scene = Scene({"a": switch()}, {})
    assert scene.kill(book(ONE)) is Verdict.UNKNOWN


def test_n_in_a_row_means_in_a_row() -> None:
    """A replica that flaps is not proven until it held N times on end."""
    looks = [{"r1": OFF}, {"r1": OFF}, {"r1": ON}, {"r1": OFF}, {"r1": OFF}, {"r1": OFF}]
    verdict, scene = verdict_of(script(*looks))
    assert verdict is Verdict.CONTAINED
    proof = scene.said(Kind.VERDICT)[0]["proof"]
    assert isinstance(proof, dict)
    assert proof["answers"] == 6


def test_a_streak_that_was_cut_short_is_unknown() -> None:
    """Held in the last look, but not N times within the share: could not tell."""
    flapping = [{"r1": ON if i % 2 else OFF} for i in range(200)]
    verdict, _ = verdict_of(script(*flapping), times=3)
    assert verdict in {Verdict.UNKNOWN, Verdict.NOT_CONTAINED}


def test_propagation_is_waited_for() -> None:
    """Replicas that follow after some looks are contained in the end."""
    late = [{"r1": ON, "r2": ON}] * 8 + [{"r1": OFF, "r2": OFF}]
    assert verdict_of(script(*late))[0] is Verdict.CONTAINED


def test_the_soak_catches_what_turned_itself_back_on() -> None:
    """A controller that undoes the kill after three minutes changes the verdict, and the soak ends at once."""
    lever = switch()
    scene = Scene({"a": lever})
    began: list[float] = []

    def seen() -> dict[str, Mapping[str, Json]]:
        began[:] = began or [scene.clock.elapsed()]
        return {"r1": ON if scene.clock.elapsed() - began[0] > 180 else lever.state, "r2": lever.state}

    scene.probes = {"effect": FakeProbe(seen)}
    assert scene.kill(book(ONE, verify=[probe(soak=240.0)])) is Verdict.PARTIAL
    verdicts = [said["verdict"] for said in scene.said(Kind.VERDICT)]
    assert verdicts == ["contained", "partial"]
    assert 180 <= scene.clock.elapsed() - began[0] < 200
    assert scene.said(Kind.RUN_ENDED)[0]["soaked"] is False


def soaked_while(lever: FakeLever, *, undone: bool) -> Scene:
    """A kill whose probes hold to the end of the soak, whatever becomes of the lever meanwhile."""
    scene = Scene({"a": lever})
    began: list[float] = []

    def seen() -> dict[str, Mapping[str, Json]]:
        began[:] = began or [scene.clock.elapsed()]
        if undone and scene.clock.elapsed() - began[0] > 60:
            lever.put(on=True)
        return {"r1": OFF}

    scene.probes = {"effect": FakeProbe(seen)}
    scene.kill(book(ONE, verify=[probe(soak=240.0)]))
    return scene


def test_what_was_put_back_during_the_soak_is_found_where_no_probe_sees_it() -> None:
    """The probes go on holding, as where another step keeps traffic away; the lever itself says that it was undone."""
    scene = soaked_while(switch(), undone=True)
    assert [said["verdict"] for said in scene.said(Kind.VERDICT)] == ["contained", "partial"]
    assert [said["held"] for said in scene.said(Kind.VERIFIED)] == ["held", "not_held"]
    assert "no rung holds for step" in str(scene.said(Kind.VERDICT)[-1]["why"])


def test_what_still_holds_after_the_soak_is_not_said_again() -> None:
    """One look a rung, and no entry."""
    scene = soaked_while(lever := switch(), undone=False)
    assert [said["verdict"] for said in scene.said(Kind.VERDICT)] == ["contained", "contained"]
    assert len(scene.said(Kind.VERIFIED)) == 1
    assert lever.calls.count("verify") == 2


def test_a_lever_that_cannot_be_asked_after_the_soak_takes_nothing_back() -> None:
    """Its vendor is away by then: the probes saw the effect to the end."""
    lever = switch()
    lever.script("verify", None, Unreachable("away"))
    scene = soaked_while(lever, undone=False)
    assert [said["verdict"] for said in scene.said(Kind.VERDICT)] == ["contained", "contained"]


def test_a_lever_that_could_not_be_asked_is_told() -> None:
    """Which one, and why: by its vendor, or because it cannot be had any more."""
    lever = switch()
    lever.script("verify", None, Unreachable("away"))
    scene = soaked_while(lever, undone=False)
    assert scene.said(Kind.VERDICT)[-1]["why"] == "s, rung 1 could not be asked again: away"
    assert len(scene.said(Kind.VERIFIED)) == 1
    gone = Scene({"a": switch()})
    looks = iter(range(100))

    def seen() -> dict[str, Mapping[str, Json]]:
        gone.levers = {} if next(looks) > 4 else gone.levers
        return {"r1": OFF}

    gone.probes = {"effect": FakeProbe(seen)}
    assert gone.kill(book(ONE, verify=[probe(soak=60.0)])) is Verdict.CONTAINED
    assert "there is no lever fake.a" in str(gone.said(Kind.VERDICT)[-1]["why"])


@pytest.mark.parametrize("hanging", ["the probe", "the lever"])
def test_a_soak_that_is_left_ends_at_once(hanging: str) -> None:
    """Nobody waits for a look that is under way, nor for levers to be asked again; that they were not is told."""
    lever, look = switch(), FakeProbe(lambda: {"r1": OFF})
    scene = Scene({"a": lever}, {"effect": look})
    lever.script("verify", None, Fault.HANG)
    look.script(None, None, None, None, None, *([Fault.HANG] if hanging == "the probe" else []))
    run = scene.begin(scene.plan(book(ONE, verify=[probe(soak=20.0)])))
    left: list[float] = []

    def leave() -> None:
        while look.looks < 6 or (hanging == "the lever" and lever.calls.count("verify") < 2):
            Event().wait(0.002)
        left.append(scene.clock.elapsed())
        scene.control.leave_soak.set()

    leaving = Thread(target=leave)
    leaving.start()
    contain(run)
    leaving.join(5)
    assert scene.clock.elapsed() - left[0] < 1.0
    whole = hanging == "the lever"
    assert scene.said(Kind.RUN_ENDED)[0]["soaked"] is whole
    says = "s, rung 1 could not be asked again" if whole else "the soak was left, and no lever was asked again"
    assert says in str(scene.said(Kind.VERDICT)[-1]["why"])
    look.release()
    lever.release()


def test_a_soak_that_ends_without_an_answer_is_unknown() -> None:
    """The last look could not tell: contained before, unknown now."""
    look = FakeProbe(lambda: {"r1": OFF})
    look.script(None, None, None, None, *[Unreachable("cut")] * 500)
    verdict, scene = verdict_of(look, soak=60.0)
    assert verdict is Verdict.UNKNOWN
    assert [said["verdict"] for said in scene.said(Kind.VERDICT)] == ["contained", "unknown"]


def test_a_gap_in_the_soak_is_counted_and_forgiven() -> None:
    """One look that could not tell, then answers again: contained, and the proof counts the gap."""
    look = FakeProbe(lambda: {"r1": OFF})
    look.script(None, None, None, None, Unreachable("blip"))
    verdict, scene = verdict_of(look, soak=60.0)
    assert verdict is Verdict.CONTAINED
    proof = scene.said(Kind.VERDICT)[-1]["proof"]
    assert isinstance(proof, dict)
    assert (proof["untold"], proof["soaked"]) == (1, 60.0)


def test_leaving_the_soak_is_recorded_as_not_soaked() -> None:
    """The verdict of the probes stands; the end says that the soak was not watched."""
    lever = switch()
    scene = Scene({"a": lever}, seeing(lever))
    scene.control.leave_soak.set()
    run = scene.begin(scene.plan(book(ONE, verify=[probe(soak=240.0)])))
    assert contain(run) is not Verdict.NOT_CONTAINED
    ended = scene.said(Kind.RUN_ENDED)[0]
    assert (ended["soaked"], ended["why"]) == (False, "the soak was left before its end, and no lever was asked again")


def test_sights_are_recorded_only_when_they_change() -> None:
    """Three looks of the same picture are one entry; the proof still counts them all."""
    verdict, scene = verdict_of(script({"r1": OFF}), times=3)
    assert verdict is Verdict.CONTAINED
    assert len(scene.said(Kind.SEEN)) == 1


def test_a_probe_that_was_proven_early_is_looked_at_once_more() -> None:
    """One probe is proven at once and turns back while the other still counts: not contained."""
    lever = switch()
    scene = Scene({"a": lever})
    began: list[float] = []

    def early() -> dict[str, Mapping[str, Json]]:
        began[:] = began or [scene.clock.elapsed()]
        return {"r1": ON if scene.clock.elapsed() - began[0] > 5 else OFF}

    scene.probes = {"effect": FakeProbe(early), "slow": FakeProbe(lambda: {"r1": lever.state}, name="fake.slow")}
    uses = [probe(times=2), probe("slow", times=10)]
    assert scene.kill(book(ONE, verify=uses)) is Verdict.PARTIAL


def test_a_soak_that_was_mostly_blind_is_unknown() -> None:
    """Seven looks of eleven could not tell: the last one held, and still nobody watched."""
    look = FakeProbe(lambda: {"r1": OFF})
    look.script(None, None, None, None, *[Unreachable("cut")] * 7)
    verdict, scene = verdict_of(look, soak=60.0)
    assert verdict is Verdict.UNKNOWN
    assert "looks could not tell" in str(scene.said(Kind.VERDICT)[-1]["why"])
