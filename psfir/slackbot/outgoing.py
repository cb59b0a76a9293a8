"""All that is posted: one ordered queue a lane, kept until Slack has it, and nothing posted twice.

A lane is an incident, or the home channel. What was sent and not answered is looked up by its mark before it is sent
again; what was posted under a key is edited from then on. Slack's absence stops nothing but this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from psfir.app.chat import Line
from psfir.domain.message import EXERCISE
from psfir.domain.values import frozen
from psfir.errors import Busy, Declined, Denied, LeverError, NoAnswer, NoSuchTarget, Unreachable
from psfir.records.chat import SENDING, ChatMemory, Said
from psfir.slackbot.blocks import BLOCKS, FALLBACK, Message, Page, told
from psfir.slackbot.mrkdwn import bold, safe

HOME = "home"
WITHIN = 8.0
EVENT = "psfir_app"
PIECE, MOST = 3500, 10
_FIRST, _LONGEST = 1.0, 30.0
_DENIED = 60.0
_FINE = ("already_pinned", "already_in_channel", "cant_invite_self", "no_pin")
_ANEW = ("message_not_found", "cant_update_message", "edit_window_closed")


@frozen
class Outgoing:
    """`memory` keeps, `line` sends. `warn` is told what people at Slack cannot be told."""

    memory: ChatMemory
    line: Line
    warn: Callable[[str], None]

    def say(self, lane: str, key: str, message: Message, **more: Any) -> bool:
        """Post it, or edit what was posted under this key. Durable when this returns; False if it stands there so.

        What it does not hold comes whole, in the thread below it.
        """
        message = self.marked(message)
        put = self.memory.put(lane, key, "say", {**message.words(), **more})
        for at, piece in enumerate(_pieces(message.over)):
            self.memory.put(lane, f"{key}:whole:{at}", "say", {"text": piece, "under": key})
        return put

    def marked(self, message: Message) -> Message:
        """A drill's says on top that it is one, whoever wrote it."""
        if not self.line.exercise or EXERCISE in message.text:
            return message
        top = Page(banner=bold(EXERCISE)).message()
        return Message(
            f"{top.text}\n{message.text}"[:FALLBACK], (*top.blocks, *message.blocks[-BLOCKS + 1 :]), message.over
        )

    def do(self, lane: str, key: str, deed: str, **words: Any) -> bool:
        """Another deed than posting: open, topic, pin, invite."""
        return self.memory.put(lane, key, deed, words)

    def step(self, lane: str) -> float:
        """Do the oldest of this lane. Seconds to leave the lane alone: 0 if the next may go at once."""
        said = self.memory.next(lane)
        if said is None:
            return 0.0
        unsure = said.state == SENDING
        try:
            said = self.memory.sending(said)
            channel, ts = _DEEDS[said.deed](self, said, unsure)
        except NoAnswer:
            return _pause(said)  # it stays as being sent: looked up before it is sent again
        except (Busy, Unreachable) as error:
            self.memory.wait(said)
            return (error.after if isinstance(error, Busy) and error.after else 0.0) or _pause(said)
        except LeverError as error:
            return self._refused(said, error)
        self.memory.done(said, channel, ts)
        return 0.0

    def _refused(self, said: Said, error: LeverError) -> float:
        """Slack says no: what can be cured by itself is, and what cannot is said where people read."""
        if any(word in error.what for word in _FINE):
            self.memory.done(said, "-")
            return 0.0
        if said.deed != "say":
            self.memory.done(said, "-")
            what = f"Slack does not let psfir {_WORDS[said.deed]}: {safe(error.what)}. {safe(error.todo)}"
            self.say(said.lane, f"refused:{said.deed}", told(what))
            return 0.0
        if any(word in error.what for word in _ANEW):
            self.memory.forget(said.key)
            self.memory.wait(said)
            return 0.0
        if isinstance(error, Denied):
            self.memory.wait(said)
            self.warn(f"Slack refuses what is to be posted, it is kept: {error}")
            return _DENIED
        return self._lost(said, error)

    def _lost(self, said: Said, error: LeverError) -> float:
        """The channel is gone, or Slack finds fault with the message itself: once more, elsewhere or plainly."""
        room, home = self.memory.room(said.lane), self.line.desk.home
        self.warn(f"not posted ({said.key}): {error}")
        if isinstance(error, NoSuchTarget) and room is not None and room[0] != home:
            self.memory.take_room(said.lane, home)
            self.memory.wait(said)
            return 0.0
        self.memory.done(said, "-")
        if isinstance(error, Declined) and said.words.get("blocks"):
            self.memory.put(said.lane, f"{said.key}:plain", "say", {**said.words, "blocks": []})
        return 0.0

    def call(self, method: str, words: Mapping[str, Any], *, writes: bool = True) -> Mapping[str, Any]:
        return self.line.api.call(method, words, within=WITHIN, writes=writes)

    def place(self, lane: str) -> tuple[str, str]:
        """Where a lane is: its own channel, a thread, or the home channel as long as it has neither."""
        return self.memory.room(lane) or (self.line.desk.home, "")


def _pause(said: Said) -> float:
    return float(min(_LONGEST, _FIRST * 2 ** min(said.tries, 6)))


def _pieces(text: str) -> list[str]:
    """A long text in messages of its own; nobody reads more of one than these."""
    found: list[str] = []
    while text and len(found) < MOST:
        sign = text.rfind("&", PIECE - 5, PIECE)
        end = sign if sign >= 0 and ";" not in text[sign:PIECE] else PIECE
        found.append(text[:end])
        text = text[end:]
    return found


def _say(out: Outgoing, said: Said, unsure: bool) -> tuple[str, str]:  # noqa: FBT001 - a table of deeds calls it
    words = {name: value for name, value in said.words.items() if name not in {"root", "channel", "thread", "under"}}
    posted = out.memory.posted(said.key)
    if posted is not None and posted.channel != "-":
        out.call("chat.update", {"channel": posted.channel, "ts": posted.ts, **words})
        return posted.channel, posted.ts
    channel, thread = out.place(said.lane)
    if said.words.get("channel"):
        channel, thread = str(said.words["channel"]), str(said.words.get("thread") or "")
    above = out.memory.posted(str(said.words.get("under", "")))
    if above is not None and above.channel != "-":
        # A thread has no threads: what is in one already is gone on with in the same.
        channel, thread = above.channel, thread if thread and above.channel == channel else above.ts
    root = bool(said.words.get("root"))
    if root and channel == out.line.desk.home:
        thread = ""
    ts = _found(out, said, channel, thread) if unsure else ""
    if not ts:
        mark = {"event_type": EVENT, "event_payload": {"mark": said.mark}}
        answer = out.call("chat.postMessage", {"channel": channel, "thread_ts": thread, "metadata": mark, **words})
        ts = str(answer.get("ts") or "")
        if not ts:
            raise NoAnswer("Slack names no message in its answer; it may be there")
    if root and channel == out.line.desk.home:
        out.memory.take_room(said.lane, channel, ts)
    return channel, ts


def _found(out: Outgoing, said: Said, channel: str, thread: str) -> str:
    """The message that may have been posted, by the mark that hangs on it; '' if it is not there."""
    for one in out.line.api.messages(channel, thread=thread, within=WITHIN):
        metadata = one.get("metadata")
        payload = metadata.get("event_payload") if isinstance(metadata, Mapping) else None
        if isinstance(payload, Mapping) and payload.get("mark") == said.mark:
            return str(one.get("ts") or "")
    return ""


def _open(out: Outgoing, said: Said, _: bool) -> tuple[str, str]:  # noqa: FBT001 - as above
    """The incident's own channel. Its name is the incident's, so one that is there already is this one."""
    name = str(said.words["name"])
    try:
        made = out.call("conversations.create", {"name": name, "is_private": bool(said.words.get("private"))})
        found = str((made.get("channel") or {}).get("id") or "")
    except Declined as error:
        if "name_taken" not in error.what:
            raise
        found = _channel_named(out, name)
    if not found:
        raise Declined(f"a channel {name} is there and cannot be seen")
    out.memory.take_room(said.lane, found)
    return found, ""


def _channel_named(out: Outgoing, name: str) -> str:
    cursor = ""
    for _ in range(20):
        words = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": 1000, "cursor": cursor}
        page = out.call("conversations.list", words, writes=False)
        for one in page.get("channels") or ():
            if one.get("name") == name:
                return str(one.get("id") or "")
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            break
    return ""


def _topic(out: Outgoing, said: Said, _: bool) -> tuple[str, str]:  # noqa: FBT001 - as above
    channel, _thread = out.place(said.lane)
    if channel != out.line.desk.home:
        out.call("conversations.setTopic", {"channel": channel, "topic": said.words["topic"]})
    return channel, ""


def _pin(out: Outgoing, said: Said, _: bool) -> tuple[str, str]:  # noqa: FBT001 - as above
    posted = out.memory.posted(str(said.words["of"]))
    if posted is not None and posted.channel not in {"-", out.line.desk.home}:
        out.call("pins.add", {"channel": posted.channel, "timestamp": posted.ts})
    return "-", ""


def _invite(out: Outgoing, said: Said, _: bool) -> tuple[str, str]:  # noqa: FBT001 - as above
    channel, _thread = out.place(said.lane)
    if channel != out.line.desk.home:
        out.call("conversations.invite", {"channel": channel, "users": said.words["members"]})
    return "-", ""


_DEEDS: Mapping[str, Callable[[Outgoing, Said, bool], tuple[str, str]]] = {
    "say": _say,
    "open": _open,
    "topic": _topic,
    "pin": _pin,
    "invite": _invite,
}
_WORDS = {
    "open": "open a channel for this incident, so that it is worked on here",
    "topic": "set the topic",
    "pin": "pin the card",
    "invite": "invite people",
}
