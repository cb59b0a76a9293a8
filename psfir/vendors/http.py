"""A lean HTTP client for levers, probes and captures: one deadline a request, errors mapped once, and no surprises.

A write is sent once, on a connection that is fresh or verified idle, and follows no redirect. A read may be sent again
if a kept connection had gone stale. Certificates are always checked. Credentials go to the connection's own places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from http.client import HTTPException
from threading import Lock
from typing import TYPE_CHECKING

from psfir.contracts import BoundConnection
from psfir.domain.canon import Json
from psfir.domain.scrub import Scrubber
from psfir.domain.values import frozen
from psfir.errors import Declined, Denied, NoAnswer, Refusal, Unreachable, UsageError
from psfir.vendors.deadline import Deadline
from psfir.vendors.http_address import Address, Listed, Place, loopback, place
from psfir.vendors.http_answers import Teller, only_read
from psfir.vendors.http_messages import Answer, Request, check_header, encoded, receive
from psfir.vendors.http_wire import (
    Key,
    Pool,
    Refused,
    Resolve,
    Wire,
    addresses,
    connect,
    system_addresses,
)

if TYPE_CHECKING:
    import ssl

__all__ = ["Answer", "Deadline", "HttpClient", "Refused", "Replica", "Request", "Resolve", "system_addresses"]

_REDIRECTS = {301, 302, 303, 307, 308}
_HOPS = 5
_STALE = (ConnectionError, HTTPException)


@frozen
class Replica:
    """One of several places that serve the same: its own url, or one address of the connection's host."""

    name: str
    url: str
    address: str = ""


@frozen
class _Call:
    """One request on its way. `fresh` asks for a connection of its own, `follow` allows redirects."""

    request: Request
    deadline: Deadline
    teller: Teller
    credentials: Mapping[str, str] = field(repr=False)
    fresh: bool = False
    follow: bool = True


@frozen
class _Hop:
    """Where a request goes now. `trusted`: the connection itself names this origin, so its credentials may go there."""

    place: Place
    path: str
    trusted: bool
    address: str = ""
    redirected: bool = False

    @property
    def key(self) -> Key:
        origin = self.place.origin
        return origin.scheme, origin.host, origin.port, self.address


class HttpClient:
    """All requests over one connection of psfir.yaml. Any thread may use it."""

    def __init__(
        self, connection: BoundConnection, *, resolve: Resolve = system_addresses, otherwise: str = "pull another rung"
    ) -> None:
        settings = connection.settings
        self.where = f"connection {connection.name}"
        self.url = str(settings["url"])
        self.replicas = tuple(_texts(settings.get("replicas", [self.url])))
        self._connection = connection
        self._resolve = resolve
        self._otherwise = otherwise
        self._pool = Pool()
        self._scrubber = Scrubber()
        self._lock = Lock()
        self._tls: ssl.SSLContext | None = None
        self._plain = settings.get("plain_http") is True
        self._longest = _seconds(settings.get("timeout"))
        self._listed = Listed.of(_texts(settings.get("redirects", [])))
        self._home = self._place(self.url)
        self._trusted = {self._home.origin, *(self._place(url).origin for url in self.replicas)}

    def send(self, request: Request, *, within: float, also: frozenset[int] = frozenset()) -> Answer:
        """The answer if it is 2xx or one of `also`; the error it means otherwise, NoAnswer only of a write."""
        call = self._call(request, within)
        try:
            answer = self._exchange(call, self._first(request, None))
            if answer.status not in also:
                call.teller.check(request, answer)
        except NoAnswer as error:
            raise error if request.writes else only_read(error) from error
        return answer

    def json(self, request: Request, answer: Answer) -> Json:
        """What the answer's body says. NoAnswer if it cannot be read and was to tell of a write."""
        return Teller(self.where, "", self.clean).body(request, answer)

    def look(self, request: Request, *, within: float, at: Replica | None = None, follow: bool = True) -> Answer:
        """Whatever a replica answers, whole, over a connection of its own: as one more consumer would see it."""
        call = self._call(request, within)
        answer = self._exchange(replace(call, fresh=True, follow=follow), self._first(request, at))
        call.teller.whole(request, answer)
        return answer

    def addresses(self, *, within: float) -> list[str]:
        """Every address of the connection's host, each once, as DNS has it now."""
        try:
            found = addresses(self._home.origin, Deadline(within), self._resolve)
        except Unreachable as error:
            raise self._placed(error) from error
        return list(dict.fromkeys(map(str, found)))

    def clean(self, text: str) -> str:
        """The text without any secret that this client has sent."""
        return self._scrubber.text(text)

    def holds_secret(self, value: Json) -> bool:
        """Whether a secret of this connection stands anywhere in it, in any form."""
        self._secrets()
        return self._scrubber.json(value) is not value

    def _call(self, request: Request, within: float) -> _Call:
        secrets = self._secrets()
        refs = self._connection.refs
        names = " and ".join(f"the {name} ({refs[name]})" if name in refs else f"the {name}" for name in secrets)
        teller = Teller(self.where, f"{names} of {self.where}" if names else "", self.clean, self._otherwise)
        return _Call(request, Deadline(min(within, self._longest)), teller, self._headers(secrets))

    def _first(self, request: Request, at: Replica | None) -> _Hop:
        home = self._place(at.url) if at else self._home
        return _Hop(home, home.under(request.path), home.origin in self._trusted, at.address if at else "")

    def _exchange(self, call: _Call, hop: _Hop) -> Answer:
        """Ask, and follow redirects where that is allowed."""
        for _ in range(_HOPS + 1):
            answer = self._ask(call, hop)
            if call.request.writes or not call.follow or answer.status not in _REDIRECTS:
                return answer
            hop = self._next(call, hop, answer)
        todo = "name the place itself in the url and path"
        raise Declined(f"{call.request}: redirected more than {_HOPS} times", where=self.where, todo=todo)

    def _next(self, call: _Call, hop: _Hop, answer: Answer) -> _Hop:
        said = call.teller.said(call.request, answer)
        try:
            to = replace(hop.place, path=hop.path).redirected(answer.headers["location"])
        except (UsageError, ValueError, KeyError):
            todo = "name the place itself in the url and path"
            raise Declined(f"{said}; where to cannot be told", where=self.where, todo=todo) from None
        if to.origin in self._trusted:
            same = to.origin == hop.place.origin
            return _Hop(to, to.path or "/", trusted=True, address=hop.address if same else "")
        if not self._listed.names(to.origin):
            todo = f"list {to.origin.netloc} in redirects of {self.where} if that is right"
            raise Declined(f"{said}, to {to.origin}, which is not listed", where=self.where, todo=todo)
        return _Hop(to, to.path or "/", trusted=False, redirected=True)

    def _ask(self, call: _Call, hop: _Hop) -> Answer:
        credentials = call.credentials if hop.trusted else {}
        data = encoded(call.request, hop.place.origin, hop.path, credentials)
        kept = None if call.fresh else self._pool.take(hop.key, call.deadline, writes=call.request.writes)
        if kept:
            try:
                return self._talk(call, hop, kept, data)
            except _STALE as error:
                if call.request.writes:
                    raise self._silent(call, error) from error
            except OSError as error:
                raise self._silent(call, error) from error
        wire = self._connect(call, hop)
        try:
            return self._talk(call, hop, wire, data)
        except (OSError, HTTPException) as error:
            raise self._silent(call, error) from error

    def _talk(self, call: _Call, hop: _Hop, wire: Wire, data: bytes) -> Answer:
        keep = False
        try:
            wire.send(data)
            answer, keep = receive(wire, call.request.method)
        finally:
            if keep and not call.fresh:
                self._pool.give(hop.key, wire)
            else:
                wire.close()
        return answer

    def _silent(self, call: _Call, error: Exception) -> NoAnswer:
        why = "no answer in time" if isinstance(error, TimeoutError) else f"no answer: {type(error).__name__}"
        return NoAnswer(f"{self.clean(str(call.request))}: it was sent, and {why} came", where=self.where)

    def _connect(self, call: _Call, hop: _Hop) -> Wire:
        origin = hop.place.origin
        tls = self._context() if origin.scheme == "https" else None
        try:
            if hop.address:
                found = addresses(replace(origin, host=hop.address), call.deadline, self._resolve)
            else:
                found = addresses(origin, call.deadline, self._resolve)
            return connect(origin, self._allowed(hop, found), call.deadline, tls)
        except Unreachable as error:
            raise self._placed(error) from error

    def _allowed(self, hop: _Hop, found: list[Address]) -> list[Address]:
        """The addresses it may connect to. They are connected to as checked here: DNS is not asked again."""
        origin = hop.place.origin
        if hop.redirected:
            found = [address for address in found if self._listed.reaches(address, origin.port)]
            if not found:
                todo = "list the address or its network in redirects if that is right"
                raise Declined(f"the redirect to {origin} leads to a private address", where=self.where, todo=todo)
        if origin.scheme == "http" and not self._plain:
            found = [address for address in found if loopback(address)]
            if not found:
                todo = "use https, or set plain_http: true if nobody can listen in"
                raise Refusal(f"{origin} is another machine, and http is not encrypted", where=self.where, todo=todo)
        return found

    def _context(self) -> ssl.SSLContext:
        from psfir.vendors.tls import trusting  # noqa: PLC0415 - slow to load, and needed for https only

        with self._lock:
            if self._tls is None:
                self._tls = trusting(self._connection.settings.get("ca"), where=self.where)
            return self._tls

    def _secrets(self) -> dict[str, str]:
        """By name, looked up anew for each request: a rotated one is found, and none is kept."""
        connection, found = self._connection, {}
        for name in ("token", *(f"headers.{header}" for header in _texts(connection.settings.get("headers", [])))):
            value = connection.secret(name)
            if value is None:
                continue
            try:
                check_header(name, value)
                self._scrubber.learn(value, name)
            except (UsageError, ValueError):
                todo = "it must be 4 characters or longer, without line breaks"
                raise Denied(f"its {name} cannot be sent in a header", where=self.where, todo=todo) from None
            found[name] = value
        return found

    def _headers(self, secrets: Mapping[str, str]) -> dict[str, str]:
        settings = self._connection.settings
        found = {name.removeprefix("headers."): value for name, value in secrets.items() if name != "token"}
        if "token" in secrets:
            prefix = settings.get("auth_prefix", "Bearer ")
            found[str(settings.get("auth_header", "Authorization"))] = f"{prefix}{secrets['token']}"
        return found

    def _place(self, url: str) -> Place:
        try:
            return place(url)
        except UsageError as error:
            raise UsageError(error.what, where=self.where, todo=error.todo) from None

    def _placed(self, error: Unreachable) -> Unreachable:
        return type(error)(error.what, where=self.where, todo=error.todo)


def _texts(value: Json) -> list[str]:
    return [str(item) for item in value] if isinstance(value, Sequence) and not isinstance(value, str) else []


def _seconds(value: Json) -> float:
    return float(value) if isinstance(value, (int, float)) else float("inf")
