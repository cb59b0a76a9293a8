"""Keeps secrets out of what is recorded, shown and sent: every form in which a known one may turn up is replaced."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from typing import Any

SHORTEST = 4
_CERTAIN = 8
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class Scrubber:
    """Knows secrets by the references that name them. Learning and scrubbing may go on in many threads at once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        # Both are replaced as one pair, never changed, so that a reader needs no lock.
        self._shape: tuple[re.Pattern[str], Mapping[str, str]] | None = None

    def learn(self, value: str, ref: str) -> None:
        """Scrub `value` from now on. ValueError if it is too short to be told from ordinary text."""
        if len(value) < SHORTEST:
            raise ValueError(f"the secret {ref} is shorter than {SHORTEST} characters, so it could not be kept out")
        if self._known.get(value) == ref:
            return
        self._known = known = {**self._known, value: ref}
        forms = {form: f"[secret {ref}]" for secret, ref in known.items() for form in _forms(secret)}
        # The longest first: a secret may hold another one.
        pattern = "|".join(re.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form)))
        self._shape = re.compile(pattern), forms

    def text(self, text: str) -> str:
        """The text without any known secret; the same object if it held none."""
        shape = self._shape
        if shape is None or not shape[0].search(text):
            return text
        pattern, names = shape
        return pattern.sub(lambda found: names[found.group()], text)

    def json(self, value: Any) -> Any:
        """The same for plain JSON, keys too; the same object if nothing in it had to be replaced."""
        return value if self._shape is None else self._deep(value)

    def _deep(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            pairs = [(self._deep(key), self._deep(item)) for key, item in value.items()]
            same = all(new[0] is old[0] and new[1] is old[1] for new, old in zip(pairs, value.items(), strict=True))
            return value if same else dict(pairs)
        if isinstance(value, (list, tuple)):
            items = [self._deep(item) for item in value]
            return value if all(new is old for new, old in zip(items, value, strict=True)) else items
        return value


def _forms(secret: str) -> Iterator[str]:
    """As it is, quoted once or twice, in a URL, and in base64 at each of the three places it can start in a group."""
    quoted = {secret, repr(secret)[1:-1]}
    for ascii_only in (True, False):
        once = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        quoted |= {once, json.dumps(once, ensure_ascii=ascii_only)[1:-1]}
    yield from quoted
    raw = secret.encode("utf-8", "surrogatepass")
    escaped = "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in raw)
    yield from {escaped, re.sub("%..", lambda hexes: hexes.group().lower(), escaped), escaped.replace("%20", "+")}
    yield from {escaped.replace("%2F", "/"), b64encode(raw).decode(), urlsafe_b64encode(raw).decode()}
    for start in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            core = _core(encode(bytes(start) + raw).decode(), start, len(raw))
            if len(core) >= _CERTAIN:
                yield core


def _core(encoded: str, start: int, size: int) -> str:
    """The characters that the secret alone decides, whatever stands before and behind it."""
    first = -(-start * 8 // 6)
    return encoded[first : (start + size) * 8 // 6]
