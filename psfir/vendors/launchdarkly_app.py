"""The official LaunchDarkly SDK as an application runs it: one client for as long as the application lives.

The range's assistant is such an application. What is only to be looked at is in `launchdarkly_sdk`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from psfir.vendors.launchdarkly_client import opened

if TYPE_CHECKING:
    from ldclient import LDClient

_CONNECT = 2.0


class FlagsOfAnApplication:
    """Serves what it heard last. It never waits: without news an application's own default is what counts."""

    def __init__(self, url: str, sdk_key: str, *, who: str, changed: Callable[[], None] | None = None) -> None:
        """`url` serves for polling and the stream; `who` is the key of the context that flags are asked for."""
        from ldclient import Config, Context  # noqa: PLC0415 - 140 ms, and only where an application runs
        from ldclient.config import HTTPConfig  # noqa: PLC0415 - the same

        # Without a handler of its own the SDK's warnings would end up on standard error.
        logging.getLogger("ldclient").addHandler(logging.NullHandler())
        config = Config(
            sdk_key,
            base_uri=url,
            stream_uri=url,
            send_events=False,
            diagnostic_opt_out=True,
            initial_reconnect_delay=0.5,
            http=HTTPConfig(connect_timeout=_CONNECT),
        )
        self._context = Context.create(who)
        self._client: LDClient = opened(config)
        if changed is not None:
            self._client.flag_tracker.add_listener(lambda _change: changed())
            self._client.data_source_status_provider.add_listener(lambda _status: changed())

    @property
    def ready(self) -> bool:
        """Whether any flags have come yet."""
        return bool(self._client.is_initialized())

    def value(self, flag: str, default: object) -> Any:  # noqa: ANN401 - a flag's value is whatever its owner made it
        return self._client.variation(flag, self._context, default)

    def close(self) -> None:
        self._client.close()  # type: ignore[no-untyped-call]  # the SDK's own
