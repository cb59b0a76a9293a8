"""One way to turn a value into bytes (RFC 8785), so that a digest means the same in every process and language."""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from json.encoder import JSONEncoder, encode_basestring
from typing import Any, TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = Mapping[str, Json]

_SAFE_INTEGER = 2**53
_DEEPEST = 200
# Where ECMAScript changes to an exponent: as many digits before the point, as many zeros behind it.
_MOST_WHOLE_DIGITS = 21
_MOST_LEADING_ZEROS = 6
_SMALLEST_PLAIN, _GREATEST_PLAIN = 1e-4, 1e15
_quote = encode_basestring


def canonical(value: Json) -> bytes:
    """Canonical JSON, and the same again from what is read back.

    A number that JSON readers would not agree on is a ValueError, not a rounding; so is half a surrogate pair, and
    nesting beyond what every reader follows. What has no JSON form (sets, bytes, keys that are no text) is a TypeError.
    """
    if isinstance(value, (dict, list)):
        try:
            return _encode.encode(_fit(value, _DEEPEST)).encode("utf-8")
        except _OddError:
            pass  # word by word, which knows all that JSON can be, and says what it cannot
    parts: list[str] = []
    _write(value, parts, _DEEPEST)
    return "".join(parts).encode("utf-8")


def digest(value: Json) -> str:
    """`sha256:` and the hex digest of the canonical JSON."""
    return digest_bytes(canonical(value))


def digest_bytes(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def canonical_text(text: str) -> str:
    """What a template's or playbook's digest is taken of: NFC, LF, no trailing space, one final newline."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).rstrip("\n") + "\n"


class _OddError(Exception):
    """Something that json's own encoder would word differently, or take although it is no JSON."""


# A third of the time of writing word by word, and a kill seals every entry.
_encode = JSONEncoder(ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def _fit(value: Any, room: int) -> Any:  # noqa: ANN401 - whatever somebody takes for JSON
    """The same in words that json's encoder spells as RFC 8785 does; a copy only of what has to be another."""
    if not room:
        raise _OddError
    fitted: Any = None
    if type(value) is dict:
        try:
            ascii_keys = "".join(value).isascii()
        except TypeError:
            raise _OddError from None
        if not ascii_keys:  # sorted otherwise
            raise _OddError
        items: Iterable[tuple[Any, Any]] = value.items()
    elif type(value) is list or type(value) is tuple:
        items = enumerate(value)
    else:
        raise _OddError
    for key, item in items:
        kind = type(item)
        if kind is str or kind is bool or item is None or (kind is int and -_SAFE_INTEGER < item < _SAFE_INTEGER):
            continue
        new = _whole(item) if kind is float else _fit(item, room - 1)
        if new is not item:
            if fitted is None:
                fitted = dict(value) if type(value) is dict else list(value)
            fitted[key] = new
    return value if fitted is None else fitted


def _whole(value: float) -> float:
    """ECMAScript writes no point behind a whole number; very great and very small ones are for the long way."""
    if not _SMALLEST_PLAIN <= abs(value) < _GREATEST_PLAIN:
        if value == 0:
            return 0
        raise _OddError
    return int(value) if value.is_integer() else value


def _write(value: Json, out: list[str], room: int) -> None:
    if isinstance(value, str):
        out.append(_quote(value))
    elif value is None:
        out.append("null")
    elif isinstance(value, bool):
        out.append("true" if value else "false")
    elif isinstance(value, int):
        out.append(_integer(value))
    elif isinstance(value, float):
        out.append(_number(value))
    elif not room:
        raise ValueError(f"it is nested more than {_DEEPEST} deep; not every JSON reader follows that far")
    elif isinstance(value, Mapping):
        _write_object(value, out, room - 1)
    elif isinstance(value, (list, tuple)):
        _write_list(value, out, room - 1)
    else:
        raise TypeError(f"{type(value).__name__} has no JSON form")


def _write_object(value: Mapping[str, Json], out: list[str], room: int) -> None:
    try:
        joined = "".join(value)  # takes nothing but text, and looks at all of it at once
    except TypeError:
        raise TypeError("a key of an object must be text") from None
    separator = "{"
    # RFC 8785 sorts by UTF-16 code units, which differs from code points outside the basic plane.
    keys = sorted(value) if joined.isascii() else sorted(value, key=lambda k: k.encode("utf-16-be"))
    for key in keys:
        out.append(separator)
        out.append(_quote(key))
        out.append(":")
        _write(value[key], out, room)
        separator = ","
    out.append("}" if value else "{}")


def _write_list(value: Sequence[Json], out: list[str], room: int) -> None:
    separator = "["
    for item in value:
        out.append(separator)
        _write(item, out, room)
        separator = ","
    out.append("]" if value else "[]")


def _integer(value: int) -> str:
    """Beyond 2^53 only what its double is printed as, so that a great float read back as an integer is itself again."""
    if abs(value) >= _SAFE_INTEGER and (abs(value) >= 10**_MOST_WHOLE_DIGITS or _number(float(value)) != str(value)):
        raise ValueError(f"{value} is beyond what every JSON reader keeps exactly; write it as text")
    return str(value)


def _number(value: float) -> str:
    """As ECMAScript prints it: Python's shortest digits, placed by ECMAScript's rules."""
    if not math.isfinite(value):
        raise ValueError("a number that is infinite or not a number has no JSON form")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len((whole + fraction).lstrip("0")))
    digits = digits.rstrip("0") or "0"
    if 0 < point <= _MOST_WHOLE_DIGITS:
        if len(digits) <= point:
            return sign + digits.ljust(point, "0")
        return sign + digits[:point] + "." + digits[point:]
    if -_MOST_LEADING_ZEROS < point <= 0:
        return sign + "0." + "0" * -point + digits
    power = point - 1
    head = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{head}e{'+' if power > 0 else '-'}{abs(power)}"
