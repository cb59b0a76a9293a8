"""Corrections: an inventory is looked through, a message is drafted for its rows, and each row becomes one mail."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from psfir.app.session import Session
from psfir.comms.inventory import Inventory, rows
from psfir.comms.recipients import Recipient, Recipients, reckon
from psfir.comms.record import Told
from psfir.comms.template import Template
from psfir.domain.message import Written, written
from psfir.domain.values import frozen
from psfir.errors import Refusal, UsageError


@frozen
class Inventoried:
    """An inventory that was read through, and what it came to. Where it is `merged` each row gets a mail."""

    inventory: Inventory
    listed: Recipients
    merged: bool


def look_through(session: Session, template: Template, file: Path) -> Inventoried:
    """Read it once, whole: ContentError with every bad row. Its place is told from the workspace's folder."""
    rule = session.workspace.comms.inventory
    place = Path(os.path.relpath(file.absolute(), session.root)).as_posix()
    fields = tuple(template.fields[name] for name in template.slots)
    inventory = Inventory(place, rule.column, rule.most, fields)
    return Inventoried(inventory, reckon(_rows(session, inventory)), merged=template.channel == "email")


def recipients(session: Session, told: Told) -> Iterator[Recipient]:
    """Whom a message that was drafted from an inventory goes to."""
    return _rows(session, Inventory.from_json(told.inventory))


def unchanged(told: Told, listed: Recipients) -> None:
    """Refusal unless the file still has the rows for which people said yes."""
    if told.message and listed.digest != told.message.inventory:
        raise Refusal(
            f"{told.inventory['file']} no longer has the rows that {told.id} was approved for",
            todo="put it back as it was, or draft a message from it as it is now",
        )


def previewed(session: Session, text: tuple[str, str], inventory: Inventory, count: int) -> list[tuple[str, Written]]:
    """The first mails as they will read, each with whom it is for, made unreadable but for its first letter."""
    found = islice(_rows(session, inventory), count)
    return [(masked(one.address), written(*text, one.row)) for one in found]


def mails(session: Session, told: Told, count: int) -> list[tuple[str, Written]]:
    """The same of a draft, for whoever is asked for a yes."""
    if not told.message or not told.message.inventory:
        raise UsageError(f"{told.id} is one text for all", todo="psfir comms text, without --preview")
    unchanged(told, reckon(recipients(session, told)))
    text = told.message.subject, told.message.body
    return previewed(session, text, Inventory.from_json(told.inventory), count)


def masked(address: str) -> str:
    """Enough to tell one from the next, and no address: `a...@example.com`."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}...@{domain}"


def _rows(session: Session, inventory: Inventory) -> Iterator[Recipient]:
    scrubber = session.scrubber
    return rows(inventory, session.root, secret=lambda text: scrubber.text(text) != text)
