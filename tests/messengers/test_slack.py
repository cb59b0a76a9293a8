"""Slack: what a text may not do there, threads, copies for one person, and Slack's own words for no."""

from __future__ import annotations

import html
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.base_client import BaseClient

from psfir.contracts import Messenger
from psfir.domain.message import Delivery, Destination, Result
from psfir.errors import NoAnswer
from psfir.range.faulty import Fault
from psfir.range.server import Reply
from psfir.range.slack.calls import rate_limited
from psfir.testing import MESSAGE, cleared
from tests.messengers.stage import SlackStage

WITHIN = 10.0


@pytest.fixture
def stage() -> Iterator[SlackStage]:
    with SlackStage() as stage:
        yield stage


@pytest.fixture
def messenger(stage: SlackStage) -> Messenger:
    return stage.messenger(stage.upstream)


def sent(messenger: Messenger, key: str = "copy-1", thread: str = "", **changed: Any) -> Delivery:
    target = {"channel": "C0RANGE002", **changed.pop("target", {})}
    return messenger.send(cleared(replace(MESSAGE, **changed)), Destination(target, key, thread), within=WITHIN)


def test_a_text_is_only_text(stage: SlackStage, messenger: Messenger) -> None:
    """Nothing that fills it can call a channel, name a person, hide a link or draw bold letters."""
    body = "<!channel> <@U0BEN> <https://evil.example|our page> & *bold*\n"
    assert sent(messenger, body=body).result is Result.SENT
    (message,) = stage.slack.messages("incidents")
    assert "<" not in message["text"]
    assert html.unescape(message["text"]).endswith(body.rstrip())


def test_a_channel_is_named_by_its_id(stage: SlackStage, messenger: Messenger) -> None:
    """A name could not be looked into, and a person's id would be a private note."""
    for name in ("#incidents", "incidents", "U0ADA", ""):
        delivery = sent(messenger, target={"channel": name})
        assert delivery.result is Result.REFUSED, name
    assert not stage.copies()


def test_further_messages_stand_in_the_thread(stage: SlackStage, messenger: Messenger) -> None:
    """Of the first; something that is no thread of Slack's is refused."""
    first = sent(messenger)
    second = sent(messenger, "copy-2", first.thread, body="It is off.\n")
    assert [one.get("thread_ts") for one in stage.slack.messages("incidents")] == [None, first.thread]
    assert second.receipt.startswith("C0RANGE002/")
    assert sent(messenger, "copy-3", "INC-1").result is Result.REFUSED


def test_a_copy_for_one_person_is_seen_by_nobody_else(stage: SlackStage, messenger: Messenger) -> None:
    """In their own room with the app; a channel's id is no person's."""
    for_ada = cleared(only_to="U0ADA")
    delivery = messenger.send(for_ada, Destination({"channel": "C0RANGE002", "address": "U0ADA"}, "k"), within=WITHIN)
    assert delivery.result is Result.SENT
    assert not stage.slack.messages("incidents")
    assert len(stage.slack.messages("D0U0ADA")) == 1
    room = Destination({"channel": "C0RANGE002", "address": "C0RANGE002"}, "k")
    assert messenger.send(cleared(only_to="C0RANGE002"), room, within=WITHIN).result is Result.REFUSED


@pytest.mark.parametrize(
    ("word", "result", "todo"),
    [
        ("invalid_auth", Result.REFUSED, "env:TOKEN"),
        ("missing_scope", Result.REFUSED, "scope chat:write"),
        ("not_in_channel", Result.REFUSED, "invite the app"),
        ("channel_not_found", Result.REFUSED, "channel's id"),
        ("is_archived", Result.REFUSED, ""),
        ("msg_too_long", Result.REFUSED, ""),
        ("ratelimited", Result.FAILED, ""),
        ("fatal_error", Result.UNKNOWN, ""),
        ("internal_error", Result.UNKNOWN, ""),
        ("service_unavailable", Result.UNKNOWN, ""),
    ],
)
def test_slack_says_no_with_200(stage: SlackStage, messenger: Messenger, word: str, result: Result, todo: str) -> None:
    """Each word is told, with what to do; after those for trouble of its own nobody knows whether it was posted."""
    reply = Reply(200, {"ok": False, "error": word, "needed": "chat:write"})
    stage.slack.faults.fault(Fault(word, reply=reply))
    delivery = sent(messenger)
    assert delivery.result is result
    assert word in delivery.says
    assert todo in delivery.says


def test_a_look_waits_where_a_post_does_not(stage: SlackStage, messenger: Messenger) -> None:
    """It comes back when Slack says, if that fits; trouble of Slack's own means that nobody can tell."""
    sent(messenger)
    where = Destination(stage.target, "copy-1")
    stage.slack.faults.fault(rate_limited(0), times=1)
    assert messenger.find(cleared(), where, within=WITHIN) is not None
    stage.slack.faults.fault(Fault("down", reply=Reply(503, b"<html>")))
    with pytest.raises(NoAnswer):
        messenger.find(cleared(), where, within=WITHIN)


def test_a_message_is_found_by_what_psfir_hung_on_it(stage: SlackStage, messenger: Messenger) -> None:
    """Past hundreds of others; the same words of somebody else are not it."""
    delivery = sent(messenger)
    channel = stage.slack.workspace.channel("incidents")
    for _ in range(300):
        stage.slack.workspace.post(channel, {"text": MESSAGE.body})
    found = messenger.find(cleared(), Destination(stage.target, "copy-1"), within=WITHIN)
    assert found is not None
    assert found.receipt == delivery.receipt
    assert messenger.find(cleared(), Destination(stage.target, "copy-9"), within=WITHIN) is None


def test_a_text_is_as_long_as_slack_counts_it(stage: SlackStage, messenger: Messenger) -> None:
    """A sign that is written with five letters counts as five; Slack would cut the rest off."""
    assert sent(messenger, body="x" * 39_000).result is Result.SENT
    refused = sent(messenger, "copy-2", body="&" * 9_000)
    assert refused.result is Result.REFUSED
    assert "as Slack counts" in refused.says


def test_the_sdk_sends_in_the_one_place_that_is_taken_over() -> None:
    """Were it renamed, requests would go past psfir's deadline, and through proxies."""
    assert callable(vars(BaseClient)["_perform_urllib_http_request_internal"])


def test_a_messenger_loads_no_sdk_before_it_is_used(root: Path) -> None:
    """Another channel's messenger is found without it."""
    code = "import sys, psfir.messengers.slack; print('slack_sdk' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True, timeout=50
    )
    assert done.stdout.strip() == "False"
