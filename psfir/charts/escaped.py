"""What somebody wrote, as text in XML and HTML: never a part of the page, whatever it is."""

from __future__ import annotations

import re
from html import escape

_UNSAYABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Signs that XML has no way to say, not even escaped."""


def sayable(text: str) -> str:
    """The text without what XML has no way to say."""
    return _UNSAYABLE.sub("", text)


def escaped(text: str) -> str:
    return escape(sayable(text), quote=True)
