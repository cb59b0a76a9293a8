"""Short shares for what is waited for in vain, on a machine of any speed.

Such a share is waited through to its end, so it is short. On a busy machine it may be over before anything was sent,
which is not what is under test: then the same is tried once more with twice as much.
"""

from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

from psfir.errors import PsfirError, Unreachable
from psfir.testing.waiting import GRACE, PATIENCE

T = TypeVar("T")


def told(
    call: Callable[[float], T], reached: Callable[[], object] = lambda: True, *, share: float = 0.2
) -> T | PsfirError:
    """What a call says or raises, within the least share that lets it reach the other side; and it is back in time.

    Only a call that says itself that nothing was sent is made again, and only if the other side has seen nothing.
    """
    while True:
        said = _timely(call, share)
        if not isinstance(said, Unreachable) or reached() or not 0 < share < PATIENCE:
            return said
        share *= 2


def _timely(call: Callable[[float], T], share: float) -> T | PsfirError:
    begun = perf_counter()
    try:
        said: T | PsfirError = call(share)
    except PsfirError as error:
        said = error
    over = perf_counter() - begun - share
    assert over < GRACE, f"it was back {over:.1f} s after its share of {share} s was over"
    return said


def at_some_share(check: Callable[[float], None], *, first: float) -> None:
    """What is so of a share that is waited through, if it is as long as this machine needs for the rest."""
    share = first
    while True:
        try:
            return check(share)
        except AssertionError:
            if share > PATIENCE:
                raise
        share *= 4
