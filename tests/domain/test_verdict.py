"""From looks to a verdict: the tables, and that no bad or missing look ever makes one better."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psfir.domain.change import Held
from psfir.domain.verdict import Proof, Verdict, capped, judge, worst

HELD, NOT, UNTOLD = Held.HELD, Held.NOT_HELD, Held.COULD_NOT_TELL
CONTAINED, PARTIAL, NOT_CONTAINED, UNKNOWN = (
    Verdict.CONTAINED,
    Verdict.PARTIAL,
    Verdict.NOT_CONTAINED,
    Verdict.UNKNOWN,
)
BAD = {CONTAINED: 0, UNKNOWN: 1, PARTIAL: 2, NOT_CONTAINED: 3}
LOOKS = st.lists(st.sampled_from(Held))
VERDICTS = st.lists(st.sampled_from(Verdict))


@pytest.mark.parametrize(
    ("looks", "verdict"),
    [
        ((), UNKNOWN),
        ((HELD,), CONTAINED),
        ((HELD, HELD), CONTAINED),
        ((UNTOLD,), UNKNOWN),
        ((HELD, UNTOLD), UNKNOWN),
        ((NOT,), NOT_CONTAINED),
        ((NOT, UNTOLD), NOT_CONTAINED),
        ((HELD, NOT), PARTIAL),
        ((HELD, NOT, UNTOLD), PARTIAL),
    ],
)
def test_what_looks_come_to(looks: tuple[Held, ...], verdict: Verdict) -> None:
    """Every set of looks there is."""
    assert judge(looks) is verdict


@pytest.mark.parametrize(
    ("verdicts", "together"),
    [
        ((), UNKNOWN),
        ((CONTAINED,), CONTAINED),
        ((CONTAINED, CONTAINED), CONTAINED),
        ((UNKNOWN,), UNKNOWN),
        ((CONTAINED, UNKNOWN), UNKNOWN),
        ((NOT_CONTAINED,), NOT_CONTAINED),
        ((NOT_CONTAINED, NOT_CONTAINED), NOT_CONTAINED),
        ((NOT_CONTAINED, UNKNOWN), NOT_CONTAINED),
        ((NOT_CONTAINED, CONTAINED), PARTIAL),
        ((NOT_CONTAINED, CONTAINED, UNKNOWN), PARTIAL),
        ((PARTIAL,), PARTIAL),
        ((PARTIAL, CONTAINED), PARTIAL),
        ((PARTIAL, UNKNOWN), PARTIAL),
        ((PARTIAL, NOT_CONTAINED), PARTIAL),
        ((PARTIAL, NOT_CONTAINED, UNKNOWN), PARTIAL),
        ((PARTIAL, CONTAINED, UNKNOWN), PARTIAL),
        ((PARTIAL, CONTAINED, NOT_CONTAINED), PARTIAL),
        ((PARTIAL, CONTAINED, NOT_CONTAINED, UNKNOWN), PARTIAL),
    ],
)
def test_what_verdicts_come_to_together(verdicts: tuple[Verdict, ...], together: Verdict) -> None:
    """Every set of verdicts there is. Partial needs a part that is known to be contained."""
    assert worst(verdicts) is together


@pytest.mark.parametrize("verdict", Verdict)
def test_a_failed_step_keeps_contained_out_of_reach(verdict: Verdict) -> None:
    """It changes no other verdict, and nothing where no step failed."""
    assert capped(verdict, steps_failed=True) is (PARTIAL if verdict is CONTAINED else verdict)
    assert capped(verdict, steps_failed=False) is verdict


@given(LOOKS)
def test_contained_means_that_everything_was_seen_to_hold(looks: list[Held]) -> None:
    """And there was something to see."""
    assert (judge(looks) is CONTAINED) == (bool(looks) and set(looks) == {HELD})


@given(LOOKS, st.sampled_from([NOT, UNTOLD]))
def test_a_look_that_does_not_hold_or_cannot_tell_never_helps(looks: list[Held], more: Held) -> None:
    """The verdict stays or gets worse, whatever was seen before."""
    before = judge(looks) if looks else CONTAINED
    assert BAD[judge([*looks, more])] >= BAD[before]


@given(VERDICTS, st.sampled_from([UNKNOWN, NOT_CONTAINED]))
def test_an_unknown_or_failed_system_never_helps(verdicts: list[Verdict], more: Verdict) -> None:
    """The verdict of all stays or gets worse; only what is contained in part may turn `not contained` to `partial`."""
    before = worst(verdicts) if verdicts else CONTAINED
    assert BAD[worst([*verdicts, more])] >= BAD[before]


@given(VERDICTS)
def test_order_and_repetition_say_nothing(verdicts: list[Verdict]) -> None:
    """A verdict is about what was seen, not about when."""
    assert worst(verdicts) is worst(reversed(verdicts)) is worst(verdicts * 2)


@given(st.lists(LOOKS.filter(bool)))
def test_judging_in_parts_flatters_nobody(parts: list[list[Held]]) -> None:
    """The verdict over several systems is that over all their looks, or a worse one where a part was unknown."""
    apart, whole = worst(judge(part) for part in parts), judge(look for part in parts for look in part)
    assert BAD[apart] >= BAD[whole]
    assert (apart is CONTAINED) == (whole is CONTAINED)


def test_a_proof_is_plain_json() -> None:
    """Rounded to milliseconds, so that its digest does not hang on noise."""
    proof = Proof(answers=10, untold=1, over=5.00049, replicas=("a", "b"), soaked=240.00051)
    assert json.loads(json.dumps(proof.to_json())) == {
        "answers": 10,
        "untold": 1,
        "over": 5.0,
        "replicas": ["a", "b"],
        "soaked": 240.001,
    }
