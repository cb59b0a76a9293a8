"""Reads a JSON text to the place of each member, as strictly as flagd does and a little more: no key twice."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from psfir.errors import LeverError
from psfir.levers.flagd.spans import Block, Member

_SPACE = re.compile(r"[ \t\n\r]*")


def blocks(text: str, path: Sequence[str]) -> list[Block]:
    """The mapping that the text is, and those along the path, as far as it leads to mappings.

    LeverError, with its line, if the text is none.
    """
    decoder = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)
    try:
        whole = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise LeverError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except ValueError as error:
        raise LeverError(str(error)) from None
    except RecursionError:
        raise LeverError("it is nested too deep") from None
    if not isinstance(whole, dict):
        raise LeverError("line 1: it is no mapping")
    found = [_block(text, _after(text, 0))]
    for key in path:
        one = found[-1].get(key)
        if one is None or not isinstance(one.value, dict):
            break
        found.append(_block(text, one.at))
    return found


def _block(text: str, at: int) -> Block:
    """The mapping whose brace stands at `at`, in a text that has been read as a whole."""
    decoder, members = json.JSONDecoder(), []
    here = _after(text, at + 1)
    while text[here] != "}":
        start = here
        key, here = decoder.raw_decode(text, start)
        word = text[start:here]
        value_at = _after(text, _after(text, here) + 1)
        value, end = decoder.raw_decode(text, value_at)
        members.append(Member(key, word, start, value_at, end, value))
        here = _after(text, end)
        if text[here] == ",":
            here = _after(text, here + 1)
    return Block(at, here + 1, tuple(members))


def _after(text: str, at: int) -> int:
    """Past white space."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for index, (key, _) in enumerate(pairs) if key in dict(pairs[:index]))
        raise ValueError(f"the key {twice!r} stands in one mapping twice")
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")
