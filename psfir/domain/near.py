"""What somebody probably meant. The matcher is loaded only once there is a mistake to explain."""

from __future__ import annotations

from collections.abc import Iterable


def near(word: str, known: Iterable[str]) -> str:
    """`did you mean X?`, or the list of what there is."""
    from difflib import get_close_matches  # noqa: PLC0415 - slow to load, and needed only on the way to an error

    names = list(known)
    found = get_close_matches(word, names, n=1, cutoff=0.6)
    return f"did you mean {found[0]}?" if found else f"there is: {', '.join(names) or 'none'}"
