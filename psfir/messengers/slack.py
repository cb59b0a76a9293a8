"""Posts into a Slack channel, in the thread of its incident; a copy for oneself goes to one person alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from psfir.contracts import BoundConnection
from psfir.domain.about import Field, FieldType, MessengerAbout
from psfir.domain.message import Delivery, Result
from psfir.errors import NoAnswer, Refusal
from psfir.messengers.outgoing import ADDRESS, Copy, Outgoing, address
from psfir.vendors.deadline import Deadline
from psfir.vendors.slack import Slack as Api

EVENT = "psfir_message"
LONGEST = 40_000
"""Slack cuts off what is longer."""

_CHANNEL, _PERSON = re.compile(r"[CG][A-Z0-9]{2,}"), re.compile(r"[UW][A-Z0-9]{2,}")
_STAMP = re.compile(r"[0-9]{1,12}\.[0-9]{6}")


class Slack(Outgoing):
    about: ClassVar[MessengerAbout] = MessengerAbout(
        name="slack",
        line="Posts into a channel of Slack, further messages in the thread of the first.",
        connects=("slack",),
        settings=(
            Field("channel", FieldType.TEXT, "the channel's id, such as C0123ABCD: Slack looks for nothing by name"),
            Field("broadcast", FieldType.FLAG, "show what is in a thread in the channel too", required=False),
        ),
        target=(address("a person's member id, for a copy to them alone", required=False),),
        example={"connection": "chat", "audiences": ["internal"], "set": {"channel": "C0123ABCD"}},
        finds=True,
        longest=LONGEST,
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._api = Api(connection)

    def post(self, copy: Copy, *, within: float) -> Delivery:
        deadline, words = Deadline(within), _words(copy)
        channel = self._channel(copy, deadline)
        said = self._api.post({"channel": channel, **words}, within=deadline.left)
        stamp = said.get("ts")
        if not isinstance(stamp, str) or not stamp:
            raise NoAnswer("it names no message in its answer; it may be there", where=self._api.where)
        return _delivered(channel, stamp, copy.to.thread, Result.SENT)

    def look(self, copy: Copy, *, within: float) -> Delivery | None:
        deadline = Deadline(within)
        channel = self._channel(copy, deadline)
        for one in self._api.messages(channel, thread=_thread(copy), within=deadline.left):
            if _mark_of(one) == copy.mark and isinstance(one.get("ts"), str):
                return _delivered(channel, str(one["ts"]), copy.to.thread, Result.ALREADY_THERE)
        return None

    def _channel(self, copy: Copy, deadline: Deadline) -> str:
        person = copy.text(ADDRESS)
        if person:
            if not _PERSON.fullmatch(person):
                raise Refusal("the address is no member id", todo="a person's begins with U or W")
            return self._api.room(person, within=deadline.left)
        channel = copy.text("channel")
        if not _CHANNEL.fullmatch(channel):
            raise Refusal("the channel is not named by its id", todo="Slack shows it at the end of a channel's details")
        return channel


def _words(copy: Copy) -> dict[str, Any]:
    """As plain text: nothing that fills it can mention a channel, hide a link or draw anything."""
    written = copy.written
    text = _plain("\n\n".join(part for part in (written.subject, written.body.rstrip("\n")) if part))
    if len(text) > LONGEST:
        raise Refusal(f"the text has {len(text)} characters as Slack counts them, of {LONGEST}", todo="shorten it")
    message = copy.message
    payload = {"copy": copy.mark, "message": message.id, "digest": copy.digest}
    words: dict[str, Any] = {
        "text": text,
        "mrkdwn": False,
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": {"event_type": EVENT, "event_payload": payload},
    }
    if thread := _thread(copy):
        words |= {"thread_ts": thread, "reply_broadcast": copy.to.target.get("broadcast") is True}
    return words


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _thread(copy: Copy) -> str:
    """The first message of its thread. A copy for one person stands in no other channel's."""
    if not copy.to.thread or copy.text(ADDRESS):
        return ""
    if not _STAMP.fullmatch(copy.to.thread):
        raise Refusal("the thread is none of Slack's", todo="send it without one")
    return copy.to.thread


def _mark_of(message: Mapping[str, Any]) -> str:
    metadata = message.get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("event_type") != EVENT:
        return ""
    payload = metadata.get("event_payload")
    return str(payload.get("copy", "")) if isinstance(payload, Mapping) else ""


def _delivered(channel: str, stamp: str, thread: str, result: Result) -> Delivery:
    says = "posted" if result is Result.SENT else "it is there already"
    return Delivery(result, says, f"{channel}/{stamp}", thread or stamp)
