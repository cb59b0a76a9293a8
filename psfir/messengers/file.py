"""Lays a text into a folder, for people to paste where psfir cannot reach: one file a copy, never written over."""

from __future__ import annotations

from typing import ClassVar

from psfir.contracts import BoundConnection
from psfir.domain.about import Field, FieldType, MessengerAbout
from psfir.domain.message import Delivery, Result
from psfir.messengers.outgoing import Copy, Outgoing
from psfir.vendors.outbox import Outbox


class File(Outgoing):
    about: ClassVar[MessengerAbout] = MessengerAbout(
        name="file",
        line="Lays the text into a folder, for people to paste where psfir cannot reach.",
        connects=("folder",),
        settings=(Field("subject", FieldType.FLAG, "begin the file with the subject; default true", required=False),),
        example={"connection": "outbox", "audiences": ["press"], "set": {"subject": True}},
        finds=True,
    )

    def __init__(self, connection: BoundConnection, *, outbox: Outbox | None = None) -> None:
        self._outbox = outbox or Outbox(connection)

    def post(self, copy: Copy, *, within: float) -> Delivery:
        laid = self._outbox.lay(_name(copy), _content(copy), within=within)
        return self._delivered(copy, Result.SENT if laid else Result.ALREADY_THERE)

    def look(self, copy: Copy, *, within: float) -> Delivery | None:
        there = self._outbox.has(_name(copy), within=within)
        return self._delivered(copy, Result.ALREADY_THERE) if there else None

    def _delivered(self, copy: Copy, result: Result) -> Delivery:
        name = _name(copy)
        path = self._outbox.path(name)
        says = f"laid into {path}" if result is Result.SENT else f"{path} is there already"
        return Delivery(result, says, name, copy.to.thread or name, url=path.absolute().as_uri())


def _name(copy: Copy) -> str:
    """Says what it is to whoever looks into the folder, and is another one for each copy of each text."""
    message = copy.message
    words = f"{message.incident}-{message.audience}-{message.phase}-{message.lang}-{copy.mark[:12]}"
    return "".join(c if (c.isascii() and c.isalnum()) or c in "-_" else "_" for c in words) + ".txt"


def _content(copy: Copy) -> bytes:
    head = copy.to.target.get("subject") is not False and copy.written.subject
    body = copy.written.body if copy.written.body.endswith("\n") else f"{copy.written.body}\n"
    return (f"{copy.written.subject}\n\n{body}" if head else body).encode()
