"""The official LaunchDarkly SDK as an application has it: a new client with its own key, closed when it has looked.

A client that got no data answers with the caller's own default. That is no news of the flag: it is an error here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, TypeVar, cast

from psfir.contracts import BoundConnection
from psfir.domain.canon import Json
from psfir.domain.scrub import Scrubber
from psfir.domain.values import frozen
from psfir.errors import Denied, LeverError, NoSuchTarget, PsfirError, Refusal, Unreachable, UsageError
from psfir.vendors.deadline import Deadline
from psfir.vendors.http_address import loopback, place
from psfir.vendors.launchdarkly_client import opened

if TYPE_CHECKING:
    from ldclient import LDClient
    from ldclient.feature_store import InMemoryFeatureStore

T = TypeVar("T")

POLLING, STREAM = "https://sdk.launchdarkly.com", "https://stream.launchdarkly.com"
_SPARE = 0.2
"""What is kept of a look for closing the client after it."""

_POLL = 0.05
_SHUT_OUT = {401, 403}


@frozen
class Evaluated:
    """What a new client was served. `index` is None where it was the caller's own default; `took` is in seconds."""

    value: Json
    index: int | None
    reason: str
    error: str
    took: float


class LaunchDarklySdk:
    """One connection's environment, seen as an application sees it."""

    def __init__(self, connection: BoundConnection) -> None:
        self.where = f"connection {connection.name}"
        self._connection = connection
        self._scrubber = Scrubber()
        self._plain = connection.settings.get("plain_http") is True
        self._poll = self._url("sdk_url", POLLING)
        self._stream = self._url("stream_url", STREAM)

    def evaluate(self, flag: str, context: Mapping[str, Json], default: Json, *, within: float) -> Evaluated:
        """What this context gets, from a client that started for this question alone."""
        deadline = Deadline(within)

        def look(client: LDClient, _store: InMemoryFeatureStore) -> Evaluated:
            from ldclient import Context  # noqa: PLC0415 - the SDK is loaded with the client

            asked = Context.from_dict(dict(context))
            if not asked.valid:
                raise UsageError(f"context: {asked.error}", todo="give it a key, and a kind where it is no user")
            took = within - deadline.left
            detail = client.variation_detail(flag, asked, default)
            reason = detail.reason
            kind, error = str(reason.get("kind", "")), str(reason.get("errorKind", ""))
            return Evaluated(cast("Json", detail.value), detail.variation_index, kind, error, took)

        return self._with_client(look, deadline)

    def flag(self, key: str, *, within: float) -> Mapping[str, Any]:
        """The flag as the SDK holds it: what is evaluated in every application."""

        def look(_client: LDClient, store: InMemoryFeatureStore) -> Mapping[str, Any]:
            from ldclient.versioned_data_kind import FEATURES  # noqa: PLC0415 - the SDK is loaded with the client

            found = store.get(FEATURES, key, lambda item: item)
            if found is None:
                todo = "check the flag's key, and that the SDK key is the environment's"
                raise NoSuchTarget(f"no flag {key} came with this SDK key", where=self.where, todo=todo)
            data: Mapping[str, Any] = found if isinstance(found, dict) else found.to_json_dict()
            return data

        return self._with_client(look, Deadline(within))

    def clean(self, text: str) -> str:
        return self._scrubber.text(text)

    def _with_client(self, look: Callable[[LDClient, InMemoryFeatureStore], T], deadline: Deadline) -> T:
        """In a thread that can be left behind: closing a client whose stream hangs is not bounded by the SDK."""
        key = self._key()
        found: list[T] = []
        failed: list[PsfirError] = []

        def run() -> None:
            try:
                found.append(self._look(key, look, deadline))
            except PsfirError as error:
                failed.append(error)
            except Exception as error:  # noqa: BLE001 - whatever the SDK raises is told in a sentence, here at its door
                why = self.clean(f"{type(error).__name__}: {error}")
                failed.append(LeverError(f"the LaunchDarkly SDK broke: {why}", where=self.where))

        thread = Thread(target=run, name="psfir launchdarkly sdk", daemon=True)
        thread.start()
        thread.join(deadline.left)
        if failed:
            raise failed[0]
        if not found:
            raise Unreachable("the LaunchDarkly SDK got no flags in time", where=self.where)
        return found[0]

    def _look(self, key: str, look: Callable[[LDClient, InMemoryFeatureStore], T], deadline: Deadline) -> T:
        from ldclient import Config  # noqa: PLC0415 - 140 ms, and only where an application's view is asked
        from ldclient.config import HTTPConfig  # noqa: PLC0415 - the same
        from ldclient.feature_store import InMemoryFeatureStore  # noqa: PLC0415 - the same

        # Without a handler of its own the SDK's warnings would end up on standard error.
        logging.getLogger("ldclient").addHandler(logging.NullHandler())
        ca = self._connection.settings.get("ca")
        store = InMemoryFeatureStore()  # type: ignore[no-untyped-call]  # the SDK's own
        config = Config(
            key,
            base_uri=self._poll,
            stream_uri=self._stream,
            send_events=False,
            diagnostic_opt_out=True,
            feature_store=store,
            http=HTTPConfig(connect_timeout=max(0.1, deadline.left), ca_certs=str(ca) if ca else None),
        )
        # It is not left to wait by itself: a key that is refused would be tried until the end of the look.
        client = opened(config)
        try:
            self._wait(client, deadline)
            return look(client, store)
        finally:
            client.close()  # type: ignore[no-untyped-call]  # the SDK's own

    def _wait(self, client: LDClient, deadline: Deadline) -> None:
        """Until it has data; the error that says why it has none otherwise."""
        provider, news = client.data_source_status_provider, Event()
        provider.add_listener(lambda _status: news.set())
        while not client.is_initialized():
            error = provider.status.error
            if error is not None and error.status_code in _SHUT_OUT:
                todo = "put the environment's SDK key there; an access token is none"
                raise Denied(f"the SDK key was answered with {error.status_code}", where=self.where, todo=todo)
            if deadline.left <= _SPARE:
                why = f": {error.kind.value}".lower().replace("_", " ") if error is not None else ""
                raise Unreachable(f"the LaunchDarkly SDK got no flags in time{why}", where=self.where)
            news.wait(min(_POLL, deadline.left))
            news.clear()

    def _key(self) -> str:
        key = self._connection.secret("sdk_key")
        if key is None:
            todo = "say in psfir.yaml with sdk_key: where the environment's SDK key is"
            raise Denied("it has no SDK key", where=self.where, todo=todo)
        try:
            self._scrubber.learn(key, "sdk_key")
        except ValueError as error:
            raise Denied(str(error), where=self.where, todo="use the environment's SDK key") from None
        return key

    def _url(self, name: str, default: str) -> str:
        """As everywhere, a key is sent unencrypted to this machine alone, unless somebody said that it may."""
        url = str(self._connection.settings.get(name) or default).rstrip("/")
        origin = place(url).origin
        if origin.scheme == "http" and not self._plain and not _here(origin.host):
            todo = "use https, or set plain_http: true if nobody can listen in"
            raise Refusal(f"{origin} is another machine, and http is not encrypted", where=self.where, todo=todo)
        return url


def _here(host: str) -> bool:
    from ipaddress import ip_address  # noqa: PLC0415 - only where somebody says http

    try:
        return loopback(ip_address(host))
    except ValueError:
        return host == "localhost"
