"""What somebody probably meant. The matcher is loaded only once there is a mistake to explain."""

from __future__ import annotations

from collections.abc import Iterable


def near(word: str, known: Iterable[str]) -> str:
    """`did you mean X?`, or the list of what there is."""
    names = list(known)
    found = nearest(word, names)
    return f"did you mean {found}?" if found else f"there is: {', '.join(names) or 'none'}"


def nearest(word: str, known: Iterable[str]) -> str:
    """The name that was probably meant, "" if none is near. Nobody who did not begin to say it is sent to `kill`."""
    from difflib import get_close_matches  # noqa: PLC0415 - slow to load, and needed only on the way to an error

    names = [name for name in known if name != "kill" or word[:1].lower() == "k"]
    found = get_close_matches(word, names, n=1, cutoff=0.6)
    return found[0] if found else ""
