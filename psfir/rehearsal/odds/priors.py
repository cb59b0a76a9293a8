"""What is assumed before a team has times of its own, each with its source and how far that can be trusted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from psfir.domain.values import frozen
from psfir.rehearsal.odds.model import Spread

GRADES = ("primary", "secondary", "assumption")
_FILE = Path(__file__).with_name("priors.json")


@frozen
class Said:
    """One prior in words: what it says, where from, and its grade."""

    name: str
    why: str
    source: str
    grade: str


@frozen
class Priors:
    """`times` in seconds; `rung` and `capture` as fractions of a share; `weight` in observations, `tries` in tries."""

    times: Mapping[str, Spread]
    chances: Mapping[str, float]
    rung: Spread
    capture: Spread
    weight: float
    tries: float
    said: tuple[Said, ...]


@cache
def shipped() -> Priors:
    """Those that come with psfir."""
    data: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return Priors(
        times={name: Spread(float(one["median"]), float(one["sigma"])) for name, one in data["times"].items()},
        chances={name: float(one["p"]) for name, one in data["chances"].items()},
        rung=_share(data["rung"]),
        capture=_share(data["capture"]),
        weight=float(data["weight"]["value"]),
        tries=float(data["weight"]["tries"]),
        said=tuple(_said(data)),
    )


def _share(one: Mapping[str, Any]) -> Spread:
    return Spread(float(one["share"]), float(one["sigma"]))


def _said(data: Mapping[str, Any]) -> Iterator[Said]:
    for name, one in data.items():
        if name in {"times", "chances"}:
            yield from _said(one)
        else:
            yield Said(name, one["why"], one["source"], one["grade"])
