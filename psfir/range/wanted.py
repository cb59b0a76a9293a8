"""What range is to be brought up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from psfir.domain.values import frozen
from psfir.range.assistant.crew import Heard
from psfir.range.supply.supply import Supply

_RATE = 12.0


def _unheard(*_: object) -> None:
    """Nobody asked to read along."""


@frozen
class Wanted:
    """What is to be brought up. `folder` takes the files that clients are pointed at.

    `rate` is how many questions the customers of a system ask in a second, fewer where there are many systems; `scrape`
    how often the metrics are looked at, in seconds. Without `aws` no moto server is started. `say` is told what is
    posted to Slack, where that is a console; `environ` or one of the folders `installed` may have its package. `supply`
    is what a workspace names. `heard` is told of what comes up, how many of them there are, and how many are to come.
    """

    folder: Path
    systems: int = 1
    seed: int = 1
    rate: float = _RATE
    scrape: float = 0.5
    aws: bool = True
    say: Callable[[str], object] = _unheard
    environ: Mapping[str, str] = field(default_factory=dict)
    installed: Sequence[Path] = ()
    supply: Supply | None = None
    heard: Heard = _unheard
