"""What a vendor's own tool is given, and what its format may have no place for: which lines are not always needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from psfir.domain.values import frozen

NAME = "psfir"
"""Of a document that is for no one phase; of one that is, the phase follows."""


@frozen
class Document:
    """`only` says of each line that stands under `lines`, in order, where alone it is needed; "" is always."""

    body: Mapping[str, Any]
    lines: str = ""
    only: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"document": dict(self.body), "lines": self.lines, "only": list(self.only)}


def joined(reasons: Iterable[str]) -> str:
    """Why a line is needed that several ask for: always, if one of them always needs it."""
    found = set(reasons)
    return "" if "" in found else ", or ".join(sorted(found))
