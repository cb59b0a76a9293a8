"""What an error of a messenger means for a copy, whoever wrote the messenger."""

from __future__ import annotations

import pytest

from psfir.comms.delivery import hand_over, look
from psfir.domain.about import MessengerAbout
from psfir.domain.message import Cleared, Delivery, Destination, Result
from psfir.errors import LeverError, NoAnswer, PsfirError, Refusal, Unreachable
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
    ("error", "result"),
    [
        (Refusal("x"), Result.REFUSED),
        (NoAnswer("x"), Result.UNKNOWN),
        (Unreachable("x"), Result.UNKNOWN),
        (LeverError("x"), Result.UNKNOWN),
        (PsfirError("x"), Result.UNKNOWN),
    ],
)
def test_a_messenger_that_raises_has_not_said_whether_it_went_out(error: Exception, result: Result) -> None:
    """Unless it refused. What an error of the other side means is each messenger's own to say, as a delivery."""
    found = hand_over(Failing(error), cleared(), TO)
    assert (found.result, found.again, found.away) == (result, False, False)


def test_who_cannot_look_can_tell_nothing() -> None:
    """Neither can one whose look fails: unknown, never `not there`."""
    for finds in (False, True):
        found = look(Failing(NoAnswer("x"), finds=finds), cleared(), TO)
        assert found is not None
        assert found.result is Result.UNKNOWN
