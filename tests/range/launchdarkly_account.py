"""An account of the LaunchDarkly stand-in with one flag, a plain HTTP client to ask it, and the official SDK."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from ldclient import Config, LDClient

from psfir.domain.values import frozen
from psfir.range.launchdarkly.estate import Estate, Place
from psfir.range.launchdarkly.server import LaunchDarkly
from psfir.vendors.launchdarkly_client import opened

SEMANTIC = "application/json; domain-model=launchdarkly.semanticpatch"
FLAG = "/api/v2/flags/shop/ai-summary"


@frozen
class Answer:
    status: int
    headers: dict[str, str]
    body: Any


@frozen
class Account:
    """Project shop, environments production and test, flag ai-summary, and a token that may do everything."""

    server: LaunchDarkly
    flag: Place
    token: str
    sdk_key: str

    @property
    def estate(self) -> Estate:
        return self.server.estate

    def ask(self, method: str, path: str, body: object = None, *, token: str | None = None, **headers: str) -> Answer:
        """`headers` in Python's spelling: `content_type` is Content-Type."""
        sent = {"Authorization": self.token if token is None else token, "Content-Type": "application/json"}
        sent |= {name.replace("_", "-").title(): value for name, value in headers.items()}
        parts = urlsplit(self.server.url)
        with closing(HTTPConnection(parts.hostname or "", parts.port or 0, timeout=5)) as client:
            client.request(method, path, None if body is None else json.dumps(body), sent)
            answer = client.getresponse()
            text = answer.read()
            return Answer(answer.status, dict(answer.getheaders()), json.loads(text) if text else None)

    def patch(
        self, *instructions: object, query: str = "", environment: str | None = "production", **more: Any
    ) -> Answer:
        """A semantic patch of the flag."""
        body = {"environmentKey": environment, "comment": "INC-1", "instructions": list(instructions)}
        return self.ask("PATCH", FLAG + query, body, content_type=SEMANTIC, **more)

    def variation(self, index: int) -> str:
        """The `_id` of one of the flag's variations."""
        return self.estate.variation_ids(self.flag)[index]

    def production(self) -> dict[str, Any]:
        return self.estate.targeting(self.flag, "production")


def account(server: LaunchDarkly) -> Account:
    estate = server.estate
    estate.add_project("shop")
    sdk_key = estate.add_environment("shop", "production")
    estate.add_environment("shop", "test")
    flag = estate.add_flag("shop", "ai-summary", tags=["ai"])
    return Account(server, flag, estate.add_token("*"), sdk_key)


@contextmanager
def listening(shop: Account, *, stream: bool = True, sdk_key: str = "", start_wait: float = 5) -> Iterator[LDClient]:
    """An application with the official SDK; it has its data, or has waited `start_wait` seconds for it."""
    url = shop.server.url
    config = Config(
        sdk_key or shop.sdk_key, base_uri=url, stream_uri=url, events_uri=url, stream=stream, diagnostic_opt_out=True
    )
    client = opened(config, start_wait=start_wait)
    try:
        yield client
    finally:
        client.close()  # type: ignore[no-untyped-call]  # the SDK's own
