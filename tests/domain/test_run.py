"""One run as its entries tell it: what is known of each rung at each moment, so that resume never has to guess."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psfir.domain.change import Change, Held, Look, Outcome, Result
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.plan import Verb
from psfir.domain.run import RunFacts, RungFacts, add, begin
from psfir.domain.verdict import Proof, Verdict
from tests.domain.history import AT, NO_PODS, OFF, History, change, kill_plan

KEY = ("stop", 0)
LATER_OFF = change(kill_plan().rungs[0].rung, {"on": "half"}, {"on": False})
Deed = Callable[[History], None]


def told(*deeds: Deed) -> RunFacts:
    """The facts of a kill of which this was told after its start."""
    history = History()
    history.declare()
    history.begin("run-1", kill_plan())
    started = history.entries[-1]
    for deed in deeds:
        deed(history)
    facts = begin(started, kill_plan())
    for entry in history.entries[started.seq :]:
        facts = add(facts, entry)
    assert facts == history.incident.runs["run-1"], "the incident tells the same"
    return facts


def intend(attempt: int = 1, what: Change = OFF) -> Deed:
    return lambda history: history.intend(*KEY, what=what, attempt=attempt)


def end(result: str, attempt: int = 1) -> Deed:
    return lambda history: history.end(*KEY, result=result, attempt=attempt)


def reread(result: str) -> Deed:
    return lambda history: history.reread(*KEY, result)


def resume(history: History) -> None:
    history.resume()


CHANGED, UNSURE, NEITHER = "changed", "unsure", "neither"
RUNG: dict[str, tuple[list[Deed], str]] = {
    "intended, and then nothing": ([intend()], UNSURE),
    "changed": ([intend(), end("changed")], CHANGED),
    "already so": ([intend(), end("already_so")], NEITHER),
    "refused": ([intend(), end("refused")], NEITHER),
    "failed": ([intend(), end("failed")], NEITHER),
    "no answer": ([intend(), end("unknown")], UNSURE),
    "nothing to do, so never intended": ([end("already_so")], NEITHER),
    "could not be read, so never intended": ([end("failed")], NEITHER),
    "no answer, read again: landed": ([intend(), end("unknown"), reread("changed")], CHANGED),
    "no answer, read again: not yet": ([intend(), end("unknown"), reread("unknown")], UNSURE),
    "died, read again: landed": ([intend(), resume, reread("changed")], CHANGED),
    "failed, then changed": ([intend(), end("failed"), intend(2), end("changed", 2)], CHANGED),
    "failed, then intended": ([intend(), end("failed"), intend(2)], UNSURE),
    "failed, then failed": ([intend(), end("failed"), intend(2), end("failed", 2)], NEITHER),
    "drifted, drawn anew in the same try": ([intend(), end("refused"), intend(1, LATER_OFF), end("changed")], CHANGED),
    "drifted, and then it was so": ([intend(), end("refused"), end("already_so")], NEITHER),
    # From here on an earlier try is in doubt, or has changed something: what a later one says takes none of that back.
    "unknown, then failed": ([intend(), end("unknown"), resume, intend(2), end("failed", 2)], UNSURE),
    "unknown, then refused": ([intend(), end("unknown"), resume, intend(2), end("refused", 2)], UNSURE),
    "unknown, then already so": ([intend(), end("unknown"), resume, intend(2), end("already_so", 2)], UNSURE),
    "unknown, then nothing to do": (
        [intend(), end("unknown"), resume, reread("unknown"), end("already_so", 2)],
        UNSURE,
    ),
    "unknown, then the lever cannot be had": ([intend(), end("unknown"), resume, end("failed", 2)], UNSURE),
    "unknown, then changed": ([intend(), end("unknown"), resume, intend(2), end("changed", 2)], CHANGED),
    "died, then the lever cannot be had": ([intend(), resume, end("failed", 2)], UNSURE),
    "died, then failed, then failed": (
        [intend(), resume, intend(2), end("failed", 2), intend(3), end("failed", 3)],
        UNSURE,
    ),
    "changed, then the lever cannot be had": ([intend(), end("changed"), resume, end("failed", 2)], CHANGED),
    "changed, then refused": ([intend(), end("changed"), resume, intend(2), end("refused", 2)], CHANGED),
    "changed, then already so": ([intend(), end("changed"), resume, end("already_so", 2)], CHANGED),
}


@pytest.mark.parametrize("case", RUNG)
def test_what_psfir_may_have_done_to_the_world(case: str) -> None:
    """For every way in which a rung can go: known to have changed it, possibly so, or certainly not."""
    deeds, what = RUNG[case]
    facts = told(*deeds).rungs[KEY]
    assert (facts.changed, facts.unsure) == (what == CHANGED, what == UNSURE)
    assert facts.leaves == {CHANGED: Result.CHANGED, UNSURE: Result.UNKNOWN, NEITHER: None}[what]


def test_a_new_try_forgets_what_was_seen_of_the_last() -> None:
    """Its outcome and look belong to it, and the change is the newest: that is what must be put back."""
    facts = told(intend(), end("failed"), lambda h: h.verify(*KEY), intend(2, LATER_OFF)).rungs[KEY]
    assert (facts.attempt, facts.change, facts.outcome, facts.look) == (2, LATER_OFF, None, None)
    assert not facts.held


@pytest.mark.parametrize("held", Held)
def test_a_look_at_a_rung(held: Held) -> None:
    """Only `held` holds."""
    facts = told(intend(), end("changed"), lambda h: h.verify(*KEY, held.value)).rungs[KEY]
    assert facts.look == Look(held, held.value)
    assert facts.held is (held is Held.HELD)


def test_a_step_holds_by_any_of_its_rungs() -> None:
    """And by no other step's."""
    run = told(lambda h: h.pull("stop", 0, what=OFF, result="failed"), lambda h: h.pull("stop", 1, what=NO_PODS))
    assert run.step_held("stop")
    assert not run.step_held("cut")


def test_what_is_left_to_climb() -> None:
    """Rungs of which nothing was recorded, in the plan's order."""
    assert told().left == (("stop", 0), ("stop", 1), ("cut", 0))
    assert told(intend()).left == (("stop", 1), ("cut", 0))


def test_a_late_answer_is_kept_beside_the_outcome() -> None:
    """It resolves nothing by itself: only a reading does."""

    def late(history: History) -> None:
        history.of_run(Kind.LATE, step="stop", rung=0, result="changed", says="done after all")

    facts = told(intend(), end("unknown"), late, late).rungs[KEY]
    assert facts.late == (Outcome(Result.CHANGED, "done after all"),) * 2
    assert facts.unsure


def test_the_last_sights_of_each_probe() -> None:
    """A probe that is seen anew replaces its own sights and no others."""

    def saw(probe: str, **replicas: str) -> Deed:
        sights = [{"replica": name, "held": held, "says": "?"} for name, held in replicas.items()]

        def seen(history: History) -> None:
            history.of_run(Kind.SEEN, probe=probe, phase="probes", sights=sights)

        return seen

    run = told(saw("one", a="held", b="not_held"), saw("two", a="held"), saw("one", a="could_not_tell"))
    assert run.seen == {"one": {"a": (Held.COULD_NOT_TELL, "?")}, "two": {"a": (Held.HELD, "?")}}


def test_the_last_verdict_is_the_runs() -> None:
    """Each is kept with its phase, its proof and its place in the record; before the first it is unknown."""
    assert told().verdict is Verdict.UNKNOWN
    run = told(lambda h: h.conclude("contained"), lambda h: h.conclude("partial", "soak"))
    assert run.verdict is Verdict.PARTIAL
    assert [facts.phase for facts in run.verdicts] == ["probes", "soak"]
    assert run.verdicts[0].proof == Proof(5, 0, 4.0, ("effect/a",))
    assert [facts.seq for facts in run.verdicts] == [4, 5]


def test_a_run_that_is_taken_up_again_has_not_ended() -> None:
    """Each time it was is kept."""
    run = told(lambda h: h.stop("partial"), resume)
    assert run.ended is None
    assert len(run.resumed) == 1
    ended = told(lambda h: h.stop("partial"), resume, lambda h: h.stop("contained")).ended
    assert ended is not None
    assert ended["verdict"] == "contained"


def test_what_else_a_run_keeps() -> None:
    """Its beginning, its evidence, what evidence is missing, and its soak."""

    def evidence(history: History) -> None:
        history.of_run(Kind.EVIDENCE, source="http", target={}, name="log", sha256="sha256:00", size=3)
        history.of_run(Kind.NO_EVIDENCE, source="http", target={}, why="no answer")
        history.of_run(Kind.SOAKING, seconds=240.0)

    run = told(evidence)
    assert (run.id, run.verb, run.actor, run.plan) == ("run-1", Verb.KILL, "asserted:alice", kill_plan())
    assert run.started["boot_id"] == "boot"
    assert run.at == f"{AT:%Y-%m-%dT%H:%M}:03.000000Z"
    assert [piece["name"] for piece in run.evidence] == ["log"]
    assert [gap["why"] for gap in run.no_evidence] == ["no answer"]
    assert run.soaking == 240.0


def test_each_rung_names_an_entry_that_tells_of_it() -> None:
    """The newest intention; the end, where it failed before anything was intended."""
    intended, failed = told(intend(), end("changed")), told(end("failed"))
    assert intended.rungs[KEY].seq == failed.rungs[KEY].seq == 4


def test_what_a_newer_psfir_writes_changes_nothing() -> None:
    """A kind that is not known here is left alone, not guessed at."""
    known = told(intend())
    entry = Entry(1, 99, "", "INC", "x", "cli", "rung.polished", "", "", "", {"step": "stop", "rung": 0}, "salt")
    assert add(known, entry) == known


TRIES = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from(["changed", "already_so", "refused", "failed", "unknown", "died"]),
        st.sampled_from(["", "changed", "unknown"]),
    ),
    max_size=5,
)


@settings(max_examples=60)
@given(TRIES)
def test_what_may_have_been_changed_is_never_forgotten(tries: list[tuple[bool, str, str]]) -> None:
    """However tries follow one another: a rung is as changed, or as unsure, as the most that any of them may be."""
    deeds: list[Deed] = []
    done: set[str] = set()
    for attempt, (intended, result, read) in enumerate(tries, 1):
        unclear = intended and result in {"died", "unknown"}
        deeds += [intend(attempt)] * intended
        deeds += [end(result, attempt)] * (result != "died" and (intended or result not in {"changed", "unknown"}))
        deeds += [reread(read)] * (unclear and read != "")
        done.add("unknown" if unclear and read != "changed" else "changed" if unclear else result if intended else "")
    facts = told(*deeds).rungs.get(KEY, RungFacts(*KEY))
    assert facts.changed is ("changed" in done)
    assert facts.unsure is ("unknown" in done and "changed" not in done)
