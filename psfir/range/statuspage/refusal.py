"""What the status page answers when it will not: its status and its words."""

from __future__ import annotations

from psfir.range.faulty import Fault
from psfir.range.server import Reply


class Refused(Exception):
    """`reply` is the vendor's own."""

    def __init__(self, status: int, *words: str) -> None:
        super().__init__(" ".join(words))
        self.reply = Reply(status, {"error": list(words) if status == 422 else words[0]})  # noqa: PLR2004 - the one with a list


def rate_limited(wait: int = 30) -> Fault:
    """Each request is one too many, and says after how many seconds to come again."""
    reply = Reply(429, {"error": "Too Many Requests"}, {"Retry-After": str(wait)})
    return Fault("rate_limited", reply=reply)
