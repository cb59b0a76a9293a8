"""Slack as a console: its Web API on 127.0.0.1, which prints what is posted, one line a message.

It is there wherever Python is; nothing reads in it and nobody clicks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from psfir.range.clock import RangeClock
from psfir.range.served import Served
from psfir.range.server import Asked, Reply
from psfir.range.slack.calls import API, Call, refusal
from psfir.range.slack.methods import METHODS
from psfir.range.slack.workspace import BOT, CHANNELS, PEOPLE, Channel, Plain, Refused, Workspace

TOKEN = "xoxb-range"  # noqa: S105 - good for nothing but the range
_LONGEST = 400
_POSTS = frozenset({"chat.postMessage", "chat.postEphemeral", "chat.update"})


class SlackConsole(Served):
    """`say` is given each message as a line. A `WebClient(token, base_url=url + "/api/")` reaches it."""

    def __init__(self, clock: RangeClock, *, say: Callable[[str], object], token: str = TOKEN, why: str = "") -> None:
        super().__init__()
        self.token = token
        self.note = why or "Slack is a console"
        self.workspace = Workspace(clock.now, PEOPLE, CHANNELS)
        self._say = say

    def messages(self, channel: str) -> list[Plain]:
        """What was posted there, the oldest first, by the channel's name or id; none where there is no such channel."""
        with self.workspace.lock:
            try:
                return [dict(one) for one in self.workspace.channel(channel).messages]
            except Refused:
                return []

    def reset(self) -> None:
        self.faults.heal()
        self.workspace.reset()

    def _handle(self, asked: Asked) -> Reply:
        if not asked.path.startswith(API):
            return Reply(404, b"not found\n", {"Content-Type": "text/plain"})
        try:
            call = Call.of(asked, tokens={self.token})
            answer, line = self._done(call)
        except Refused as error:
            return refusal(error)
        if line:
            self._say(line)
        return Reply(200, {"ok": True, **answer})

    def _done(self, call: Call) -> tuple[Plain, str]:
        """What it is answered, and the line to print."""
        if call.method not in METHODS:
            raise Refused("unknown_method")
        with self.workspace.lock:
            answer = METHODS[call.method](self.workspace, call.words)
            return answer, self._line(call.method, answer, call.words) if call.method in _POSTS else ""

    def _line(self, method: str, answer: Plain, words: Mapping[str, object]) -> str:
        channel = self.workspace.channel(str(words["channel"]))
        message = answer.get("message") or _found(channel, answer["message_ts"])
        marks = {"chat.update": " (edited)"}.get(method, "")
        if "only_to" in message:
            marks = f" (only {self.workspace.people[message['only_to']].name} sees it)"
        elif "thread_ts" in message:
            marks += " (in a thread)"
        return f"#{channel.name} {BOT.name}{marks}: {_one_line(message)}"


def _found(channel: Channel, stamp: str) -> Plain:
    return next(one for one in channel.messages if one["ts"] == stamp)


def _one_line(message: Plain) -> str:
    """Whatever was posted, in one line that moves no cursor."""
    text = message["text"] or " ".join(_texts([message.get("blocks"), message.get("attachments")]))
    lines = (" ".join("".join(c if c.isprintable() else " " for c in line).split()) for line in text.splitlines())
    whole = " / ".join(line for line in lines if line)
    return whole if len(whole) <= _LONGEST else whole[: _LONGEST - 1] + "…"


def _texts(within: object) -> Iterator[str]:
    """The texts in blocks, wherever they stand."""
    if isinstance(within, list):
        for one in within:
            yield from _texts(one)
    elif isinstance(within, dict):
        for name, value in within.items():
            if name in {"text", "fallback"} and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)
