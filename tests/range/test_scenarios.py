"""Each way in which the assistant can go wrong does the harm that it names, the same with the same seed."""

from __future__ import annotations

from itertools import islice, product

import pytest

from psfir.range.assistant.scenarios import SCENARIOS
from psfir.range.assistant.words import Answer, Question, harm, question
from psfir.range.estate import Range
from psfir.testing.waiting import eventually
from tests.range.test_assistant import AGENT, AI_CONFIG, cluster, config, flag
from tests.range.whole import RATE, Hand, ask, say

HARM = {
    "leaks_order": "another customer's order",
    "promises_refund": "a refund that nobody authorised",
    "follows_injection": "an injected instruction followed",
    "drifts": "a price that is wrong",
}
CURES = [
    ("leaks_order", "kubernetes.network_policy", cluster(pods={"app": AGENT}, deny="egress"), {"cut": True}),
    ("follows_injection", "launchdarkly.flag", flag("tools"), {"variation": "read-only"}),
    ("drifts", "launchdarkly.ai_config", AI_CONFIG, {"variation": "small-model"}),
    ("drifts", "kubernetes.config", config(AGENT, "MODEL"), {"value": "small-model"}),
    ("promises_refund", "launchdarkly.flag", flag("answers"), {"variation": "prepared"}),
]


def conversations(whole: Range, many: int = 40) -> list[tuple[Question, str, str]]:
    """What the first so many questions of its customers are answered, and what is wrong with that."""
    found = []
    for conversation, turn in islice(product(range(8), range(8)), many):
        asked = question(whole.seed, conversation, turn)
        said = ask(whole, asked.kind, conversation=conversation, turn=turn)
        answer = Answer(said["text"], said["written_by"], said["model"])
        found.append((asked, answer.text, harm(asked, answer)))
    return found


def test_each_of_them_is_tried() -> None:
    """The one that does no harm to customers is looked at where it does: at the gateway."""
    assert set(SCENARIOS) == {*HARM, "loops_on_tool"}


@pytest.mark.parametrize("name", HARM)
def test_it_does_the_harm_it_names_the_same_each_time(whole: Range, name: str) -> None:
    """Two runs with one seed ask the same, are answered the same, and are harmed the same."""
    assert {what for *_, what in conversations(whole, 12)} == {""}
    whole.assistants[0].scenario = name
    first = conversations(whole)
    assert {what for *_, what in first} == {"", HARM[name]}
    whole.reset()
    whole.assistants[0].scenario = name
    assert conversations(whole) == first


@pytest.mark.parametrize(("name", "lever", "target", "wanted"), CURES)
def test_it_is_cured_by_what_keeps_from_it_what_it_needs(
    whole: Range, hand: Hand, name: str, lever: str, target: dict[str, object], wanted: dict[str, object]
) -> None:
    """Though the scenario goes on."""
    whole.assistants[0].scenario = name
    before = states_of(whole)
    hand.pull(lever, dict(target), dict(wanted))
    eventually(lambda: states_of(whole) != before)
    assert {what for *_, what in conversations(whole)} == {""}


def states_of(whole: Range) -> list[bool]:
    return [
        say(whole, **{key: value}) for key, value in (("answers", "live"), ("tools", "all"), ("model", "large-model"))
    ]


def test_customers_are_harmed_by_it(whole: Range) -> None:
    """And one such answer is kept to be shown, with what was asked."""
    whole.reset(rate=RATE)
    whole.assistants[0].scenario = "promises_refund"
    eventually(lambda: sum(one.harmful for one in whole.counts.bins(1)) >= 3)
    kept = whole.counts.last_harm(1)
    assert kept
    assert kept.why == HARM["promises_refund"]
    assert "full refund" in kept.got
    whole.assistants[0].scenario = ""
    whole.reset(rate=RATE)
    assert whole.counts.last_harm(1) is None


def test_a_run_that_goes_round_in_circles_pays_for_it(whole: Range) -> None:
    """Where nobody is asked, each call of the paid tool is what is counted as harm."""
    whole.reset(rate=0.01)
    whole.assistants[0].scenario = "loops_on_tool"
    eventually(lambda: sum(one.harmful for one in whole.counts.bins(1)) >= 8)
    assert whole.counts.last_harm(1) is None


def test_there_is_no_other(whole: Range) -> None:
    """A name that is none is refused, and nothing changes."""
    with pytest.raises(ValueError, match="no such scenario"):
        whole.assistants[0].scenario = "sulks"
    assert whole.assistants[0].scenario == ""
