"""What people are told: to whom, at which point of an incident, and what is needed before a word of it may go out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from psfir.domain import canon, instants
from psfir.domain.approval import Approval
from psfir.domain.canon import Json
from psfir.domain.values import frozen

EXERCISE = "EXERCISE EXERCISE EXERCISE"
"""Stands at the top of every text of a drill; no live messenger takes a text that holds it."""

_SLOT = re.compile(r"\[\[([a-z][a-z0-9_]*)\]\]")


class Audience(StrEnum):
    """Who reads it."""

    PUBLIC = "public"
    PRODUCT = "product"
    CUSTOMERS = "customers"
    INDIVIDUALS = "individuals"
    ENTERPRISE = "enterprise"
    SUPPORT = "support"
    INTERNAL = "internal"
    EXECUTIVE = "executive"
    REGULATOR = "regulator"
    VENDOR = "vendor"
    PARTNERS = "partners"
    PRESS = "press"


class Phase(StrEnum):
    """Which point of an incident a text is for. `contained` and `correction` are what AI needs beside the classic."""

    HOLDING = "holding"
    SCOPE = "scope"
    CONTAINED = "contained"
    PROGRESS = "progress"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    FOLLOW_UP = "follow_up"
    CORRECTION = "correction"


@frozen
class Message:
    """A filled text. Its digest is over all that decides what people get; `slots` are filled for each recipient.

    A slot stands in the text as `[[name]]`; `inventory` is then the digest of the rows that fill them.
    """

    id: str
    incident: str
    audience: Audience
    phase: Phase
    lang: str
    channel: str
    subject: str
    body: str
    template: str = ""
    next_update_at: datetime | None = None
    supersedes: str = ""
    provider: Mapping[str, Json] = field(default_factory=dict)
    inventory: str = ""

    def to_json(self) -> dict[str, Json]:
        return {
            "id": self.id,
            "incident": self.incident,
            "audience": self.audience.value,
            "phase": self.phase.value,
            "lang": self.lang,
            "channel": self.channel,
            "subject": self.subject,
            "body": self.body,
            "template": self.template,
            "next_update_at": instants.write(self.next_update_at) if self.next_update_at else None,
            "supersedes": self.supersedes,
            "provider": dict(self.provider),
            "inventory": self.inventory,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Message:
        words = {"audience": Audience(data["audience"]), "phase": Phase(data["phase"])}
        due = data["next_update_at"]
        return cls(**{**data, **words, "next_update_at": instants.read(due) if due else None})

    @property
    def digest(self) -> str:
        return canon.digest(self.to_json())

    @property
    def slots(self) -> tuple[str, ...]:
        """What stands in it to be filled for each recipient, in order."""
        return tuple(dict.fromkeys(_SLOT.findall(self.subject + "\n" + self.body)))

    @property
    def exercise(self) -> bool:
        return EXERCISE in self.subject or EXERCISE in self.body


@frozen
class Written:
    """What one recipient gets."""

    subject: str
    body: str


@frozen
class Cleared:
    """A message that may go out: no messenger takes anything else, and without its approvals none can be made.

    A copy for oneself needs none, and then goes to `only_to` and nowhere else.
    """

    message: Message
    approvals: tuple[Approval, ...] = ()
    only_to: str = ""

    def __post_init__(self) -> None:
        digest = self.message.digest
        if not self.approvals and not self.only_to:
            raise ValueError(f"{self.message.id} has no approval")
        if any(approval.digest != digest for approval in self.approvals):
            raise ValueError(f"an approval of {self.message.id} is for another text")

    def written(self, fills: Mapping[str, str]) -> Written:
        """The text with this recipient's slots filled; ValueError if nothing fills one."""
        return written(self.message.subject, self.message.body, fills)


def written(subject: str, body: str, fills: Mapping[str, str]) -> Written:
    """What one recipient gets, filled in one pass: what fills a slot opens no other."""
    missing: list[str] = []

    def fill(found: re.Match[str]) -> str:
        name = found[1]
        if name not in fills:
            missing.append(name)
        return fills.get(name, "")

    filled = Written(_SLOT.sub(fill, subject), _SLOT.sub(fill, body))
    if missing:
        raise ValueError(f"nothing fills {', '.join(dict.fromkeys(missing))}")
    return filled


@frozen
class Destination:
    """Where one copy goes. `target` is what the messenger needs: a page, a room, an address, a path.

    `thread` is what an earlier message of the same incident left behind to go on with; `key` is the same for each try
    of one copy, and no other.
    """

    target: Mapping[str, Json]
    key: str
    thread: str = ""
    fills: Mapping[str, str] = field(default_factory=dict)


class Result(StrEnum):
    """What became of one copy. Unknown: it may have gone out; a person decides, nothing is sent again by itself."""

    SENT = "sent"
    ALREADY_THERE = "already_there"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"


@frozen
class Delivery:
    """`receipt` is the other side's own name for it, `thread` what a later message goes on with, `url` where to look.

    A failed one that `again` says so for was not taken and may be tried again, `after` seconds from now; with `away`
    nobody was there at all.
    """

    result: Result
    says: str
    receipt: str = ""
    thread: str = ""
    url: str = ""
    again: bool = False
    after: float | None = None
    away: bool = False

    @property
    def out(self) -> bool:
        return self.result in {Result.SENT, Result.ALREADY_THERE}
