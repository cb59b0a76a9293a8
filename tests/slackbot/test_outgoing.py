"""What is posted: in order, kept while Slack is away, the newest card alone, nothing twice, refusals told in place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from psfir.app.chat import line, memory
from psfir.range.clock import RangeClock
from psfir.range.faulty import Fault, reset
from psfir.range.server import Asked, Reply
from psfir.range.slack.calls import rate_limited
from psfir.range.slack.console import TOKEN, SlackConsole
from psfir.range.slack.lacking import Lacking
from psfir.slackbot.blocks import told
from psfir.slackbot.outgoing import Outgoing
from tests.slackbot.seat import HOME, workspace

INC = "INC-20261121-abcdef"


def lost_answer() -> Fault:
    """It took effect, and nobody heard of it."""
    return Fault("lost", carry=True, wire=reset)


class Post:
    """The console of the range with what it lacks, and the queue before it."""

    def __init__(self, console: SlackConsole, double: Lacking, root: Path) -> None:
        self.console, self.double, self.root = console, double, root
        self.warned: list[str] = []
        self.out = self.again()

    def again(self) -> Outgoing:
        """As another process would begin: from the file alone."""
        session = workspace(self.root, self.double.url)
        return Outgoing(memory(session), line(session), self.warned.append)

    def drain(self, lane: str = INC, most: int = 20) -> float:
        """Until the lane is empty, or has to wait; how long."""
        for _ in range(most):
            if self.out.memory.next(lane) is None:
                return 0.0
            if wait := self.out.step(lane):
                return wait
        raise AssertionError("it never ends")

    def texts(self, channel: str = HOME) -> list[str]:
        return [str(one["text"]) for one in self.console.messages(channel)]


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    console = SlackConsole(RangeClock(), say=lambda _: None)
    with console, Lacking(console.faults, tokens=(TOKEN,)) as double:
        post = Post(console, double, tmp_path)
        post.out.memory.take_room(INC, HOME)
        yield post
        post.out.memory.close()


def method(name: str) -> Any:  # noqa: ANN401 - a predicate of the range's
    return lambda asked: asked.path == f"/api/{name}"


def test_in_order_and_once(post: Post) -> None:
    """The same words under the same key are no work, other words edit what stands there."""
    for at in range(3):
        assert post.out.say(INC, f"entry:{at}", told(f"line {at}"))
    assert post.drain() == 0
    assert post.texts() == ["line 0", "line 1", "line 2"]
    assert not post.out.say(INC, "entry:1", told("line 1"))
    assert post.out.say(INC, "entry:1", told("line one"))
    post.drain()
    assert post.texts() == ["line 0", "line one", "line 2"]


def test_the_newest_card_wins_while_slack_is_away(post: Post) -> None:
    """Ten pictures that nobody saw are one; what else was to be said keeps its place."""
    post.console.faults.fault(rate_limited(7), when=method("chat.postMessage"))
    for at in range(10):
        post.out.say(INC, "card", told(f"card {at}"))
        post.out.say(INC, f"entry:{at}", told(f"line {at}"))
        assert post.drain() == 7  # as Slack asks for
    post.console.faults.heal()
    post.out = post.again()  # the app was started anew meanwhile
    assert post.drain() == 0
    assert post.texts() == ["card 9", *(f"line {at}" for at in range(10))]


@pytest.mark.parametrize("taken", [True, False], ids=["it is there", "it is not"])
def test_what_was_not_answered_is_looked_up(post: Post, taken: bool) -> None:
    """Whether or not Slack had taken it: it stands there once. Also if the process died before it could look."""
    lost = lost_answer() if taken else Fault("broken", reply=Reply(500, {"ok": False, "error": "internal_error"}))
    post.double.faults.fault(lost, when=method("chat.postMessage"), times=1)
    post.out.say(INC, "entry:1", told("once"))
    assert post.drain() > 0
    assert post.texts() == (["once"] if taken else [])
    post.out = post.again()
    post.out.say(INC, "entry:2", told("next"))
    assert post.drain() == 0
    assert post.texts() == ["once", "next"]


def test_an_edit_that_was_not_answered_is_made_again(post: Post) -> None:
    """It has the same effect twice; a newer card goes behind it."""
    post.out.say(INC, "card", told("first"))
    post.drain()
    post.double.faults.fault(lost_answer(), when=method("chat.update"), times=1)
    post.out.say(INC, "card", told("second"))
    assert post.drain() > 0
    post.out.say(INC, "card", told("third"))
    post.drain()
    assert post.texts() == ["third"]


def test_a_token_that_is_refused_loses_nothing(post: Post) -> None:
    """It is renewed some time; until then it is said where psfir runs."""
    refused = Fault("refused", reply=Reply(200, {"ok": False, "error": "invalid_auth"}))
    post.double.faults.fault(refused, times=1)
    post.out.say(INC, "entry:1", told("kept"))
    assert post.drain() >= 60
    assert "SLACK_TOKEN" in post.warned[0]
    post.drain()
    assert post.texts() == ["kept"]


def test_a_server_that_is_gone_loses_nothing(post: Post) -> None:
    """Nothing listens there any more, and then it does."""
    gone = Fault("gone", reply=Reply(503, b"<html>", {"Content-Type": "text/html"}))
    post.double.faults.fault(gone, times=2)
    post.out.say(INC, "entry:1", told("kept"))
    assert post.drain() > 0
    post.double.faults.heal()
    assert post.drain() == 0
    assert post.texts() == ["kept"]


@pytest.mark.parametrize(("deed", "name"), [("topic", "conversations.setTopic"), ("invite", "conversations.invite")])
def test_what_slack_does_not_let_us_do_is_said_once(post: Post, deed: str, name: str) -> None:
    """In the channel, with the scope that is missing; everything behind it goes on."""
    post.out.memory.take_room(INC, "C0RANGE001")
    post.double.denied.add(name)
    for _ in range(3):
        post.out.do(INC, deed, deed, topic="t", members="U0ADA")
        post.out.say(INC, "entry:1", told("on it goes"))
        post.drain()
    (said,) = [text for text in post.texts("C0RANGE001") if "does not let psfir" in text]
    assert "missing\u2060_scope" in said or "missing_scope" in said
    assert "on it goes" in post.texts("C0RANGE001")


def test_an_incident_whose_channel_may_not_be_made_is_worked_on_in_a_thread(post: Post) -> None:
    """The card opens the thread, and it says why."""
    other = "INC-20261121-xyzxyz"
    post.double.denied.add("conversations.create")
    post.out.do(other, "room", "open", name="inc-x", private=False)
    post.out.say(other, "card", told("the card"), root=True)
    post.out.say(other, "entry:1", told("in the thread"))
    post.drain(other)
    room = post.out.memory.room(other)
    card = next(one for one in post.console.messages(HOME) if one["text"] == "the card")
    assert room == (HOME, card["ts"])
    inside = next(one for one in post.console.messages(HOME) if one["text"] == "in the thread")
    assert inside["thread_ts"] == card["ts"]


def test_a_channel_that_a_crash_left_nameless_is_found_again(post: Post) -> None:
    """It was made, and nobody noted its id: by its name it is this incident's."""
    other = "INC-20261121-xyzxyz"
    post.double.faults.fault(lost_answer(), when=method("conversations.create"), times=1)
    post.out.do(other, "room", "open", name="inc-x", private=False)
    assert post.drain(other) > 0
    post.drain(other)
    room = post.out.memory.room(other)
    assert room is not None
    assert room[0] not in {HOME, "C0RANGE001"}


def test_a_card_that_somebody_deleted_is_posted_anew(post: Post) -> None:
    """Slack says that there is no such message."""
    post.out.say(INC, "card", told("first"))
    post.drain()
    with post.console.workspace.lock:
        post.console.workspace.channel(HOME).messages.clear()
    post.out.say(INC, "card", told("second"))
    post.drain()
    assert post.texts() == ["second"]


def test_a_message_that_slack_finds_fault_with_goes_plainly(post: Post) -> None:
    """Rather its words without blocks than nothing, and no queue behind it that waits for ever."""

    def with_blocks(asked: Asked) -> bool:
        return asked.path == "/api/chat.postMessage" and bool(asked.json().get("blocks"))

    bad = Fault("bad", reply=Reply(200, {"ok": False, "error": "invalid_blocks"}))
    post.double.faults.fault(bad, when=with_blocks)
    post.out.say(INC, "entry:1", told("plain"))
    post.drain()
    assert post.texts() == ["plain"]
    assert "invalid_blocks" in post.warned[0]


def test_what_a_message_does_not_hold_comes_whole_below_it(post: Post) -> None:
    """In its thread, and once."""
    whole = "".join(f"{at:05d}" for at in range(1500))
    for _ in range(2):
        post.out.say(INC, "entry:1", told(whole))
        post.drain()
    top, *rest = post.console.messages(HOME)
    assert "".join(one["text"] for one in rest) == whole
    assert {one["thread_ts"] for one in rest} == {top["ts"]}
