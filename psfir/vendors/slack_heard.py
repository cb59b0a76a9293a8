"""What comes in from Slack, as one plain value: a command, a press, a filled-in form, an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.domain.values import frozen


@frozen
class Heard:
    """`key` is the same for each delivery of one happening; `name` is the command, the action, the form or the event.

    `trigger` lets a form be opened for three seconds; `ts` is the message that somebody pressed on or reacted to.
    """

    key: str
    kind: str
    name: str
    user: str
    channel: str = ""
    thread: str = ""
    ts: str = ""
    text: str = ""
    value: str = ""
    trigger: str = ""
    body: Mapping[str, Any] | None = None


def of_command(body: Mapping[str, Any], envelope: str) -> Heard:
    return Heard(
        key=_key(body, envelope),
        kind="command",
        name=str(body.get("command", "")),
        user=str(body.get("user_id", "")),
        channel=str(body.get("channel_id", "")),
        thread=str(body.get("thread_ts") or ""),
        text=str(body.get("text") or ""),
        trigger=str(body.get("trigger_id") or ""),
        body=body,
    )


def of_press(body: Mapping[str, Any], envelope: str) -> Heard:
    """A button, or an entry of a message's menu."""
    pressed = (body.get("actions") or [{}])[0]
    container, message = body.get("container") or {}, body.get("message") or {}
    name = str(pressed.get("action_id") or body.get("callback_id") or "")
    return Heard(
        key=_key(body, envelope),
        kind="action",
        name=name.partition(":")[0],
        user=_id(body.get("user")),
        channel=_id(body.get("channel")) or str(container.get("channel_id") or ""),
        thread=str(message.get("thread_ts") or container.get("thread_ts") or ""),
        ts=str(message.get("ts") or container.get("message_ts") or body.get("message_ts") or ""),
        text=str(message.get("text") or ""),
        value=str(pressed.get("value") or ""),
        trigger=str(body.get("trigger_id") or ""),
        body=body,
    )


def of_form(body: Mapping[str, Any], envelope: str) -> Heard:
    view = body.get("view") or {}
    return Heard(
        key=_key(body, envelope),
        kind="view",
        name=str(view.get("callback_id") or ""),
        user=_id(body.get("user")),
        value=str(view.get("private_metadata") or ""),
        trigger=str(body.get("trigger_id") or ""),
        body=body,
    )


def of_event(body: Mapping[str, Any], envelope: str) -> Heard:
    event = body.get("event") or {}
    item = event.get("item") or {}
    return Heard(
        key=_key(body, envelope),
        kind="event",
        name=str(event.get("type") or ""),
        user=_id(event.get("user")),
        channel=str(item.get("channel") or event.get("channel") or ""),
        thread=str(event.get("thread_ts") or ""),
        ts=str(item.get("ts") or event.get("ts") or ""),
        text=str(event.get("text") or ""),
        value=str(event.get("reaction") or ""),
        body=body,
    )


def _key(body: Mapping[str, Any], envelope: str) -> str:
    """An event has an id of its own, and a press a trigger: both stay when Slack delivers again."""
    return str(body.get("event_id") or body.get("trigger_id") or envelope)


def _id(found: object) -> str:
    return str(found.get("id") or "") if isinstance(found, Mapping) else str(found or "")
