"""The console that stands in for Slack, over real sockets and by Slack's own client."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from psfir.range.clock import RangeClock
from psfir.range.slack.calls import rate_limited
from psfir.range.slack.console import TOKEN, SlackConsole
from psfir.range.slack.workspace import KEPT


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def slack(said: list[str]) -> Iterator[SlackConsole]:
    with SlackConsole(RangeClock(), say=said.append) as slack:
        yield slack


@pytest.fixture
def client(slack: SlackConsole) -> WebClient:
    return WebClient(token=slack.token, base_url=f"{slack.url}/api/", timeout=5, retry_handlers=[])


def error(call: Callable[..., object], **words: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        call(**words)
    return str(refused.value.response["error"])


def raw(slack: SlackConsole, method: str, body: bytes, kind: str, token: str = TOKEN) -> dict[str, Any]:
    headers = {"Content-Type": kind, **({"Authorization": f"Bearer {token}"} if token else {})}
    with urlopen(Request(f"{slack.url}/api/{method}", body, headers), timeout=5) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def test_a_message_is_kept_and_printed(slack: SlackConsole, client: WebClient, said: list[str]) -> None:
    """One line a message, by the channel's name or id; in order, each with a time of its own."""
    first = client.chat_postMessage(channel="#incidents", text="The assistant\nis off")
    second = client.chat_postMessage(channel=first["channel"], text="proof", thread_ts=first["ts"])
    assert said == ["#incidents psfir: The assistant / is off", "#incidents psfir (in a thread): proof"]
    assert [one["text"] for one in slack.messages("incidents")] == ["The assistant\nis off", "proof"]
    assert slack.messages(first["channel"]) == slack.messages("#incidents")
    assert first["ts"] < second["ts"]
    assert first["message"]["bot_id"]
    assert slack.messages("general") == slack.messages("nowhere") == []


def test_a_message_is_edited(slack: SlackConsole, client: WebClient, said: list[str]) -> None:
    """In its place; the new text is printed."""
    posted = client.chat_postMessage(channel="incidents", text="open")
    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="closed")
    assert [one["text"] for one in slack.messages("incidents")] == ["closed"]
    assert said[-1] == "#incidents psfir (edited): closed"
    assert error(client.chat_update, channel=posted["channel"], ts="1.000001", text="closed") == "message_not_found"


def test_a_message_for_one_person_is_printed_as_such(client: WebClient, said: list[str]) -> None:
    """And cannot be edited or pinned."""
    posted = client.chat_postEphemeral(channel="incidents", user="U0ADA", text="you may not")
    assert said == ["#incidents psfir (only ada sees it): you may not"]
    assert error(client.chat_update, channel="incidents", ts=posted["message_ts"], text="x") == "message_not_found"
    assert error(client.chat_postEphemeral, channel="incidents", user="U0EVE", text="x") == "user_not_found"


def test_blocks_are_printed_as_their_texts(slack: SlackConsole, client: WebClient, said: list[str]) -> None:
    """Nothing in them reaches the terminal but text that can be printed."""
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*Pull*\x1b[2J"}},
        {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Approve"}}]},
    ]
    with pytest.warns(UserWarning, match="text"):
        client.chat_postMessage(channel="incidents", blocks=blocks)
    assert said == ["#incidents psfir: *Pull* [2J Approve"]
    assert slack.messages("incidents")[0]["blocks"] == blocks
    form = b"channel=incidents&blocks=%5B%7B%22type%22%3A%22divider%22%7D%5D"
    assert raw(slack, "chat.postMessage", form, "application/x-www-form-urlencoded")["ok"]
    assert slack.messages("incidents")[1]["blocks"] == [{"type": "divider"}]


def test_only_the_token_it_issued_is_good(slack: SlackConsole, said: list[str]) -> None:
    """Without one not_authed, with another invalid_auth, with 200 as Slack has it; a form may carry it."""
    body = b'{"channel": "incidents", "text": "hi"}'
    assert raw(slack, "chat.postMessage", body, "application/json", "")["error"] == "not_authed"
    assert raw(slack, "chat.postMessage", body, "application/json", "xoxb-other")["error"] == "invalid_auth"
    assert said == []
    form = f"token={TOKEN}&channel=incidents&text=hi".encode()
    assert raw(slack, "chat.postMessage", form, "application/x-www-form-urlencoded", "")["ok"]
    assert TOKEN not in json.dumps(slack.messages("incidents"))


def test_channels(client: WebClient) -> None:
    """They are made, found and listed page by page; a name is taken once and has no blanks."""
    made = client.conversations_create(name="inc-0001")["channel"]
    assert client.conversations_info(channel=made["id"])["channel"]["name"] == "inc-0001"
    names: list[str] = []
    for page in client.conversations_list(limit=2):
        names += [one["name"] for one in page["channels"]]
    assert names == ["general", "incidents", "inc-0001"]
    assert error(client.conversations_create, name="inc-0001") == "name_taken"
    assert error(client.conversations_create, name="Inc 1") == "invalid_name_specials"
    assert error(client.conversations_create, name="x" * 81) == "invalid_name_maxlength"
    assert error(client.conversations_info, channel="C0NONE") == "channel_not_found"
    assert error(client.chat_postMessage, channel="nowhere", text="x") == "channel_not_found"
    assert error(client.conversations_list, cursor="x") == "invalid_cursor"


def test_people(client: WebClient) -> None:
    """By id, by address, and all of them; the bot is one."""
    ada = client.users_lookupByEmail(email="ADA@example.com")["user"]
    assert client.users_info(user=ada["id"])["user"]["profile"]["email"] == "ada@example.com"
    assert {one["name"] for one in client.users_list()["members"]} == {"psfir", "ada", "ben"}
    assert client.auth_test()["user_id"] in {one["id"] for one in client.users_list()["members"]}
    assert error(client.users_lookupByEmail, email="eve@example.com") == "users_not_found"
    assert error(client.users_info, user="U0EVE") == "user_not_found"


def test_pins(client: WebClient) -> None:
    """A message is pinned once."""
    posted = client.chat_postMessage(channel="incidents", text="the timeline")
    assert client.pins_add(channel=posted["channel"], timestamp=posted["ts"])["ok"]
    assert error(client.pins_add, channel=posted["channel"], timestamp=posted["ts"]) == "already_pinned"
    assert error(client.pins_add, channel=posted["channel"], timestamp="1.1") == "message_not_found"


def test_what_cannot_be_read_is_refused(slack: SlackConsole, client: WebClient) -> None:
    """By Slack's names for it."""
    kind = "application/json"
    assert raw(slack, "chat.postMessage", b"{", kind)["error"] == "invalid_json"
    assert raw(slack, "chat.postMessage", b"[]", kind)["error"] == "json_not_object"
    assert raw(slack, "chat.fly", b"{}", kind)["error"] == "unknown_method"
    assert raw(slack, "chat.postMessage", b'{"channel": "incidents"}', kind)["error"] == "no_text"
    assert raw(slack, "chat.postMessage", b'{"channel": "incidents", "blocks": "x"}', kind)["error"] == "invalid_blocks"
    assert raw(slack, "api.test", b'{"foo": "bar"}', kind, "")["args"] == {"foo": "bar"}
    assert error(client.api_test, error="my_error") == "my_error"
    assert error(client.chat_postMessage, channel="incidents", text="x" * 40_001) == "msg_too_long"


def test_a_rate_limit_says_how_long_to_wait(slack: SlackConsole, client: WebClient) -> None:
    """As 429; a reset heals it, and forgets what was posted and made."""
    client.chat_postMessage(channel="incidents", text="hi")
    client.conversations_create(name="inc-0001")
    slack.faults.fault(rate_limited(7))
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel="incidents", text="hi")
    answer = refused.value.response
    assert (answer.status_code, answer.headers["Retry-After"], answer["error"]) == (429, "7", "ratelimited")
    slack.reset()
    assert client.auth_test()["ok"]
    assert slack.messages("incidents") == []
    assert len(client.conversations_list()["channels"]) == 2


def test_it_keeps_no_more_than_it_says(slack: SlackConsole) -> None:
    """The newest of each channel."""
    channel = slack.workspace.channel("incidents")
    for serial in range(KEPT + 5):
        slack.workspace.post(channel, {"text": str(serial)})
    kept = slack.messages("incidents")
    assert (len(kept), kept[-1]["text"]) == (KEPT, str(KEPT + 4))


def test_what_was_posted_can_be_looked_through(client: WebClient) -> None:
    """The newest first, threads by themselves; what programs hung on messages, for those who ask for it."""
    hung = {"event_type": "noted", "event_payload": {"number": "1"}}
    first = client.chat_postMessage(channel="incidents", text="one", metadata=hung)
    client.chat_postMessage(channel="incidents", text="two")
    client.chat_postMessage(channel="incidents", text="inside", thread_ts=first["ts"])
    channel = first["channel"]
    assert [one["text"] for one in client.conversations_history(channel=channel)["messages"]] == ["two", "one"]
    assert "metadata" not in client.conversations_history(channel=channel)["messages"][1]
    told = client.conversations_history(channel=channel, include_all_metadata=True)["messages"]
    assert told[1]["metadata"] == hung
    thread = client.conversations_replies(channel=channel, ts=first["ts"])["messages"]
    assert [one["text"] for one in thread] == ["one", "inside"]
    assert error(client.conversations_replies, channel=channel, ts="1.000001") == "thread_not_found"
    assert error(client.chat_postMessage, channel="incidents", text="x", metadata={"a": 1}) == "invalid_metadata_format"


def test_a_room_is_one_person_s(slack: SlackConsole, client: WebClient) -> None:
    """The same each time, and not among the channels."""
    room = client.conversations_open(users="U0ADA")["channel"]["id"]
    assert client.conversations_open(users="U0ADA")["channel"]["id"] == room
    client.chat_postMessage(channel=room, text="for you")
    assert [one["text"] for one in slack.messages(room)] == ["for you"]
    assert room not in {one["id"] for one in client.conversations_list()["channels"]}
    assert error(client.conversations_open, users="U0EVE") == "user_not_found"
