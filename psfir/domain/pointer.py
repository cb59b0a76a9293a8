"""JSON pointers (RFC 6901) as people write them: what is one, and what somebody who wrote none probably meant."""

from __future__ import annotations

import re

_BAD_ESCAPE = re.compile(r"~(?![01])")
_OTHER_BEGINNING = re.compile(r"[#$]?[./]*")


def is_pointer(text: str) -> bool:
    """Empty, which is the whole document, or steps that each begin with `/` and write `~` as `~0` and `/` as `~1`."""
    return not text or (text.startswith("/") and not _BAD_ESCAPE.search(text))


def likely(text: str) -> str:
    """The pointer that was meant: `enabled`, `$.flags.on` and `#/on` are how other tools write one."""
    steps = _OTHER_BEGINNING.sub("", text, count=1)
    if text.startswith("$"):
        steps = steps.replace(".", "/")
    return "/" + _BAD_ESCAPE.sub("~0", steps)
