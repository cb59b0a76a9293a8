"""What the entries of an incident tell of its messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from psfir.comms.record import Talk, Told, talk
from psfir.domain.entries import GENESIS, Draft, Entry, seal
from psfir.domain.kinds import Kind
from psfir.domain.message import Audience, Phase
from psfir.testing import MESSAGE

AT = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)


def entry(kind: Kind, **data: Any) -> Entry:
    return seal(Draft(AT, "INC-1", "asserted:alice", "cli", kind, data), seq=1, prev=GENESIS, salt="s")


def drafted(**changed: Any) -> Entry:
    message = replace(MESSAGE, id="MSG-1", audience=Audience.PUBLIC, phase=Phase.HOLDING, **changed)
    fields: dict[str, Any] = {"class": "ordinary", "fields": {}}
    return entry(Kind.DRAFTED, message=message.to_json(), digest=message.digest, **fields)


def sending(channel: str = "page", attempt: int = 1) -> Entry:
    return entry(Kind.SENDING, message="MSG-1", digest="d", channel=channel, attempt=attempt, recipients=3)


def ended(result: str, channel: str = "page", attempt: int = 1, **counts: int) -> Entry:
    where = {"message": "MSG-1", "digest": "d", "channel": channel, "attempt": attempt}
    return entry(Kind.SENT, **where, result=result, says="x", counts=counts)


def one(*entries: Entry) -> Told:
    return talk(entries).messages["MSG-1"]


def test_a_try_without_an_end_is_unknown() -> None:
    """It may have died at any instant."""
    told = one(drafted(), sending())
    assert (told.unknown, told.sent, told.left) == (True, None, 0)


def test_a_later_try_over_the_same_channel_has_seen_the_one_before() -> None:
    """Over another channel it says nothing of it."""
    begun = (drafted(), sending())
    assert not one(*begun, sending(attempt=2), ended("sent", attempt=2)).unknown
    assert one(*begun, sending("paste"), ended("sent", "paste")).unknown


def test_a_list_of_which_some_went_out_is_out() -> None:
    """Whatever became of the others: they are counted."""
    told = one(drafted(), sending(), ended("failed", sent=1, pending=1, later=1, failed=1, refused=1))
    assert told.sent is not None
    assert (told.left, told.unknown) == (3, False)
    assert one(drafted(), sending(), ended("unknown", sent=1, unknown=1)).unknown
    assert one(drafted(), sending(), ended("refused", refused=2)).sent is None


def test_an_end_that_is_recorded_later_replaces_the_first() -> None:
    """As when somebody has looked."""
    told = one(drafted(), sending(), ended("unknown"), ended("sent"))
    assert [each.result for each in told.sendings] == ["sent"]


def test_what_was_erased_is_still_known_to_have_gone_out() -> None:
    """Its words are gone, its digest and its sendings stay."""
    gone = replace(drafted(), data=None, salt=None)
    told = one(gone, sending(), ended("sent"))
    assert (told.message, told.digest, told.sent is not None) == (None, "d", True)


def test_what_is_not_about_messages_is_passed_over() -> None:
    assert talk([entry(Kind.NOTE, text="x")]) == Talk()


def test_what_an_audience_heard_is_in_the_order_in_which_it_went_out() -> None:
    """And what a later one corrects is known, once that is out."""
    entries = [drafted(), sending(), ended("sent")]
    found = talk(entries)
    assert [told.id for told in found.sent_to(Audience.PUBLIC)] == ["MSG-1"]
    assert not found.sent_to(Audience.PRESS)
    assert not found.superseded()
    assert talk([drafted(supersedes="MSG-0")]).superseded() == set()
    assert talk([drafted(supersedes="MSG-0"), sending(), ended("sent")]).superseded() == {"MSG-0"}
