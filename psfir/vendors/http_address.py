"""Which places a connection may talk to: its own origin, and for reads the redirects that it lists."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import TypeAlias
from urllib.parse import urljoin, urlsplit

from psfir.domain.values import frozen
from psfir.errors import UsageError

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_PORTS = {"http": 80, "https": 443}


@frozen
class Origin:
    """Scheme, host and port: what credentials belong to. The host is in ASCII and lower case."""

    scheme: str
    host: str
    port: int

    @property
    def netloc(self) -> str:
        """As the Host header has it: without the scheme's own port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS.get(self.scheme) else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}"


@frozen
class Place:
    """An origin and what stands behind it in a URL: a path and perhaps a query."""

    origin: Origin
    path: str

    def under(self, path: str) -> str:
        """`path` below this place's own."""
        return self.path.rstrip("/") + path

    def redirected(self, location: str) -> Place:
        return place(urljoin(f"{self.origin}{self.path}", location))


def place(url: str) -> Place:
    """What a URL names; UsageError if it is not one psfir would go to. A password in it is not repeated."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:
        raise UsageError("a url is none: its host or port cannot be read") from None
    if parts.scheme not in _PORTS or not host or not host.isprintable() or " " in host:
        raise UsageError("a url is none: it must begin with https://host or http://host")
    if parts.username is not None or parts.password is not None:
        raise UsageError("a url holds a user or password", todo="name where the secret is with token: or headers:")
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return Place(Origin(parts.scheme, host.lower(), port or _PORTS[parts.scheme]), path)


@frozen
class Listed:
    """The hosts, host:port pairs, addresses and networks that a connection lists for redirects."""

    entries: frozenset[str]

    @classmethod
    def of(cls, entries: Iterable[object]) -> Listed:
        return cls(frozenset(str(entry).lower() for entry in entries))

    def names(self, origin: Origin) -> bool:
        host = f"[{origin.host}]" if ":" in origin.host else origin.host
        return not self.entries.isdisjoint({origin.host, host, f"{host}:{origin.port}"})

    def reaches(self, address: Address, port: int) -> bool:
        """A public address, or one that is listed itself: a listed name must not lead inside by what DNS says today."""
        plain = _plain(address)
        if plain.is_global and not plain.is_multicast:
            return True
        text = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004 - the version of IP
        if not self.entries.isdisjoint({str(address), text, f"{text}:{port}"}):
            return True
        return any(plain in network for network in self._networks() if network.version == plain.version)

    def _networks(self) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        found = []
        for entry in self.entries:
            if "/" in entry:
                try:
                    found.append(ipaddress.ip_network(entry))
                except ValueError:
                    raise UsageError(f"{entry} in redirects is no network", todo="write it like 10.20.0.0/16") from None
        return found


def loopback(address: Address) -> bool:
    return _plain(address).is_loopback


def _plain(address: Address) -> Address:
    """An IPv4 address dressed as IPv6 is what it stands for."""
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if isinstance(mapped, ipaddress.IPv4Address) else address
