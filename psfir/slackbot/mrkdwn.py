"""Text for Slack: whatever comes from an incident is escaped and cut here, so that it can mention or link nothing."""

from __future__ import annotations

import re

from psfir.domain.wording import plain

CUT = "…"
QUOTE = "\u02cb"
_JOINER = "\u2060"
_LINK = re.compile(r"(?i)\b(?=(?:https?|mailto|slack|tel):)|(?<=\w)\.(?=\w)|(?<=\S)@(?=\S)")
_MARKS = str.maketrans({"*": "\u2217", "~": "\u223c", "`": QUOTE})
"""What looks the same and formats nothing."""

_EDGE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
"""An underscore within a word is no format to Slack either, and words like fall_back are read and typed."""


def safe(text: str) -> str:
    """One line of anybody's words, which mentions nobody, links nowhere and has no format of its own.

    Slack's own three signs are escaped, and what it would make a link of by itself is told apart by a sign of no width.
    """
    return _EDGE.sub("\u02cd", unlinked(escaped(plain(text))).translate(_MARKS))


def escaped(text: str) -> str:
    """Slack reads these three signs as its own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unlinked(text: str) -> str:
    """No @channel, no address and no bare domain, which Slack turns into links without being asked."""
    apart = _LINK.sub(lambda found: f"{found[0]}{_JOINER}", text)
    return apart.replace("@", f"@{_JOINER}").replace("://", f":{_JOINER}//")


def cut(text: str, most: int) -> str:
    """At most so many signs as Slack counts them; never within an escaped sign."""
    if len(text) <= most:
        return text
    kept = text[: most - len(CUT)]
    start = kept.rfind("&")
    if start >= 0 and ";" not in kept[start:] and len(kept) - start < len("&quot;"):
        kept = kept[:start]
    return kept + CUT


def bold(text: str) -> str:
    return f"*{text}*"


def code(text: str) -> str:
    """A command to copy: nothing is put into it, and it formats and links nothing."""
    return f"`{escaped(plain(text)).replace('`', QUOTE)}`"


def person(member: str, name: str) -> str:
    """A mention, which comes from psfir.yaml alone; without a member id, the name."""
    return f"<@{member}>" if re.fullmatch(r"[UW][A-Z0-9]{2,}", member) else safe(name)
