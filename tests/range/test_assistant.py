"""The assistant of the range does what its vendors let it do: each lever over its socket, before, after and back."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from psfir.range.assistant.gateway import RETRIEVALS, TOOL_CALLS
from psfir.range.estate import Range
from psfir.range.network.routes import Routes
from psfir.testing.waiting import eventually
from tests.range.whole import RATE, Hand, ask, counted, say, states

SPACE, AGENT, RUNS = "assistants", "support-agent", "support-agent-runs"
ON = {"assistant": "on", "answers": "live", "tools": "all", "model": "large-model"}
PAGE = {"assistant": "off", "answers": "prepared", "tools": "none", "model": ""}


def flag(about: str = "") -> dict[str, Any]:
    name = f"support-assistant-{about}" if about else "support-assistant"
    return {"connection": "flags", "project": SPACE, "environment": "production", "flag": name}


def cluster(**what: Any) -> dict[str, Any]:
    return {"connection": "prod-eu", "namespace": SPACE, **what}


def config(name: str, key: str) -> dict[str, Any]:
    return cluster(configmap=name, key=key, deployment=name)


def role(name: str) -> dict[str, Any]:
    return {"connection": "aws-prod", "role": name}


def serving(whole: Range) -> int:
    return len(Routes(whole.kubernetes).endpoints(SPACE, AGENT))


def digests(whole: Range) -> list[str]:
    return [seat.pod for seat in whole.assistants[0].seats if seat.app == "support-digest"]


AI_CONFIG = {"connection": "flags", "project": SPACE, "environment": "production", "ai_config": "support-answers"}
ROUTE = cluster(ingress="support")
STATIC = {"service": "support-static", "port": 80}
SAID = [
    ("launchdarkly.flag", flag("answers"), {"variation": "prepared"}, {**ON, "answers": "prepared"}),
    ("launchdarkly.flag", flag("tools"), {"variation": "read-only"}, {**ON, "tools": "read-only"}),
    ("launchdarkly.flag", flag("tools"), {"variation": "none"}, {**ON, "tools": "none"}),
    ("launchdarkly.ai_config", AI_CONFIG, {"variation": "small-model"}, {**ON, "model": "small-model"}),
    ("kubernetes.config", config(AGENT, "MODEL"), {"value": "small-model"}, {**ON, "model": "small-model"}),
    ("kubernetes.config", config(AGENT, "TOOLS"), {"value": "read-only"}, {**ON, "tools": "read-only"}),
    ("aws.iam_deny", role(AGENT), {"deny": ["bedrock:*"]}, {**ON, "answers": "prepared"}),
    ("kubernetes.route", ROUTE, STATIC, PAGE),
    ("kubernetes.quarantine", cluster(service=AGENT, label="serving"), {"out": True}, {**PAGE, "answers": "none"}),
    ("kubernetes.replicas", cluster(deployment=AGENT), {"replicas": 0}, {**PAGE, "answers": "none"}),
]


@pytest.mark.parametrize(
    ("lever", "target", "wanted", "said"), SAID, ids=lambda one: one if isinstance(one, str) else ""
)
def test_each_lever_shows_at_every_edge_and_goes_back(
    whole: Range, hand: Hand, lever: str, target: dict[str, Any], wanted: dict[str, Any], said: dict[str, str]
) -> None:
    """What the edges say is what customers would get now."""
    assert states(whole) == [ON, ON]
    back = hand.pull(lever, target, wanted)
    eventually(lambda: states(whole) == [said, said])
    back()
    eventually(lambda: states(whole) == [ON, ON])


def test_switched_off_every_replica_says_that_it_is_not_ready(whole: Range, hand: Hand) -> None:
    """No endpoint is left, nobody is answered, and all of it comes back."""
    assert serving(whole) == 3
    assert ask(whole, "order")["written_by"] == "model"
    back = hand.pull("launchdarkly.flag", flag(), {"on": False})
    eventually(lambda: say(whole, assistant="off"))
    eventually(lambda: serving(whole) == 0)
    assert ask(whole, "order")["written_by"] == "nobody"
    assert not any(seat.parts.on for seat in whole.assistants[0].seats)
    back()
    eventually(lambda: serving(whole) == 3)
    eventually(lambda: ask(whole, "order")["written_by"] == "model")


def test_refused_by_its_role_it_answers_with_prepared_texts(whole: Range, hand: Hand) -> None:
    """No retrieval gets through while it is refused, and the gateway counts that it was."""
    assert ask(whole, "order")["written_by"] == "model"
    back = hand.pull("aws.iam_deny", role(AGENT), {"deny": ["bedrock:*", "dynamodb:*"]})
    eventually(lambda: ask(whole, "order")["written_by"] == "prepared")
    done, refused = (counted(whole, RETRIEVALS, outcome=one) for one in ("done", "refused"))
    assert ask(whole, "order")["written_by"] == "prepared"
    assert counted(whole, RETRIEVALS, outcome="done") == done
    assert counted(whole, RETRIEVALS, outcome="refused") == refused + 1
    back()
    eventually(lambda: ask(whole, "order")["written_by"] == "model")


@pytest.mark.parametrize(
    ("lever", "target", "wanted"),
    [
        ("aws.iam_deny", role("support-agent-tools"), {"deny": ["dynamodb:PutItem", "ses:Send*"]}),
        ("aws.lambda_concurrency", {"connection": "aws-prod", "function": "support-agent-tools"}, {"reserved": 0}),
        ("launchdarkly.flag", flag("tools"), {"variation": "read-only"}),
        ("launchdarkly.flag", flag("tools"), {"variation": "none"}),
    ],
    ids=["role of the tools", "the tools' function", "offered to read", "offered none"],
)
def test_what_is_taken_from_the_tools_cancels_no_order(
    whole: Range, hand: Hand, lever: str, target: dict[str, Any], wanted: dict[str, Any]
) -> None:
    """The customer is answered all the same, and not told that it was done."""

    def cancelled() -> bool:
        said = ask(whole, "cancel")
        assert said["written_by"] == "model"
        return "is cancelled" in said["text"]

    assert cancelled()
    back = hand.pull(lever, target, wanted)
    eventually(lambda: not cancelled())
    done = counted(whole, TOOL_CALLS, kind="write", outcome="done", tool="cancel_order")
    assert not cancelled()
    assert counted(whole, TOOL_CALLS, kind="write", outcome="done", tool="cancel_order") == done
    back()
    eventually(cancelled)


def test_a_network_policy_keeps_from_it_data_model_and_news_of_its_flags(whole: Range, hand: Hand) -> None:
    """Cut off it goes by the flags that it heard last; let through again it hears what has changed meanwhile."""
    cut = {"cut": True}
    back = hand.pull("kubernetes.network_policy", cluster(pods={"app": AGENT}, deny="egress"), cut)
    eventually(lambda: say(whole, assistant="on", answers="prepared"))
    assert ask(whole, "order")["written_by"] == "prepared"
    hand.pull("launchdarkly.flag", flag("tools"), {"variation": "none"})
    runs = [seat for seat in whole.assistants[0].seats if seat.app == RUNS]
    eventually(lambda: all(seat.parts.tools == "none" for seat in runs))
    assert say(whole, tools="all")
    back()
    eventually(lambda: say(whole, answers="live", tools="none"))


def test_one_replica_that_heard_nothing_is_an_assistant_that_is_on(whole: Range, hand: Hand) -> None:
    """Of three replicas two are off, and each edge says what may be met behind it."""
    stale = next(seat for seat in whole.assistants[0].seats if seat.agent)
    stale.stale(on=True)
    hand.pull("launchdarkly.flag", flag(), {"on": False})
    eventually(lambda: serving(whole) == 1)
    assert [one["assistant"] for one in states(whole)] == ["on", "on"]
    assert ask(whole, "order")["written_by"] == "model"
    stale.stale(on=False)
    eventually(lambda: say(whole, assistant="off"))


@pytest.mark.parametrize(
    ("lever", "target", "wanted"),
    [
        ("kubernetes.replicas", cluster(deployment=RUNS), {"replicas": 0}),
        ("aws.iam_deny", role(RUNS), {"deny": ["bedrock:*", "lambda:*"]}),
        ("kubernetes.network_policy", cluster(pods={"app": RUNS}, deny="both"), {"cut": True}),
    ],
)
def test_runs_under_way_go_on_until_they_are_ended_or_refused(
    whole: Range, hand: Hand, lever: str, target: dict[str, Any], wanted: dict[str, Any]
) -> None:
    """The flag that conversations ask for does not stop them; what stops them can be put back."""
    whole.reset(rate=0.01)

    def steps() -> float:
        return counted(whole, TOOL_CALLS, tool="search_catalog", outcome="done")  # only runs search

    eventually(lambda: steps() > 0)
    hand.pull("launchdarkly.flag", flag(), {"on": False})
    before = steps()
    eventually(lambda: steps() > before)
    back = hand.pull(lever, target, wanted)
    eventually(lambda: _still(steps))
    back()
    if lever != "kubernetes.replicas":  # runs that ended stay so while the flag is off
        before = steps()
        eventually(lambda: steps() > before)


def _still(number: Callable[[], float]) -> bool:
    """Whether it stays the same for longer than a step of a run takes."""
    before = number()
    Event().wait(1.3)
    return number() == before


@pytest.mark.parametrize(
    ("lever", "target", "wanted"),
    [
        ("kubernetes.cronjob", cluster(cronjob="support-digest"), {"suspend": True}),
        ("launchdarkly.flag", flag("digest"), {"on": False}),
    ],
)
def test_a_digest_ends_when_it_is_suspended_or_finds_its_flag_off(
    whole: Range, hand: Hand, lever: str, target: dict[str, Any], wanted: dict[str, Any]
) -> None:
    """It mails until then, and no pod of it is left."""
    whole.reset(rate=0.01)
    eventually(lambda: counted(whole, TOOL_CALLS, tool="send_mail", outcome="done") > 0)
    assert len(digests(whole)) == 1
    hand.pull(lever, target, wanted)
    eventually(lambda: not digests(whole))
    eventually(
        lambda: (
            not [
                pod
                for pod in whole.kubernetes.pods(SPACE)
                if "digest" in pod["metadata"]["name"] and pod["status"]["phase"] == "Running"
            ]
        )
    )


def test_customers_are_answered_all_the_time(whole: Range) -> None:
    """By both edges, by the model, and none of it harmful while no scenario is on."""
    whole.reset(rate=RATE)
    eventually(lambda: sum(one.answers for one in whole.counts.bins(1)) >= 20)
    bins = whole.counts.bins(1)
    assert sum(one.harmful + one.prepared + one.refused for one in bins) == 0
    assert whole.counts.last_harm(1) is None
    whole.reset()
    assert sum(one.answers for one in whole.counts.bins(1)) == 0
