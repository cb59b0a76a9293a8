"""Writes an e-mail to each recipient by itself: nobody sees who else was written to."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import ClassVar

from psfir.contracts import BoundConnection
from psfir.domain.about import Field, FieldType, MessengerAbout
from psfir.domain.message import Delivery, Result
from psfir.errors import NoAnswer
from psfir.messengers.mail import Address, is_id, list_id, mail, one, way_out, words
from psfir.messengers.outgoing import ADDRESS, Copy, Outgoing, address
from psfir.vendors.smtp import Mail, Smtp


class Email(Outgoing):
    about: ClassVar[MessengerAbout] = MessengerAbout(
        name="email",
        line="Writes an e-mail to each recipient of a list by itself.",
        connects=("smtp",),
        settings=(
            Field("from", FieldType.TEXT, "the sender, such as `Acme Status <status@acme.example>`"),
            Field("reply_to", FieldType.TEXT, "where an answer goes, if not to the sender", required=False),
            Field("list_id", FieldType.TEXT, "a name such as incidents.acme.example to sort mail by", required=False),
            Field("unsubscribe", FieldType.TEXT, "an https: or mailto: address to leave the list", required=False),
        ),
        target=(address("the recipient's address", required=True),),
        example={
            "connection": "mail",
            "audiences": ["customers"],
            "list": "customers",
            "set": {"from": "Acme Status <status@acme.example>", "list_id": "incidents.acme.example"},
        },
        finds=False,
        each=True,
    )

    def __init__(
        self,
        connection: BoundConnection,
        *,
        now: Callable[[], float] = time.time,  # noqa: TID251 - a mail bears the time on the wall
    ) -> None:
        self._smtp = Smtp(connection)
        self._now = now

    def post(self, copy: Copy, *, within: float) -> Delivery:
        sender, to = one(copy.text("from"), "from", named=True), one(copy.text(ADDRESS), "the recipient")
        name = f"<{copy.mark[:40]}@{sender.domain}>"
        content = mail(self._headers(copy, sender, to, name), copy.written.body)
        said = self._smtp.deliver(Mail(sender.spec, to.spec, content), within=within)
        return Delivery(Result.SENT, f"the mail server took it: {said}", name, copy.to.thread or name)

    def look(self, copy: Copy, *, within: float) -> Delivery | None:
        todo = "ask the recipient, or look for its Message-ID in the mail server's log"
        raise NoAnswer("mail that was handed over cannot be looked for", where=self._smtp.where, todo=todo)

    def _headers(self, copy: Copy, sender: Address, to: Address, name: str) -> dict[str, object]:
        """Auto-Submitted keeps absence notes away. A further mail stands with the first of its incident."""
        made: dict[str, object] = {
            "From": sender,
            "To": to,
            "Subject": words(copy.written.subject),
            "Date": format_datetime(datetime.fromtimestamp(self._now(), UTC)),
            "Message-ID": name,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        }
        if answer := copy.text("reply_to"):
            made["Reply-To"] = one(answer, "reply_to", named=True)
        if is_id(copy.to.thread):
            made["In-Reply-To"] = made["References"] = copy.to.thread
        if named := copy.text("list_id"):
            made["List-Id"] = list_id(named)
        if link := copy.text("unsubscribe"):
            made["List-Unsubscribe"] = way_out(link)
        return made
