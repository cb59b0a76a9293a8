"""How messages leave: the channels of psfir.yaml, the lists of recipients, and whose yes each class of text needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from psfir.domain.canon import Json
from psfir.domain.message import Audience
from psfir.domain.values import frozen


class MessageClass(StrEnum):
    """What decides who must say yes: only whitelisted fields filled, edited freely, to a regulator, to the press."""

    ORDINARY = "ordinary"
    EDITED = "edited"
    REGULATOR = "regulator"
    PRESS = "press"


DEFAULT_CLASSES: Mapping[MessageClass, tuple[str, ...]] = {
    MessageClass.ORDINARY: ("incident_commander",),
    MessageClass.EDITED: ("comms_approver", "legal"),
    MessageClass.REGULATOR: ("legal",),
    MessageClass.PRESS: ("comms_approver", "executive"),
}
"""Roles, of which each must be one person's, and none the author's alone. psfir.yaml may ask for others."""


@frozen
class Channel:
    """One way out: to whom, over which connection, and what its messenger is told (`set:`)."""

    name: str
    connection: str
    audiences: tuple[Audience, ...]
    settings: Mapping[str, Json] = field(default_factory=dict)
    list: str = ""


@frozen
class RecipientList:
    """Where recipients come from, never from the incident: a file with one a line, a CSV column, or a program."""

    name: str
    file: str = ""
    column: str = ""
    command: str = ""


@frozen
class InventoryRule:
    """Of the files that corrections are filled from: the column with the address, and how many rows one may have."""

    column: str = "email"
    most: int = 10_000


@frozen
class Comms:
    """psfir.yaml's `comms:` block. `facts` are what templates say of the company and the product."""

    facts: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    lists: Mapping[str, RecipientList] = field(default_factory=dict)
    classes: Mapping[MessageClass, tuple[str, ...]] = field(default_factory=lambda: DEFAULT_CLASSES)
    languages: tuple[str, ...] = ("en",)
    zone: str = "UTC"
    packs: tuple[str, ...] = ()
    inventory: InventoryRule = InventoryRule()

    def of(self, audience: Audience) -> tuple[Channel, ...]:
        return tuple(one for one in self.channels.values() if audience in one.audiences)
