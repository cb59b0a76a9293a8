"""What psfir changed and nobody put back: which of several pulls of one target is the one that counts."""

from __future__ import annotations

from collections.abc import Iterable

from psfir.domain.canon import canonical
from psfir.domain.run import RungFacts, RungKey
from psfir.domain.values import frozen


@frozen
class Pull:
    """A rung that changed the world, and by which run."""

    run: str
    key: RungKey
    facts: RungFacts


def not_overtaken(pulls: Iterable[Pull]) -> list[Pull]:
    """Oldest first, without those whose target was somebody else's again by the time a later pull changed it."""
    layers: dict[bytes, list[tuple[bytes, Pull]]] = {}
    for pull in sorted(pulls, key=_told):
        change = pull.facts.change
        if change is None:
            continue
        below = layers.setdefault(canonical([change.lever, change.target]), [])
        while pull.facts.changed and below and below[-1][0] != canonical(change.before):
            below.pop()
        below.append((canonical(change.after), pull))
    return sorted((pull for layer in layers.values() for _, pull in layer), key=_told)


def _told(pull: Pull) -> int:
    return pull.facts.seq
