"""A remediation item as a foreign tracker is told of it: what is sent there, and what it is called there."""

from __future__ import annotations

from psfir.domain.canon import Json, digest
from psfir.domain.values import frozen


@frozen
class Filing:
    """`mark` is found again in the tracker, whatever else people do with the issue there; `group` is its incident's.

    `facts` are told one a line. `dropped`: it is closed without having been done.
    """

    mark: str
    group: str
    title: str
    facts: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]
    closed: bool = False
    dropped: bool = False

    @property
    def digest(self) -> str:
        words: dict[str, Json] = {
            **vars(self),
            "facts": [list(one) for one in self.facts],
            "labels": list(self.labels),
        }
        return digest(words)


@frozen
class Filed:
    """Where it is: the tracker's own name for it, and its page."""

    ref: str
    url: str
