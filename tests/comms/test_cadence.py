"""Each message promises the next one; what was promised and not kept is counted."""

from datetime import UTC, datetime, timedelta

import pytest

from psfir.comms.cadence import due, missed, next_after, promises
from psfir.comms.record import Sending, Talk, Told
from psfir.domain import instants
from psfir.domain.channels import MessageClass
from psfir.domain.message import Audience, Message, Phase
from psfir.domain.modes import Severity

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def heard(number: int, at: int, *, next_in: int | None = 30, audience: Audience = Audience.PUBLIC) -> Told:
    """A message that went out so many minutes ago, and promised the next."""
    sent = NOW - timedelta(minutes=at)
    promised = sent + timedelta(minutes=next_in) if next_in else None
    message = Message(f"MSG-{number}", "INC-1", audience, Phase.PROGRESS, "en", "c", "T", "B", next_update_at=promised)
    sending = Sending("c", 1, instants.write(sent), "asserted:ben", result="sent")
    return Told(message.id, message.digest, message, MessageClass.ORDINARY, {}, "", "", (sending,))


def said(*told: Told) -> Talk:
    return Talk({one.id: one for one in told})


def test_a_promise_is_kept_missed_or_open() -> None:
    """By the next message to the same audience, and nobody else's."""
    talk = said(heard(1, 100), heard(2, 80), heard(3, 10), heard(4, 5, audience=Audience.PRESS))
    found = [one for one in promises(talk, NOW) if one.audience is Audience.PUBLIC]
    assert [(one.by, one.kept) for one in found] == [("MSG-1", True), ("MSG-2", False), ("MSG-3", None)]
    assert missed(found) == 1
    assert [one.by for one in due(found)] == ["MSG-3"]


def test_a_promise_that_is_past_is_missed_before_anybody_writes() -> None:
    """The clock decides, not the next message."""
    (one,) = promises(said(heard(1, 31)), NOW)
    assert (one.kept, one.heard) == (False, None)
    assert promises(said(heard(1, 30)), NOW)[0].kept is None


def test_what_promises_nothing_is_no_promise() -> None:
    """A last message ends it."""
    assert promises(said(heard(1, 30, next_in=None)), NOW) == []


@pytest.mark.parametrize(
    ("phase", "severity", "template", "set_", "every"),
    [
        (Phase.HOLDING, Severity.SEV2, None, None, 1200.0),
        (Phase.HOLDING, Severity.SEV2, 600.0, None, 600.0),
        (Phase.SCOPE, Severity.SEV1, None, None, 1800.0),
        (Phase.PROGRESS, Severity.SEV2, None, None, 3600.0),
        (Phase.PROGRESS, Severity.SEV4, None, None, 14400.0),
        (Phase.PROGRESS, Severity.SEV1, 600.0, 7200.0, 7200.0),
        (Phase.RESOLVED, Severity.SEV1, 600.0, 7200.0, None),
        (Phase.CORRECTION, Severity.SEV1, None, None, 1800.0),
    ],
)
def test_how_long_until_the_next(
    phase: Phase, severity: Severity, template: float | None, set_: float | None, every: float | None
) -> None:
    """What somebody set, else what the template says, else by phase and severity."""
    assert next_after(phase, severity, template=template, set_=set_) == every
