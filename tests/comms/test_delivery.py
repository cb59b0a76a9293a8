"""What an error of a messenger means for a copy, whoever wrote the messenger."""

from __future__ import annotations

import pytest

from psfir.comms.delivery import hand_over, look
from psfir.domain.about import MessengerAbout
from psfir.domain.message import Cleared, Delivery, Destination, Result
from psfir.errors import Busy, Declined, Denied, LeverError, NoAnswer, NoSuchTarget, PsfirError, Refusal, Unreachable
from psfir.testing import cleared

TO = Destination({}, "copy-1")


class Failing:
    """A messenger of somebody else, which lets its errors go."""

    def __init__(self, error: Exception, *, finds: bool = True) -> None:
        self.about = MessengerAbout(name="other", line="x", connects=(), finds=finds)
        self._error = error

    def send(self, cleared: Cleared, to: Destination, *, within: float) -> Delivery:
        raise self._error

    def find(self, cleared: Cleared, to: Destination, *, within: float) -> Delivery | None:
        raise self._error


@pytest.mark.parametrize(
    ("error", "result", "again", "away"),
    [
        (Busy("x", after=3.0), Result.FAILED, True, False),
        (Unreachable("x"), Result.FAILED, True, True),
        (Denied("x"), Result.REFUSED, False, False),
        (Declined("x"), Result.REFUSED, False, False),
        (NoSuchTarget("x"), Result.REFUSED, False, False),
        (Refusal("x"), Result.REFUSED, False, False),
        (NoAnswer("x"), Result.UNKNOWN, False, False),
        (LeverError("x"), Result.UNKNOWN, False, False),
        (PsfirError("x"), Result.UNKNOWN, False, False),
    ],
)
def test_an_error_has_its_word(error: Exception, result: Result, again: bool, away: bool) -> None:
    """Only what was surely not taken has failed; whatever else nobody knows of is unknown."""
    found = hand_over(Failing(error), cleared(), TO)
    assert (found.result, found.again, found.away) == (result, again, away)


def test_who_cannot_look_can_tell_nothing() -> None:
    """Neither can one whose look fails: unknown, never `not there`."""
    for finds in (False, True):
        found = look(Failing(NoAnswer("x"), finds=finds), cleared(), TO)
        assert found is not None
        assert found.result is Result.UNKNOWN
