"""How a kind of connection describes itself: which keys one has in psfir.yaml, and which of them say where a secret is.

Whoever brings a lever for a vendor of their own brings the kind of connection that it works on, as one of these.
"""

from __future__ import annotations

import re
from enum import StrEnum

from psfir.domain.values import frozen

SHARED = frozenset({"kind", "vendor", "network"})
"""The keys of every connection, whatever its kind."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class KeyType(StrEnum):
    """What may stand at one key of a connection."""

    TEXT = "text"
    FLAG = "true or false"
    SPAN = "span of time"
    TEXTS = "list of texts"
    FILE = "path of a file"
    ADDRESS = "http address"
    ADDRESSES = "list of http addresses"
    SECRET = "reference to a secret"  # noqa: S105 - the words for it
    SECRETS = "references to secrets by name"


@frozen
class ConnectionKey:
    """One key. A part gets its value in `settings`; a SECRET by `secret(name)`, one of SECRETS by `secret("key.name")`.

    A FILE is looked for in the folder of psfir.yaml, and its path is whole when a part gets it.
    """

    name: str
    type: KeyType
    line: str
    required: bool = False


@frozen
class ConnectionKind:
    """`name` is what stands at `kind`, and the name of its entry point in the group `psfir.connections`."""

    name: str
    line: str
    keys: tuple[ConnectionKey, ...]

    def __post_init__(self) -> None:
        names = [key.name for key in self.keys]
        wrong = [name for name in (self.name, *names) if not _NAME.fullmatch(name)]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no name of a kind or a key: small letters, digits and _")
        if taken := SHARED.intersection(names):
            raise ValueError(f"{min(taken)!r} is a key that every connection has")
        if len(set(names)) < len(names):
            raise ValueError(f"a key of {self.name} stands there twice")


CA = ConnectionKey("ca", KeyType.FILE, "a PEM file of authorities to trust instead of the system's")
PLAIN_HTTP = ConnectionKey("plain_http", KeyType.FLAG, "allow http:// to another machine; default false")
TIMEOUT = ConnectionKey("timeout", KeyType.SPAN, "the longest one call may take")
_URL = ConnectionKey("url", KeyType.ADDRESS, "where it is", required=True)
_TOKEN = ConnectionKey("token", KeyType.SECRET, "where its token is, which is sent in a header")


def over_http(name: str, line: str, *more: ConnectionKey) -> ConnectionKind:
    """The kind of a vendor whose API is spoken to by `psfir.vendors.http`, which knows what these keys mean."""
    return ConnectionKind(name, line, (_URL, _TOKEN, *more, CA, PLAIN_HTTP, TIMEOUT))
