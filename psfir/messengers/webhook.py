"""Posts a message as signed JSON to an address of one's own, for whatever tells people from there."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import ClassVar

from psfir.contracts import BoundConnection
from psfir.domain import instants
from psfir.domain.about import Field, FieldType, MessengerAbout
from psfir.domain.canon import Json
from psfir.domain.message import Delivery, Result
from psfir.errors import NoAnswer
from psfir.messengers.outgoing import Copy, Outgoing
from psfir.vendors.webhook import Webhook as Api

SCHEMA = "psfir.message/1"


class Webhook(Outgoing):
    about: ClassVar[MessengerAbout] = MessengerAbout(
        name="webhook",
        line="Posts the message as signed JSON to an address of your own.",
        connects=("webhook",),
        settings=(Field("with", FieldType.OBJECT, "whatever else the other side is to be told", required=False),),
        example={"connection": "banner", "audiences": ["product"], "set": {"with": {"place": "support-page"}}},
        finds=False,
        longest=100_000,
    )

    def __init__(
        self,
        connection: BoundConnection,
        *,
        now: Callable[[], float] = time.time,  # noqa: TID251 - the other side holds it against the wall's time
    ) -> None:
        self._api = Api(connection)
        self._now = now

    def post(self, copy: Copy, *, within: float) -> Delivery:
        name = _name(copy)
        answer = self._api.post(name, _body(copy, name), at=int(self._now()), within=within)
        said = answer if isinstance(answer, Mapping) else {}
        receipt, thread, url = (_text(said.get(name)) for name in ("id", "thread", "url"))
        thread = thread or copy.to.thread or receipt or name
        return Delivery(Result.SENT, "taken", receipt or name, thread, url)

    def look(self, copy: Copy, *, within: float) -> Delivery | None:
        todo = f"ask whoever is behind it for the webhook-id {_name(copy)}"
        raise NoAnswer("a webhook cannot be asked what it took", where=self._api.where, todo=todo)


def _name(copy: Copy) -> str:
    """The same for each try of this copy, and for no other."""
    return f"psfir_{copy.mark[:40]}"


def _body(copy: Copy, name: str) -> dict[str, Json]:
    message, more = copy.message, copy.to.target.get("with")
    due = message.next_update_at
    return {
        "schema": SCHEMA,
        "key": name,
        "thread": copy.to.thread,
        "message": message.id,
        "digest": copy.digest,
        "incident": message.incident,
        "audience": message.audience.value,
        "phase": message.phase.value,
        "lang": message.lang,
        "subject": copy.written.subject,
        "body": copy.written.body,
        "next_update_at": instants.write(due) if due else None,
        "supersedes": message.supersedes,
        "with": dict(more) if isinstance(more, Mapping) else {},
    }


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
