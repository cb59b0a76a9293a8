"""Keeps secrets out of what is recorded, shown and sent: every form in which a known one may turn up is replaced.

The forms: as it is, in either case of its letters, escaped in JSON or in Python's notation, percent-encoded, in
hexadecimal, and base64, also in the middle of something longer as in basic authentication. Of a key of many lines each
line by itself, since a message quotes one.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar, cast

from psfir.domain.change import Held, Result
from psfir.domain.modes import Mode, PlanCase, Severity
from psfir.domain.people import Identity, Seat
from psfir.domain.plan import Verb
from psfir.domain.verdict import Verdict

T = TypeVar("T")

SHORTEST = 4
WORD_LIKE = 8
"""A value shorter than this could be part of an id or a field's name: it is replaced as a whole word and in no key."""

OWN_WORDS = frozenset(
    word.value for words in (Held, Identity, Mode, PlanCase, Result, Seat, Severity, Verb, Verdict) for word in words
)
_KEY_LINE = 16
_LOWER = {65 + n: 97 + n for n in range(26)}
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class _Shape(NamedTuple):
    """What is searched for in texts and in keys, what stands in its place, and how many secrets that covers."""

    pattern: re.Pattern[str]
    in_keys: re.Pattern[str]
    names: Mapping[str, str]
    folded: Mapping[str, str]
    secrets: int


class Scrubber:
    """Knows secrets by the references that name them. Learning and scrubbing may go on in many threads at once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        # Replaced as one value, never changed, so that nobody who reads it needs a lock.
        self._shape: _Shape | None = None

    def learn(self, value: str, ref: str) -> None:
        """Scrub `value` from now on. ValueError if it could not be told from ordinary words."""
        if len(value) < SHORTEST:
            raise ValueError(f"the secret {ref} is shorter than {SHORTEST} characters, so it could not be kept out")
        if value in OWN_WORDS or (len(value) >= WORD_LIKE and value.lower() in OWN_WORDS):
            raise ValueError(f"the secret {ref} is a word of psfir's own, so it could not be kept out")
        self._known.setdefault(value, ref)
        # Two who learn at once may overwrite each other's shape: whoever writes last sees here that one is missing.
        while self._shape is None or self._shape.secrets != len(self._known):
            self._shape = _shape(dict(self._known))

    def text(self, text: str) -> str:
        """The text without any known secret; the same object if it held none."""
        shape = self._shape
        return text if shape is None else _replaced(text, shape.pattern, shape)

    def data(self, data: bytes) -> bytes:
        """Bytes without any known secret, whatever their encoding is otherwise."""
        if self._shape is None:
            return data
        text = data.decode("utf-8", "surrogateescape")
        scrubbed = self.text(text)
        return data if scrubbed is text else scrubbed.encode("utf-8", "surrogateescape")

    def json(self, value: T) -> T:
        """The same for plain JSON, keys too; the same object if nothing in it had to be replaced."""
        shape = self._shape
        return value if shape is None else cast("T", _deep(value, shape))


def _deep(value: object, shape: _Shape) -> object:
    if isinstance(value, str):
        return _replaced(value, shape.pattern, shape)
    if isinstance(value, Mapping):
        pairs = [(_replaced(str(k), shape.in_keys, shape), _deep(item, shape)) for k, item in value.items()]
        same = all(new[0] == old[0] and new[1] is old[1] for new, old in zip(pairs, value.items(), strict=True))
        return value if same else dict(pairs)
    if isinstance(value, (list, tuple)):
        items = [_deep(item, shape) for item in value]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    return value


def _replaced(text: str, pattern: re.Pattern[str], shape: _Shape) -> str:
    def name(found: re.Match[str]) -> str:
        form = found.group()
        return shape.names.get(form) or shape.folded[_fold(form)]

    return pattern.sub(name, text) if pattern.search(text) else text


def _shape(known: Mapping[str, str]) -> _Shape:
    secrets = [(secret, f"[secret {ref}]") for secret, ref in reversed(list(known.items()))]
    names = {form: mark for secret, mark in secrets for form in _forms(secret) if form}
    folded = {_fold(form): mark for secret, mark in secrets for form in _caseless(secret)}
    long = [form for form in names if len(form) >= WORD_LIKE]
    return _Shape(_pattern(names, folded), _pattern(long, folded), names, folded, len(known))


def _pattern(exact: Iterable[str], folded: Collection[str]) -> re.Pattern[str]:
    # The longest first: a secret may hold another one. Without any form it must match nothing, not everything.
    parts = [(form, _exact(form)) for form in exact if _fold(form) not in folded]
    parts += [(form, f"(?ai:{re.escape(form)})") for form in folded]
    parts.sort(key=lambda part: (-len(part[0]), part))
    return re.compile("|".join(pattern for _, pattern in parts) or r"(?!)")


def _exact(form: str) -> str:
    escaped = re.escape(form)
    return escaped if len(form) >= WORD_LIKE else rf"(?<![\w-]){escaped}(?![\w-])"


def _fold(form: str) -> str:
    # ASCII alone, as the pattern does: other letters become two, or depend on their neighbours.
    return form.translate(_LOWER)


def _caseless(secret: str) -> Iterator[str]:
    """What stays the secret in other letters: a server may answer in capitals, or in hexadecimal of either case."""
    if len(secret) >= WORD_LIKE:
        yield from (secret, secret.upper(), secret.lower(), *_key_lines(secret))
        yield secret.encode("utf-8", "surrogatepass").hex()


def _key_lines(secret: str) -> Iterator[str]:
    lines = [line.strip() for line in secret.splitlines()]
    if len(lines) > 1:
        yield from (line for line in lines if len(line) >= _KEY_LINE and not any(map(str.isspace, line)))


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield from _key_lines(secret)
    yield repr(secret)[1:-1]
    for ascii_only in (True, False):
        once = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield from (once, json.dumps(once, ensure_ascii=ascii_only)[1:-1])
    raw = secret.encode("utf-8", "surrogatepass")
    yield from _percent(raw)
    yield from _base64(raw)


def _percent(raw: bytes) -> Iterator[str]:
    """With and without the slash and the space that some encoders treat apart, in both cases of hexadecimal."""
    for kept in (_UNRESERVED, _UNRESERVED | {ord("/")}):
        escaped = "".join(chr(byte) if byte in kept else f"%{byte:02X}" for byte in raw)
        lower = re.sub("%..", lambda code: code.group().lower(), escaped)
        yield from (escaped, lower, escaped.replace("%20", "+"), lower.replace("%20", "+"))


def _base64(raw: bytes) -> Iterator[str]:
    """What the secret alone decides of its base64, at each of the three places where it can begin in a group."""
    for before in range(3):
        encoded = b64encode(bytes(before) + raw).decode()
        core = encoded[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        if len(core) >= WORD_LIKE:
            yield from (core, core.replace("+", "-").replace("/", "_"))
    whole = b64encode(raw).decode()
    yield from (whole, whole.replace("+", "-").replace("/", "_"))
