"""Slack's own app framework: it takes deliveries in, acknowledges each at once, and hands on plain values.

Acknowledged before anything is looked at: Slack waits for three seconds, and what follows may wait for a disk.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from threading import Thread
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.internals import send_response
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request import BoltRequest
from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from psfir.vendors.slack_heard import Heard, of_command, of_event, of_form, of_press

Hear = Callable[[Heard], None]
Make = Callable[[Mapping[str, Any], str], Heard]

ENVELOPE = "x-psfir-envelope"
PING = 1.0
"""Seconds between two looks at the connection: one that broke off is given up after five, a silent one after four."""

_ANY = re.compile(".*", re.DOTALL)
_SILENT = logging.getLogger("psfir.slack.app")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False
"""What the SDK would log may hold tokens and what people typed; what matters is told elsewhere."""


class BoltApp:
    """`hear` is called from a thread of the framework's and must not wait. `bot` is whose messages are our own."""

    def __init__(self, token: str, *, hear: Hear, bot: str, bot_id: str, team: str, url: str) -> None:
        self._web = WebClient(token, base_url=f"{url}/api/", logger=_SILENT, retry_handlers=[])
        known = AuthorizeResult(enterprise_id=None, team_id=team, bot_token=token, bot_user_id=bot, bot_id=bot_id)
        self._app = App(
            client=self._web,
            # Asking Slack who somebody is would stand between a delivery and its acknowledgement.
            authorize=lambda: known,
            signing_secret="checked before",  # noqa: S106 - by whoever takes in HTTP, on the raw bytes
            request_verification_enabled=False,
            logger=_SILENT,
        )
        self._hear = hear
        app, listen = self._app, self._listener
        app.command(_ANY)(listen(of_command))
        app.action(_ANY)(listen(of_press))
        app.shortcut(_ANY)(listen(of_press))
        app.view(_ANY)(listen(of_form))
        app.event(_ANY)(listen(of_event))

    def _listener(self, make: Make) -> Callable[..., None]:
        def heard(ack: Callable[[], object], body: dict[str, Any], request: BoltRequest) -> None:
            ack()
            envelope = (request.headers.get(ENVELOPE) or [""])[0]
            self._hear(make(body, envelope))

        return heard

    def take(self, body: str, headers: Mapping[str, str]) -> tuple[int, str]:
        """A delivery by HTTP whose signature was checked: what it is answered."""
        given: dict[str, str | Sequence[str]] = dict(headers)
        response = self._app.dispatch(BoltRequest(body=body, headers=given))
        return int(response.status), str(response.body or "")

    def socket(self, app_token: str) -> Socket:
        return Socket(self._app, app_token, self._web)


class Socket(SocketModeHandler):
    """Socket Mode: it connects again by itself, also where a connection is only half there."""

    def __init__(self, app: App, app_token: str, web: WebClient) -> None:
        self._ended = False
        super().__init__(app, app_token, logger=_SILENT, web_client=web, ping_interval=PING)

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # as its parent
        if self._ended:
            return  # not acknowledged, so that Slack delivers it to another process, or again
        headers: dict[str, str | Sequence[str]] = {ENVELOPE: req.envelope_id}
        response = self.app.dispatch(BoltRequest(mode="socket_mode", body=req.payload, headers=headers))
        send_response(client, req, response, 0.0)

    def begin(self) -> None:
        self.connect()  # type: ignore[no-untyped-call]  # the framework's own

    def end(self) -> None:
        """Nothing is taken in any more. The framework's own end takes seconds, which nobody needs to wait."""
        self._ended = True
        Thread(target=self.client.close, name="psfir slack end", daemon=True).start()
