"""The app's manifest for Slack: the least scopes, each with its reason, for Socket Mode or for HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.domain.chat import ChatApp, Place
from psfir.slackbot.filing import SHORTCUTS
from psfir.slackbot.registry import EVENTS

BASE: Mapping[str, str] = {
    "commands": "people type /psfir",
    "chat:write": "posts and edits the card, plans and answers",
    "reactions:read": "hears of the emoji that files a message on the timeline",
    "im:write": "answers a person alone where it is in no channel with them",
    "channels:history": "looks whether a message that Slack did not answer is there; reads one that is filed",
}
OWN_CHANNEL: Mapping[str, str] = {
    "channels:manage": "opens a channel for an incident, sets its topic, invites people",
    "channels:read": "finds the incident's channel again after a crash",
    "pins:write": "pins the card",
}
PRIVATE: Mapping[str, str] = {
    "groups:write": "the same as channels:manage for private channels",
    "groups:read": "the same as channels:read for private channels",
    "groups:history": "the same as channels:history for private channels",
}
SOCKET: Mapping[str, str] = {"connections:write": "Socket Mode, on the app's own token; no address of ours is needed"}


def scopes(app: ChatApp | None) -> dict[str, str]:
    """What this workspace's app needs, and why; without a slack block, all that one may need."""
    found = dict(BASE)
    if app is None or app.incidents is Place.CHANNEL:
        found |= OWN_CHANNEL
    if app is None or app.private:
        found |= PRIVATE
    return found


def manifest(app: ChatApp | None, *, url: str = "", exercise: bool = False) -> dict[str, Any]:
    """As Slack takes it under *Create an app, from a manifest*. With an address it is for HTTP."""
    name = "psfir drills" if exercise else "psfir"
    command: dict[str, Any] = {
        "command": "/psfir-drill" if exercise else "/psfir",
        "description": "Contain an AI feature, and work on its incident",
        "usage_hint": "kill SYSTEM | declare SYSTEM | status | help",
        "should_escape": True,
    }
    settings: dict[str, Any] = {"interactivity": {"is_enabled": True}, "socket_mode_enabled": not url}
    if EVENTS:
        settings["event_subscriptions"] = {"bot_events": sorted(EVENTS)}
    if url:
        command["url"] = url
        settings["interactivity"]["request_url"] = url
        if EVENTS:
            settings["event_subscriptions"]["request_url"] = url
    return {
        "display_information": {"name": name, "description": "Incident response and kill switches for AI features"},
        "features": {
            "bot_user": {"display_name": name.replace(" ", "-"), "always_online": True},
            "slash_commands": [command],
            "shortcuts": [
                {"name": name, "type": "message", "callback_id": id_, "description": what}
                for id_, (name, what) in SHORTCUTS.items()
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted(scopes(app))}},
        "settings": {**settings, "org_deploy_enabled": False, "token_rotation_enabled": False},
    }
