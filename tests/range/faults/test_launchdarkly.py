"""What goes wrong at LaunchDarkly bites at psfir's own client, and is gone when it is healed."""

import pytest

from psfir.errors import Busy, Denied, NoAnswer, Unreachable, UsageError
from psfir.range.faults.order import Order
from psfir.range.faults.standing import Faults
from psfir.vendors.launchdarkly import ApprovalNeeded, Conflict
from tests.range.faults.reaching import FLAG, OFF, READ, Reaching, until

pytestmark = pytest.mark.xdist_group("range")
WITHIN = 5.0


@pytest.mark.parametrize("how", ["refused", "silent", "error"])
def test_down_is_no_answer_of_any_kind(faults: Faults, reaching: Reaching, how: str) -> None:
    """Refused, silent or with errors: nothing can be read, and healed it can."""
    faults.begin(Order("launchdarkly.down", {"how": how}))
    with pytest.raises((Unreachable, Busy)):
        reaching.flags.ask(READ, within=0.7)
    faults.heal()
    assert reaching.flags.ask(READ, within=WITHIN).body["key"] == FLAG


def test_applications_go_on_with_what_they_heard_last(faults: Faults, reaching: Reaching) -> None:
    """A flag that is switched while the vendor is away stays as it was in every replica, until it is back."""
    (assistant,) = reaching.estate.assistants
    faults.begin(Order("launchdarkly.down"))
    reaching.flag(on=False)
    try:
        assert [seat.parts.on for seat in assistant.seats if seat.agent] == [True] * 3
        faults.heal()
        until(lambda: not any(seat.parts.on for seat in assistant.seats))
    finally:
        reaching.flag(on=True)
    until(lambda: all(seat.parts.on for seat in assistant.seats))


def test_an_environment_that_nobody_has_is_refused(faults: Faults) -> None:
    """With those there are: an approval that nobody is asked for would be no fault at all."""
    with pytest.raises(UsageError, match=r"no project has an environment 'prodution'; there is .*production"):
        faults.begin(Order("launchdarkly.approval_required", {"environment": "prodution"}))
    assert faults.standing == ()


def test_of_two_that_answer_the_same_the_last_one_does(faults: Faults, reaching: Reaching) -> None:
    """And when it is healed, the first again."""
    faults.begin(Order("launchdarkly.unauthorized"))
    faults.begin(Order("wire.status", {"on": "launchdarkly", "code": "503"}))
    with pytest.raises(Busy):
        reaching.flags.ask(READ, within=0.7)
    faults.heal("wire.status")
    with pytest.raises(Denied):
        reaching.flags.ask(READ, within=WITHIN)


def test_slow_answers_late_and_does_at_once(faults: Faults, reaching: Reaching) -> None:
    """Whoever gave up does not know that the flag is off; an SDK is not slowed."""
    faults.begin(Order("launchdarkly.slow", {"by": "30s"}))
    try:
        with pytest.raises(NoAnswer):
            reaching.flags.ask(OFF, within=0.7)
        assert not reaching.is_on
        assert reaching.sdk.evaluate(FLAG, {"kind": "user", "key": "a"}, None, within=WITHIN).value is False
    finally:
        reaching.flag(on=True)
    faults.heal()
    assert reaching.flags.ask(READ, within=WITHIN).body["key"] == FLAG


@pytest.mark.parametrize(("by", "after"), [("account", True), ("silent", False)])
def test_rate_limited_says_when_to_come_back(faults: Faults, reaching: Reaching, by: str, *, after: bool) -> None:
    """The reset is always a minute away, and is not told where the setting says so."""
    faults.begin(Order("launchdarkly.rate_limited", {"reset": "60s", "by": by}))
    for _ in range(2):
        with pytest.raises(Busy) as error:
            reaching.flags.ask(READ, within=WITHIN)
        assert (error.value.after is not None and 50 < error.value.after < 70) is after
    faults.heal()
    assert reaching.flags.ask(READ, within=WITHIN).body["key"] == FLAG


def test_approval_required_refuses_the_change_and_not_the_look(faults: Faults, reaching: Reaching) -> None:
    """405; the settings of the environment are afterwards what they were."""
    account = reaching.estate.launchdarkly.estate
    before = dict(account.environment("assistants", "production")["approvalSettings"])
    faults.begin(Order("launchdarkly.approval_required"))
    assert reaching.flags.ask(READ, within=WITHIN).body["key"] == FLAG
    with pytest.raises(ApprovalNeeded):
        reaching.flags.ask(OFF, within=WITHIN)
    faults.heal()
    assert account.environment("assistants", "production")["approvalSettings"] == before
    _switched(reaching)


def test_conflict_meets_every_change_or_as_many_as_it_says(faults: Faults, reaching: Reaching) -> None:
    """409, once or for as long as it is on."""
    faults.begin(Order("launchdarkly.conflict", {"times": 1}))
    with pytest.raises(Conflict):
        reaching.flags.ask(OFF, within=WITHIN)
    _switched(reaching)
    faults.begin(Order("launchdarkly.conflict"))
    for _ in range(3):
        with pytest.raises(Conflict):
            reaching.flags.ask(OFF, within=WITHIN)
    faults.heal()
    _switched(reaching)


def test_unauthorized_voids_tokens_and_not_sdk_keys(faults: Faults, reaching: Reaching) -> None:
    """401 to the responder, while applications hear on."""
    faults.begin(Order("launchdarkly.unauthorized"))
    with pytest.raises(Denied):
        reaching.flags.ask(READ, within=WITHIN)
    assert reaching.sdk.evaluate(FLAG, {"kind": "user", "key": "a"}, None, within=WITHIN).value is True
    faults.heal()
    assert reaching.flags.ask(READ, within=WITHIN).body["key"] == FLAG


def _switched(reaching: Reaching) -> None:
    try:
        reaching.flags.ask(OFF, within=WITHIN)
        assert not reaching.is_on
    finally:
        reaching.flag(on=True)
