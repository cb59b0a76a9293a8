"""`http`: what a consumer of the feature gets, asked of every replica side by side, over a new connection each time.

An answer that does not match is `not_held`. No answer, or one that says that nobody could look (5xx, a login, too many
requests), is `could_not_tell` unless its status was expected: an error page must never pass for a feature that is off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock, Thread
from typing import ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import Field, FieldType, Permission, ProbeAbout
from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.verdict import Sight
from psfir.errors import LeverError, PsfirError, UsageError
from psfir.probes.http_expect import Expected
from psfir.vendors.http import Deadline, HttpClient, Refused, Replica, Request, Resolve, system_addresses
from psfir.vendors.shared import shared

_METHODS = ("GET", "HEAD")


class HttpProbe:
    """One sight a replica: held if it answers all that was expected."""

    about: ClassVar[ProbeAbout] = ProbeAbout(
        name="http",
        line="Looks at what each replica answers.",
        connects=("http",),
        target=(
            Field("path", FieldType.PATH, "what to ask for, below the url"),
            Field("method", FieldType.TEXT, "how to ask", required=False, default="GET", choices=_METHODS),
            Field(
                "replicas",
                FieldType.ANY,
                "all: those the connection lists, else its url; dns: each address of its host; or a list of urls",
                required=False,
                default="all",
            ),
        ),
        example={
            "probe": "http",
            "target": {"connection": "assistant", "path": "/health", "replicas": "all"},
            "expect": {"json": {"assistant": "off"}},
        },
        expect=(
            Field("status", FieldType.ANY, "one status or a list; default any 2xx", required=False),
            Field("json", FieldType.VALUES, "values of a JSON answer, by key or /pointer", required=False),
            Field("text", FieldType.TEXT, "what the answer must hold", required=False),
            Field("not_text", FieldType.TEXT, "what the answer must not hold", required=False),
            Field("header", FieldType.OBJECT, "headers of the answer, by name", required=False),
            Field("unreachable", FieldType.FLAG, "that the connection is refused; stands alone", required=False),
        ),
        permissions=(Permission("http", "read", "{connection}"),),
    )

    def __init__(self, connection: BoundConnection, *, resolve: Resolve = system_addresses) -> None:
        own = resolve is not system_addresses
        self._client = HttpClient(connection, resolve=resolve) if own else shared(connection, HttpClient)

    def look(self, target: Target, expect: Mapping[str, Json], *, within: float) -> Sequence[Sight]:
        deadline = Deadline(within)
        request, expected = _request(target), Expected.of(expect)
        expected.fits(request.method)
        try:
            replicas = self._replicas(target.get("replicas", "all"), deadline.left)
        except LeverError as error:
            return [Sight("dns", Held.COULD_NOT_TELL, self._client.clean(error.what))]
        if not replicas:
            return [Sight("all", Held.COULD_NOT_TELL, "no replica is named: nothing was looked at")]
        return _Looking(self._client, request, expected).at(replicas, deadline)

    def _replicas(self, said: Json, within: float) -> list[Replica]:
        if said == "dns":
            return [Replica(a, self._client.url, a) for a in self._client.addresses(within=within)]
        if said == "all":
            return [Replica(url, url) for url in self._client.replicas]
        if isinstance(said, (list, tuple)) and all(isinstance(url, str) for url in said):
            return [Replica(url, url) for url in dict.fromkeys(map(str, said))]
        raise UsageError(f"replicas: {said!r} is neither all, dns nor a list of urls")


class _Looking:
    """One look at several replicas. A thread that hangs costs nobody else's sight."""

    def __init__(self, client: HttpClient, request: Request, expected: Expected) -> None:
        self._client = client
        self._request = request
        self._expected = expected
        self._lock = Lock()
        self._sights: dict[str, Sight] = {}

    def at(self, replicas: Sequence[Replica], deadline: Deadline) -> list[Sight]:
        if len(replicas) == 1:
            self._one(replicas[0], deadline)
        else:
            threads = [Thread(target=self._one, args=(replica, deadline), daemon=True) for replica in replicas]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(deadline.left)
        with self._lock:
            none = "no answer in time"
            return [self._sights.get(r.name, Sight(r.name, Held.COULD_NOT_TELL, none)) for r in replicas]

    def _one(self, replica: Replica, deadline: Deadline) -> None:
        held, says = self._seen(replica, deadline)
        with self._lock:
            self._sights[replica.name] = Sight(replica.name, held, self._client.clean(says))

    def _seen(self, replica: Replica, deadline: Deadline) -> tuple[Held, str]:
        try:
            follow = not self._expected.redirects
            answer = self._client.look(self._request, within=deadline.left, at=replica, follow=follow)
        except Refused:
            return (Held.HELD if self._expected.unreachable else Held.COULD_NOT_TELL), "the connection was refused"
        except PsfirError as error:
            return Held.COULD_NOT_TELL, error.what
        return self._expected.judge(answer)


def _request(target: Target) -> Request:
    method = target.get("method", "GET")
    if method not in _METHODS:
        raise UsageError(f"method: {method!r} is neither GET nor HEAD: a probe only looks")
    path = target.get("path")
    if not isinstance(path, str) or not path.startswith("/"):
        raise UsageError("the probe http needs a path that begins with /")
    return Request(str(method), path)
