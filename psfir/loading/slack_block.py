"""The `slack:` block of psfir.yaml: the app, its home channel, and the app of drills."""

from __future__ import annotations

from typing import Any

from psfir.domain.chat import ChatApp, Desk, Place
from psfir.loading.files import Loaded
from psfir.loading.rules_references import look_up
from psfir.loading.shapes import ID, Flag, Key, Record, Text, Words

_CHANNEL = Text(r"[CG][A-Z0-9]{2,}", "a channel's id such as C0123ABCD")
_DESK = (
    Key("connection", ID, "the connection of kind slack that holds its tokens", required=True),
    Key("home", _CHANNEL, "the id of the channel in which it announces incidents", required=True),
)

EXERCISE = Record("drills' Slack app", _DESK, Desk)

SLACK = Record(
    "slack block",
    (
        *_DESK,
        Key("incidents", Words(Place), "where an incident is worked on; default channel"),
        Key("prefix", Text(r"[a-z][a-z0-9-]{0,19}", "a short word"), "how names of its channels begin; default inc"),
        Key("private", Flag(), "whether its channels are private; default false"),
        Key("exercise", EXERCISE, "the app of drills, with tokens of its own"),
    ),
)


def slack_of(raw: dict[str, Any] | None) -> ChatApp | None:
    """The block as a value; None where there is none."""
    if raw is None:
        return None
    rest = {key: raw[key] for key in ("incidents", "prefix", "private", "exercise") if key in raw}
    return ChatApp(Desk(raw["connection"], raw["home"]), **rest)


def check_slack(loaded: Loaded) -> None:
    """The connections are there and of kind slack, live and drill are two, and no member id is two people's."""
    holders: dict[str, str] = {}
    for key, person in (loaded.root.names("people") or {}).items():
        member = person.get("slack")
        if member is not None and holders.setdefault(member.text, key) != key:
            says = f"this is {holders[member.text]}'s member id already: one is one person's"
            loaded.problems.add(member, says, rule="people")
    block = loaded.root.get("slack")
    if block is None:
        return
    connections = loaded.root.names("connections")
    drills = block.get("exercise")
    said = [desk.get("connection") for desk in (block, drills) if desk is not None]
    named = [one for one in said if one is not None]
    for one in named:
        look_up(loaded, one, connections, "there is no connection {}")
        found = (connections or {}).get(one.text)
        kind = found.get("kind") if found is not None else None
        if kind is not None and kind.text != "slack":
            loaded.problems.add(one, f"{one.text} is of kind {kind.text}, not slack", rule="slack")
    if len(named) > 1 and named[0].text == named[1].text:
        says = "drills need an app of their own: this is the live one's connection"
        loaded.problems.add(named[1], says, rule="slack")
