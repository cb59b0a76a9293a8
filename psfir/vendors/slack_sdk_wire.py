"""Slack's own client, sending over psfir's wire. It comes with the SDK, so only once something is asked of Slack."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request as Prepared

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from psfir.errors import NoAnswer
from psfir.vendors.deadline import Deadline
from psfir.vendors.http import HttpClient, Request

__all__ = ["SlackApiError", "WireClient"]

_EVERY = frozenset(range(200, 600))
_OURS = frozenset({"authorization", "content-length", "user-agent", "host"})
"""What the wire writes itself: the token is the connection's, and goes to its own address only."""

_SILENT = logging.getLogger("psfir.slack.silent")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False
"""What the SDK would log of a failed request is told in an error, without the secrets that it knows nothing of."""


class WireClient(WebClient):
    """One call's client."""

    def __init__(self, http: HttpClient, deadline: Deadline, *, writes: bool) -> None:
        super().__init__(base_url=f"{http.url}/api/", proxy="none", logger=_SILENT, retry_handlers=[])
        self.proxy = None
        self._http = http
        self._deadline = deadline
        self._writes = writes

    def _perform_urllib_http_request_internal(self, url: str, req: Prepared) -> dict[str, Any]:
        """The SDK's one place that sends. A test holds it to be that: were it renamed, this would be passed by."""
        parts = urlsplit(url)
        path = parts.path.removeprefix(urlsplit(self._http.url).path.rstrip("/")) + (
            f"?{parts.query}" if parts.query else ""
        )
        headers = {name: value for name, value in req.headers.items() if name.lower() not in _OURS}
        body = req.data if isinstance(req.data, bytes) else None
        request = Request("POST", path, headers, body, writes=self._writes)
        answer = self._http.send(request, within=self._deadline.left, also=_EVERY)
        if answer.broken:
            raise NoAnswer(f"{request}: the body of its answer cannot be used: {answer.broken}", where=self._http.where)
        return {"status": answer.status, "headers": dict(answer.headers), "body": answer.text}
