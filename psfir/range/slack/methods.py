"""The methods of Slack's Web API that the console has. Each takes a workspace and the words of a call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from json import JSONDecodeError, loads
from typing import Any, TypeAlias

from psfir.range.slack.workspace import BOT, TEAM, TEAM_NAME, Channel, Person, Plain, Refused, Workspace

Words: TypeAlias = Mapping[str, Any]
Method: TypeAlias = Callable[[Workspace, Words], Plain]

APP, BOT_ID = "A0PSFIR", "B0PSFIR"
_RICH = ("blocks", "attachments")
_LONGEST_NAME = 80
_LONGEST_TEXT = 40_000
_PAGE, _LARGEST_PAGE = 100, 1000


def auth_test(_workspace: Workspace, _words: Words) -> Plain:
    who = {"user": BOT.name, "user_id": BOT.id, "bot_id": BOT_ID, "is_enterprise_install": False}
    return {"url": f"https://{TEAM_NAME}.slack.com/", "team": TEAM_NAME, "team_id": TEAM, **who}


def api_test(_workspace: Workspace, words: Words) -> Plain:
    if "error" in words:
        raise Refused(str(words["error"]))
    return {"args": dict(words)} if words else {}


def post(workspace: Workspace, words: Words) -> Plain:
    channel = workspace.channel(_needed(words, "channel"))
    thread = {"thread_ts": str(words["thread_ts"])} if words.get("thread_ts") else {}
    metadata = {"metadata": _metadata(words["metadata"])} if words.get("metadata") else {}
    message = workspace.post(channel, {**_author(channel), **_said(words), **thread, **metadata})
    return {"channel": channel.id, "ts": message["ts"], "message": dict(message)}


def post_ephemeral(workspace: Workspace, words: Words) -> Plain:
    channel = workspace.channel(_needed(words, "channel"))
    person = workspace.person(_needed(words, "user"))
    message = workspace.post(channel, {**_author(channel), **_said(words), "only_to": person.id})
    return {"message_ts": message["ts"]}


def update(workspace: Workspace, words: Words) -> Plain:
    channel = workspace.channel(_needed(words, "channel"))
    message = workspace.message(channel, _needed(words, "ts"))
    message.update(_said(words), edited={"user": BOT.id, "ts": message["ts"]})
    return {"channel": channel.id, "ts": message["ts"], "text": message["text"], "message": dict(message)}


def pin(workspace: Workspace, words: Words) -> Plain:
    channel = workspace.channel(_needed(words, "channel"))
    stamp = workspace.message(channel, _needed(words, "timestamp"))["ts"]
    if stamp in channel.pinned:
        raise Refused("already_pinned")
    channel.pinned.add(stamp)
    return {}


def history(workspace: Workspace, words: Words) -> Plain:
    """The newest first, without what stands in threads."""
    channel = workspace.channel(_needed(words, "channel"))
    found = [one for one in channel.messages if one.get("thread_ts", one["ts"]) == one["ts"]]
    return _page("messages", _told(reversed(found), words), words)


def replies(workspace: Workspace, words: Words) -> Plain:
    """A thread, from its first message on."""
    channel, stamp = workspace.channel(_needed(words, "channel")), _needed(words, "ts")
    found = [one for one in channel.messages if stamp in {one["ts"], one.get("thread_ts")}]
    if not found:
        raise Refused("thread_not_found")
    return _page("messages", _told(found, words), words)


def open_room(workspace: Workspace, words: Words) -> Plain:
    """The channel in which the bot writes to one person alone."""
    person = workspace.person(_needed(words, "users"))
    return {"channel": {"id": workspace.room(person).id}}


def create(workspace: Workspace, words: Words) -> Plain:
    name = str(words.get("name", ""))
    if not name:
        raise Refused("invalid_name_required")
    if len(name) > _LONGEST_NAME:
        raise Refused("invalid_name_maxlength")
    if not re.fullmatch(r"[a-z0-9_-]+", name):
        raise Refused("invalid_name_specials")
    if any(one.name == name for one in workspace.channels.values()):
        raise Refused("name_taken")
    return {"channel": _shown(workspace, workspace.create(name))}


def channel_info(workspace: Workspace, words: Words) -> Plain:
    said = _needed(words, "channel")
    if said not in workspace.channels:
        raise Refused("channel_not_found")
    return {"channel": _shown(workspace, workspace.channels[said])}


def channel_list(workspace: Workspace, words: Words) -> Plain:
    found = [_shown(workspace, one) for one in workspace.channels.values() if one.id.startswith("C")]
    return _page("channels", found, words)


def user_info(workspace: Workspace, words: Words) -> Plain:
    return {"user": _profile(workspace.person(_needed(words, "user")))}


def user_list(workspace: Workspace, words: Words) -> Plain:
    return _page("members", [_profile(one) for one in workspace.people.values()], words)


def user_by_email(workspace: Workspace, words: Words) -> Plain:
    email = _needed(words, "email").lower()
    for one in workspace.people.values():
        if one.email.lower() == email:
            return {"user": _profile(one)}
    raise Refused("users_not_found")


METHODS: dict[str, Method] = {
    "api.test": api_test,
    "auth.test": auth_test,
    "chat.postEphemeral": post_ephemeral,
    "chat.postMessage": post,
    "chat.update": update,
    "conversations.create": create,
    "conversations.history": history,
    "conversations.info": channel_info,
    "conversations.list": channel_list,
    "conversations.open": open_room,
    "conversations.replies": replies,
    "pins.add": pin,
    "users.info": user_info,
    "users.list": user_list,
    "users.lookupByEmail": user_by_email,
}


def _needed(words: Words, name: str) -> str:
    value = words.get(name)
    if not value:
        raise Refused(_MISSING.get(name, "invalid_arguments"))
    return str(value)


_MISSING = {
    "channel": "channel_not_found",
    "user": "user_not_found",
    "email": "users_not_found",
    "users": "user_not_found",
}


def _said(words: Words) -> Plain:
    """Its text, and its blocks and attachments, which a form carries as JSON."""
    said: Plain = {"text": str(words.get("text") or "")}
    if len(said["text"]) > _LONGEST_TEXT:
        raise Refused("msg_too_long")
    for name in _RICH:
        if words.get(name):
            said[name] = _rich(name, words[name])
    if not said["text"] and len(said) == 1:
        raise Refused("no_text")
    return said


def _rich(name: str, given: object) -> list[Any]:
    try:
        value = loads(given) if isinstance(given, str) else given
    except JSONDecodeError:
        value = None
    if not isinstance(value, list):
        raise Refused(f"invalid_{name}")
    return value


def _metadata(given: object) -> Plain:
    """What a program hangs on its message; nobody sees it who does not ask for it."""
    try:
        value = loads(given) if isinstance(given, str) else given
    except JSONDecodeError:
        value = None
    if not isinstance(value, dict) or not isinstance(value.get("event_payload"), dict) or not value.get("event_type"):
        raise Refused("invalid_metadata_format")
    return value


def _told(messages: Iterable[Plain], words: Words) -> list[Plain]:
    if words.get("include_all_metadata") in {True, "1", "true"}:
        return [dict(one) for one in messages if "only_to" not in one]
    return [{k: v for k, v in one.items() if k != "metadata"} for one in messages if "only_to" not in one]


def _author(channel: Channel) -> Plain:
    return {"channel": channel.id, "user": BOT.id, "bot_id": BOT_ID, "app_id": APP, "team": TEAM}


def _shown(workspace: Workspace, channel: Channel) -> Plain:
    kind = {"is_channel": True, "is_private": False, "is_archived": False, "is_member": True}
    about = {"creator": BOT.id, "num_members": len(workspace.people)}
    return {"id": channel.id, "name": channel.name, "created": channel.created, **kind, **about}


def _profile(person: Person) -> Plain:
    profile = {"real_name": person.name.title(), "display_name": person.name}
    email = {"email": person.email} if person.email else {}
    who = {"id": person.id, "team_id": TEAM, "name": person.name, "deleted": False, "is_bot": person.bot}
    return {**who, "real_name": profile["real_name"], "tz": "Etc/UTC", "profile": {**profile, **email}}


def _page(name: str, items: list[Plain], words: Words) -> Plain:
    """From the cursor on, as many as were asked for, and a cursor for the rest."""
    try:
        first = int(words.get("cursor") or 0)
        size = min(int(words.get("limit") or _PAGE), _LARGEST_PAGE)
    except ValueError:
        raise Refused("invalid_cursor" if words.get("cursor") else "invalid_limit") from None
    if first < 0 or size < 1:
        raise Refused("invalid_cursor" if first < 0 else "invalid_limit")
    rest = str(first + size) if first + size < len(items) else ""
    return {name: items[first : first + size], "response_metadata": {"next_cursor": rest}}
