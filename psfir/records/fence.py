"""Whether a lease is still held, told in the transaction that writes under it: one rule and one sentence for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psfir.contracts import Hold
from psfir.errors import Superseded


def superseded(tokens: Mapping[str, int], under: Sequence[Hold]) -> Superseded | None:
    """The refusal for the first lease of which the store has another token, or none; None if all are held."""
    for hold in under:
        if tokens.get(hold.name) != hold.token:
            what = f"another process has taken over {hold.name}: this one writes and pulls nothing more of it"
            return Superseded(what, todo="see how it goes on: psfir status --watch")
    return None
