"""A mail as bytes. Every header is made from checked parts, so nothing that fills one can begin another.

The standard library's writer takes milliseconds for a mail and puts long addresses and Message-IDs into encoded words,
which mail servers then do not read: so the few headers needed are written here, and it is used for encoding words only.
"""

from __future__ import annotations

import re
from binascii import b2a_qp
from collections.abc import Mapping
from email.header import Header

from psfir.domain.values import frozen
from psfir.errors import Refusal

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_SPEC = rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*"
_NAMED = re.compile(r"(?P<name>[^<>@,;:\\\"]*?) *<(?P<spec>[^<>\s]+)>")
_PLAIN = re.compile(_SPEC)
_ID = re.compile(rf"<{_SPEC}>")
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LINK = re.compile(r"(?:https://|mailto:)[!-+\--;=?-~]+")
_LONGEST = 254
_LINE = 900
"""A line of a mail may have 998 characters."""


@frozen
class Address:
    """One address, and perhaps whose it is."""

    spec: str
    name: str = ""

    @property
    def domain(self) -> str:
        return self.spec.rpartition("@")[2]

    def __str__(self) -> str:
        return f"{_phrase(self.name)} <{self.spec}>" if self.name else self.spec


def one(text: str, word: str, *, named: bool = False) -> Address:
    """The one address that it is. Refusal for whatever might be read as more than that."""
    found = _NAMED.fullmatch(text.strip()) if named else None
    spec, name = (found["spec"], found["name"].strip()) if found else (text.strip(), "")
    local, _, domain = spec.rpartition("@")
    try:
        spec = spec if domain.isascii() else f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        spec = ""
    if len(spec) > _LONGEST or not _PLAIN.fullmatch(spec) or not name.isprintable():
        raise Refusal(f"{word} is no single address that mail can be sent to", todo="write it as name@example.com")
    return Address(spec, name)


def is_id(text: str) -> bool:
    """Whether it is a Message-ID, such as an earlier mail has left behind."""
    return _ID.fullmatch(text) is not None


def list_id(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise Refusal("list_id is no name that a list can have", todo="write it as incidents.example.com")
    return f"<{text}>"


def way_out(text: str) -> str:
    """Where one leaves a list."""
    if not _LINK.fullmatch(text) or len(text) > _LINE:
        raise Refusal("unsubscribe is no https: or mailto: address", todo="write it as mailto:leave@example.com")
    return f"<{text}>"


def words(text: str) -> str:
    """A line of words as a header holds it."""
    if text.isascii() and len(text) < _LINE and "=?" not in text:
        return text
    return Header(text, "utf-8", maxlinelen=72).encode(linesep="\r\n")


def mail(headers: Mapping[str, object], body: str) -> bytes:
    """Headers in this order; the body as plain text in UTF-8, readable as it is wherever it is ASCII."""
    plain = body.isascii() and all(len(line) < _LINE for line in body.split("\n"))
    text = body.encode() if plain else b2a_qp(body.encode(), istext=True)
    how = {
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "7bit" if plain else "quoted-printable",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in {**headers, **how}.items())
    return head.encode("ascii") + b"\r\n" + text.replace(b"\n", b"\r\n") + (b"" if text.endswith(b"\n") else b"\r\n")


def _phrase(name: str) -> str:
    return f'"{name}"' if name.isascii() and "=?" not in name else words(name)
