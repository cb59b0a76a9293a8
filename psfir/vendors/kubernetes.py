"""The Kubernetes API through the official client's bare `ApiClient`, on plain dicts.

Measured with version 37, whole process: importing it 240 ms, with one typed API class 490, with two 855. The bare
client brings what is hard (kubeconfig, credential plugins, certificates) and none of the typed classes. Every write
names psfir as the field's manager, is sent once, and is given what is left of its share.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from psfir.contracts import BoundConnection
from psfir.domain.canon import Json
from psfir.domain.scrub import SHORTEST, Scrubber
from psfir.domain.values import frozen
from psfir.errors import Denied, LeverError, NoAnswer, Unreachable
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes_answers import Conflict, Invalid, Said, Teller
from psfir.vendors.patience import patiently

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

__all__ = ["MANAGER", "Ask", "Conflict", "Invalid", "KubernetesClient"]

MANAGER = "psfir"
PATCHES = {
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "apply": "application/apply-patch+yaml",
}
_BODY_LIMIT = 16 * 1024 * 1024
_PIECE = 64 * 1024
_NO_HEADER = "the token of the kubeconfig holds what no header may hold: renew it"
_GREETING = ("certificate", "WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "handshake", "HANDSHAKE", "hostname")
"""Words of TLS failures that come before anything of the request is sent."""


@frozen
class Ask:
    """One request: `path` is the resource's own, such as /apis/apps/v1/namespaces/a/deployments/b."""

    method: str
    path: str
    query: Mapping[str, str] | None = None
    body: Json = None
    content: str = "application/json"
    limit: int = _BODY_LIMIT

    @property
    def writes(self) -> bool:
        """A review is a POST that stores nothing."""
        return self.method != "GET" and "reviews" not in self.path.rpartition("/")[2]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class KubernetesClient:
    """All requests over one connection of kind kubernetes. Any thread may use it; nothing is loaded before a call."""

    def __init__(self, connection: BoundConnection) -> None:
        self.where = f"connection {connection.name}"
        self._settings = connection.settings
        self._lock = Lock()
        self._api: ApiClient | None = None
        self._scrubber = Scrubber()
        longest = connection.settings.get("timeout")
        self._longest = float(longest) if isinstance(longest, int | float) else float("inf")

    def prepare(self) -> None:
        """Load the kubeconfig now: several calls at once would else each run a credential plugin that fails."""
        self._client()

    def get(self, path: str, *, within: float, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        return self.ask(Ask("GET", path, query), within=within).json()

    def items(self, path: str, *, within: float, query: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Everything a list holds, page by page."""
        deadline, more = Deadline(within), ""
        found: list[dict[str, Any]] = []
        while True:
            asked = {**(query or {}), "limit": "500", **({"continue": more} if more else {})}
            page = self.ask(Ask("GET", path, asked), within=deadline.left)
            found += page.items()
            more = page.json()["metadata"].get("continue") or ""
            if not more:
                return found

    def patch(
        self, path: str, body: Json, *, within: float, how: str = "merge", query: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        ask = Ask("PATCH", path, {"fieldManager": MANAGER, **(query or {})}, body, PATCHES[how])
        return self._written(ask, within)

    def create(self, path: str, body: Json, *, within: float) -> dict[str, Any]:
        return self._written(Ask("POST", path, {"fieldManager": MANAGER}, body), within)

    def delete(self, path: str, *, within: float, options: Mapping[str, Json] | None = None) -> dict[str, Any]:
        body: Json = {"apiVersion": "v1", "kind": "DeleteOptions", **(options or {})}
        return self._written(Ask("DELETE", path, None, body), within)

    def may(self, attributes: Mapping[str, str], *, within: float) -> bool:
        """Whether the credential at hand may do it, as the server itself says (verb, group, resource, namespace, …)."""
        body: Json = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": dict(attributes)},
        }
        ask = Ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", None, body)
        status = self.ask(ask, within=within).json().get("status")
        return isinstance(status, dict) and status.get("allowed") is True

    def _written(self, ask: Ask, within: float) -> dict[str, Any]:
        """An answer that says yes and cannot be read leaves open what became of it: only a reading tells."""
        said = self.ask(ask, within=within)
        try:
            return said.json()
        except LeverError as error:
            what = f"{ask}: answered {said.status}, but {error.what}; it may have been carried out"
            raise NoAnswer(what, where=self.where, todo="read it again") from error

    def ask(self, ask: Ask, *, within: float) -> Said:
        """The answer if it went well, the error it means otherwise.

        What the server is too busy for was not carried out: it is asked again when it was told to be, if that fits.
        """
        return patiently(lambda left: self._asked(ask, left), within=min(within, self._longest), looks=True)

    def _asked(self, ask: Ask, within: float) -> Said:
        deadline = Deadline(within)
        teller = Teller(str(ask), self.where, ask.writes, self._scrubber.text)
        api = self._client()
        try:
            said = self._send(api, ask, deadline, teller)
        except NoAnswer as error:
            if ask.writes:
                raise
            raise Unreachable(error.what, where=error.where, todo=error.todo) from error
        teller.check(said)
        return said

    def _send(self, api: ApiClient, ask: Ask, deadline: Deadline, teller: Teller) -> Said:
        import urllib3.exceptions as wire  # noqa: PLC0415 - cold start: only a call on Kubernetes needs it
        from kubernetes.client.exceptions import ApiException  # noqa: PLC0415 - the same

        headers = {"Accept": "application/json, */*", "Content-Type": ask.content}
        request = api.param_serialize(
            ask.method,
            ask.path,
            None,
            list((ask.query or {}).items()),
            headers,
            ask.body,
            auth_settings=["BearerToken"],
        )
        if (left := deadline.left) <= 0:
            raise Unreachable(
                f"{ask}: no time was left to send it", where=self.where, todo="give the rung a longer share"
            )
        try:
            answer = _answered(lambda within: api.call_api(*request, _request_timeout=within), left, ask).response
            return Said(answer.status, {k.lower(): v for k, v in answer.headers.items()}, _body(answer, ask, deadline))
        except (
            wire.NewConnectionError,
            wire.ConnectTimeoutError,
            wire.LocationParseError,
            wire.ProxyError,
        ) as error:
            raise teller.lost(error, sent=False) from None
        except ApiException as error:  # what the client makes of a TLS failure
            raise teller.lost(error, sent=not any(word in str(error) for word in _GREETING)) from None
        except (wire.HTTPError, OSError) as error:
            raise teller.lost(error, sent=True) from None
        except ValueError:  # its text may hold the header that could not be sent
            raise Denied(f"{ask}: the request could not be written", where=self.where, todo=_NO_HEADER) from None
        except _TooLarge as error:
            kind = NoAnswer if ask.writes else LeverError
            raise kind(f"{ask}: {error}", where=self.where, todo="ask for less") from None

    def _client(self) -> ApiClient:
        with self._lock:
            if self._api is None:
                self._api = self._made()
            return self._api

    def _made(self) -> ApiClient:
        from kubernetes import config  # noqa: PLC0415 - cold start: only a call on Kubernetes needs it
        from kubernetes.client import ApiClient, Configuration  # noqa: PLC0415 - the same

        from psfir.vendors.kubernetes_wire import hold_to_deadlines  # noqa: PLC0415 - the same

        made, ear = Configuration(), _Ear()
        logging.getLogger().addHandler(ear)
        try:
            if self._settings.get("in_cluster") is True:
                config.load_incluster_config(client_configuration=made)  # type: ignore[no-untyped-call]  # it has no types
            else:
                file, context = self._settings.get("kubeconfig"), self._settings.get("context")
                config.load_kube_config(file, context, made, False)  # type: ignore[no-untyped-call]  # noqa: FBT003 - the same
        except Exception as error:  # whatever a kubeconfig, its files and its plugins do is told in a sentence
            used = "the service account of this pod"
            if self._settings.get("in_cluster") is not True:
                used = str(self._settings.get("kubeconfig") or os.environ.get("KUBECONFIG") or "~/.kube/config")
            raise Denied(
                f"the kubeconfig cannot be used ({used}): {_line(error)}",
                where=self.where,
                todo="name one by kubeconfig: and context: in psfir.yaml, or by KUBECONFIG, and try it with kubectl",
            ) from error
        finally:
            logging.getLogger().removeHandler(ear)
        made.retries = False
        made.connection_pool_maxsize = 32
        if ear.heard and not made.api_key:
            # The client goes on as nobody when a credential plugin fails, and says so in a log alone.
            raise Denied("the credential plugin of the kubeconfig failed", where=self.where, todo="log in again")
        _stripping(made.refresh_api_key_hook)(made)
        for secret in (*made.api_key.values(), str(made.password or "")):
            token = secret.removeprefix("Bearer ")
            if len(token) >= SHORTEST:
                self._scrubber.learn(token, self.where)
        api = ApiClient(made)
        hold_to_deadlines(api.rest_client.pool_manager)
        return api


def _answered(call: Callable[[float], Any], within: float, ask: Ask) -> Any:  # noqa: ANN401 - the client's own answer
    """A kept connection may have gone stale: what only reads is asked once more."""
    from urllib3.exceptions import ProtocolError  # noqa: PLC0415 - cold start: only a call on Kubernetes needs it

    deadline = Deadline(within)
    try:
        return call(within)
    except ProtocolError:
        if ask.writes or deadline.left <= 0:
            raise
        return call(deadline.left)


def _stripping(load: Callable[[Any], None] | None) -> Callable[[Any], None]:
    """As it loads the token at each request, without the line break that a file of one ends with."""

    def loaded(configuration: Any) -> None:  # noqa: ANN401 - the client's own, whose hook has no type
        if load is not None:
            load(configuration)
        for name, key in configuration.api_key.items():
            configuration.api_key[name] = key.strip()
        configuration.refresh_api_key_hook = loaded  # loading puts its own back each time

    return loaded


class _Ear(logging.Handler):
    """Hears what the client would have logged while a kubeconfig is loaded; what it says may hold a secret."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = False

    def emit(self, record: logging.LogRecord) -> None:
        self.heard = True


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


class _TooLarge(Exception):
    """More than anybody asked for."""


def _body(answer: Any, ask: Ask, deadline: Deadline) -> bytes:  # noqa: ANN401 - urllib3's answer
    """The whole body, however it comes; nobody waits for one that drips without end."""
    read = b""
    try:
        while piece := answer.read1(_PIECE):
            read += piece
            deadline.spare()
            _bounded(read, ask)
    except BaseException:  # raised again: what was given up would stay open until the garbage is collected
        answer.close()
        raise
    return read


def _bounded(read: bytes, ask: Ask) -> None:
    if len(read) > ask.limit:
        raise _TooLarge(f"the answer is larger than {ask.limit} bytes")
