"""The `comms:` block of psfir.yaml: facts for templates, channels, lists of recipients, whose yes a text needs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from psfir.domain.channels import DEFAULT_CLASSES, Channel, Comms, InventoryRule, MessageClass, RecipientList
from psfir.domain.message import Audience
from psfir.loading.files import Loaded
from psfir.loading.rules_references import look_up
from psfir.loading.scalars import ZONE
from psfir.loading.shapes import ID, Key, ListOf, MapOf, Object, Record, Text, Whole, Words

_ROLE = Text(r"[a-z][a-z0-9_]*", "the name of a role")
_FACT = Text(r"[a-z][a-z0-9_]*", "the name of a fact")
_LANG = Text(r"[a-z]{2,3}(-[A-Z]{2})?", "a language such as en or pt-BR")

CHANNEL = Record(
    "channel",
    (
        Key("connection", ID, "the connection it leaves by", required=True),
        Key("audiences", ListOf(Words(Audience), least=1), "who is reached by it", required=True),
        Key("list", ID, "the list of recipients, where it writes to each by itself"),
        Key("set", Object(), "what the messenger is told: a page, a room, a sender"),
    ),
)

LIST = Record(
    "list of recipients",
    (
        Key("file", Text(), "a file in the workspace: one address a line, or a .csv"),
        Key("column", Text(), "the column of the .csv that holds the address; default email"),
        Key("command", ID, "a connection of kind command whose program prints one address a line"),
    ),
)

INVENTORY = Record(
    "rule for inventories",
    (
        Key("column", Text(), "the column that holds the address; default email"),
        Key("most", Whole(1, 1_000_000), "how many rows one may have; default 10000"),
    ),
)

COMMS = Record(
    "comms block",
    (
        Key("facts", MapOf(Text(), key=_FACT), "what templates say of the company and the product"),
        Key("channels", MapOf(CHANNEL), "how messages leave"),
        Key("lists", MapOf(LIST), "where recipients come from"),
        Key("approvals", MapOf(ListOf(_ROLE, least=1), keys=MessageClass), "the roles whose yes a class needs"),
        Key("languages", ListOf(_LANG, least=1), "in which messages are drafted; default en"),
        Key("zone", ZONE, "the time zone in which days end; default UTC"),
        Key("inventory", INVENTORY, "the files that corrections are filled from"),
        Key("packs", ListOf(Text()), "further packs of lint rules, files in the workspace"),
    ),
)


def comms_of(raw: dict[str, Any]) -> Comms:
    """The block as a value; what it leaves out keeps its default."""
    channels = {name: _channel(name, one) for name, one in raw.get("channels", {}).items()}
    lists = {name: RecipientList(name, **{"column": "email", **one}) for name, one in raw.get("lists", {}).items()}
    rest = {key: raw[key] for key in ("facts", "languages", "zone", "packs") if key in raw}
    rule = InventoryRule(**raw.get("inventory", {}))
    classes = {**DEFAULT_CLASSES, **raw.get("approvals", {})}
    return Comms(channels=channels, lists=lists, classes=classes, inventory=rule, **rest)


def check_comms(loaded: Loaded, roles: Collection[str] | None) -> None:
    """What the block names is there: connections, lists, roles; and each list says where it is."""
    block = loaded.root.get("comms")
    if block is None:
        return
    connections, lists = loaded.root.names("connections"), block.names("lists") or {}
    for channel in (block.names("channels") or {}).values():
        look_up(loaded, channel.get("connection"), connections, "there is no connection {}")
        look_up(loaded, channel.get("list"), lists, "there is no list {}")
    for one in lists.values():
        look_up(loaded, one.get("command"), connections, "there is no connection {}")
        if (one.get("file") is None) == (one.get("command") is None):
            loaded.problems.add(one, "a list has either a file or a command", rule="missing-key")
    for needed in (block.names("approvals") or {}).values():
        for role in needed.items:
            look_up(loaded, role, roles, "there is no role {}", shape=_ROLE)


def _channel(name: str, raw: dict[str, Any]) -> Channel:
    return Channel(name, raw["connection"], raw["audiences"], raw.get("set", {}), raw.get("list", ""))
