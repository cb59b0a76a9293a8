"""launchdarkly.flag against every answer the vendor gives to a write, and against those it never gives."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import pytest

from psfir.domain.change import Held, Result
from psfir.errors import Busy, Denied, Drift, LeverError, NoAnswer, NoSuchTarget, Unreachable
from psfir.levers.launchdarkly.flag import Flag
from psfir.range.faulty import Fault, reset
from psfir.range.front import Front
from psfir.range.server import Asked, Reply
from psfir.testing.stage import LOST
from psfir.testing.waiting import GRACE, eventually
from psfir.vendors.launchdarkly import ApprovalNeeded, Conflict, NotValid
from tests.levers.launchdarkly.stage_flag import ENVIRONMENT, KEY, OFF, PROJECT, SMALL, TARGET, Account, planned, pulled
from tests.shares import told


@pytest.fixture
def account() -> Iterator[Account]:
    with Account(("large", "small", "off")) as account:
        account.crowd()
        yield account


@pytest.fixture
def flag(account: Account) -> Flag:
    return Flag(account.connection())


# --- trap 1: the vendor says no ---


def test_an_approval_is_required_trap_1(account: Account, flag: Flag) -> None:
    """405 is a refusal that says that an approval is needed and how to go on; nothing has changed."""
    change = planned(flag)
    account.estate.require_approval(PROJECT, ENVIRONMENT)
    with pytest.raises(ApprovalNeeded, match="requires an approval") as refused:
        flag.apply(change, within=5)
    assert "request one" in refused.value.todo
    assert "bypassRequiredApproval" in refused.value.todo
    assert account.estate.writes == 0


def test_a_token_with_the_bypass_is_not_refused_trap_1(account: Account) -> None:
    """With bypassRequiredApproval in its role the token goes past the 405."""
    account.estate.require_approval(PROJECT, ENVIRONMENT)
    account.token = account.estate.add_token("*", "bypassRequiredApproval")
    assert pulled(Flag(account.connection())).result is Result.CHANGED


def test_a_pending_change_is_named_trap_1(account: Account, flag: Flag) -> None:
    """A 400 because of what is scheduled says what that is, and how it can be let fail; nothing has changed."""
    account.estate.schedule(account.flag, ENVIRONMENT, {"kind": "turnFlagOn"})
    with pytest.raises(NotValid, match=r"in the way is a change scheduled for .* \(turnFlagOn\)") as refused:
        pulled(flag)
    assert "ignore_conflicts" in refused.value.todo
    assert account.estate.writes == 0


def test_a_pending_change_may_be_let_fail_trap_1(account: Account, flag: Flag) -> None:
    """With ignore_conflicts the kill goes through although a scheduled change would then fail."""
    account.estate.schedule(account.flag, ENVIRONMENT, {"kind": "turnFlagOn"})
    assert pulled(flag, {**OFF, "ignore_conflicts": True}).result is Result.CHANGED
    assert account.here()["on"] is False


def test_a_400_of_another_kind_stands_as_it_is_trap_1(account: Account) -> None:
    """Nothing is pending: then the vendor's own words are what a person gets, and nothing is forced."""
    with Front(account.server.url) as front:
        lever = Flag(account.connection(front.url))
        change = planned(lever, {**OFF, "ignore_conflicts": True})
        body = {"code": "invalid_request", "message": "no such thing", "id": "4711"}
        front.fault(Fault("400", reply=Reply(400, body)), when=lambda asked: asked.writes)
        with pytest.raises(NotValid, match=r"answered 400: no such thing \(id 4711\)"):
            lever.apply(change, within=5)
        assert len([asked for asked in front.seen if asked.writes]) == 1


def test_a_400_that_cannot_be_told_apart_is_not_forced_trap_1(account: Account) -> None:
    """Whether something is pending could not be read: it is said, and even ignore_conflicts forces nothing."""
    account.estate.schedule(account.flag, ENVIRONMENT, {"kind": "turnFlagOn"})
    with Front(account.server.url) as front:
        lever = Flag(account.connection(front.url))
        change = planned(lever, {**OFF, "ignore_conflicts": True})
        away = Fault("away", reply=Reply(500, b"oops"))
        front.fault(away, when=lambda asked: asked.path.endswith("scheduled-changes"))
        with pytest.raises(NotValid, match="whether a pending change is in the way could not be told"):
            lever.apply(change, within=5)
    assert account.estate.writes == 0


def test_a_clash_is_tried_again_trap_1(account: Account, flag: Flag) -> None:
    """A 409 or two are read again and tried again inside the share: one change comes of it."""
    account.estate.clash(2)
    assert pulled(flag).result is Result.CHANGED
    assert account.estate.writes == 1


def test_a_clash_for_ever_is_given_up_trap_1(account: Account, flag: Flag) -> None:
    """409 for ever ends as a refusal within the share, never as an unknown: none of them did anything."""
    account.estate.clash(-1)
    change = planned(flag)
    begun = perf_counter()
    with pytest.raises(Conflict):
        flag.apply(change, within=1)
    assert perf_counter() - begun < 1 + GRACE
    assert account.here()["on"] is True


def test_a_reset_inside_the_share_is_waited_for_trap_1(account: Account, flag: Flag) -> None:
    """429 with a reset that lies inside the share: it waits, and then it is done."""
    change = planned(flag)
    account.estate.meter.starve(0.5)
    assert flag.apply(change, within=8).result is Result.CHANGED


def test_after_a_wait_it_is_read_again_before_it_is_written_trap_19(account: Account) -> None:
    """Somebody changed the flag while a restore waited for the rate limit: that is seen, and not written over."""
    with Front(account.server.url) as front:
        lever = Flag(account.connection(front.url))
        change = planned(lever)
        lever.apply(change, within=5)

        def meanwhile(asked: Asked) -> bool:
            if asked.writes:
                account.edit({"kind": "clearTargets", "variationId": account.ids[0]})
            return asked.writes

        early = Fault("too early", reply=Reply(429, b"", {"Retry-After": "0"}))
        front.fault(early, when=meanwhile, times=1)
        with pytest.raises(Drift):
            lever.restore(change, within=5)
    assert account.estate.writes == 1


@pytest.mark.parametrize("by", ["account", "route", "address", "silent"])
def test_a_reset_beyond_the_share_is_not_waited_for_trap_1(account: Account, flag: Flag, by: str) -> None:
    """429 with a reset beyond the share, or with none, is back at once, says how long, and may be tried again."""
    change = planned(flag)
    account.estate.meter.starve(60, by=by)
    begun = perf_counter()
    with pytest.raises(Busy, match="rate limit") as busy:
        flag.apply(change, within=5)
    assert perf_counter() - begun < 2
    assert busy.value.after is None if by == "silent" else 55 < (busy.value.after or 0) < 65


def test_a_401_names_the_action_that_is_missing_trap_1(account: Account, flag: Flag) -> None:
    """A good token without the right gets 401 too: the sentence names the actions and the resource."""
    change = planned(flag, SMALL)
    account.token = account.estate.add_token("viewProject", "updateOn")
    with pytest.raises(Denied) as denied:
        Flag(account.connection()).apply(change, within=5)
    assert "updateFallthrough, updateRules, updateTargets" in denied.value.todo
    assert f"proj/{PROJECT}:env/{ENVIRONMENT}:flag/{KEY}" in denied.value.todo
    assert account.token not in str(denied.value)


def test_a_connection_without_a_token_is_denied(account: Account) -> None:
    """Nothing is sent without a token, and the sentence says where to put one."""
    account.token = ""
    connection = account.connection()
    del connection.secrets["token"]  # type: ignore[attr-defined]  # it is a dict
    with pytest.raises(Denied, match="it has no token") as denied:
        Flag(connection).read(TARGET, within=5)
    assert "token: where an access token" in denied.value.todo


# --- trap 2: the answer that never came ---


def test_a_patch_that_timed_out_but_was_applied_trap_2(account: Account) -> None:
    """Without an answer it is unknown; reading shows that it landed; pulling again finds it so and writes nothing."""
    with Front(account.server.url) as front:
        lever = Flag(account.connection(front.url))
        change = planned(lever)
        front.fault(LOST, when=lambda asked: asked.writes)
        said = told(lambda share: lever.apply(change, within=share), lambda: account.estate.writes)
        assert isinstance(said, NoAnswer)
        eventually(lambda: account.estate.writes)
        front.heal()
        assert lever.verify(change, within=5).held is Held.HELD
        assert lever.apply(change, within=5).result is Result.ALREADY_SO
    assert account.estate.writes == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("503", reply=Reply(503, b"away")), NoAnswer),
        (Fault("carried out, then reset", carry=True, wire=reset), NoAnswer),
        (Fault("no JSON", carry=True, reply=Reply(200, b"<html>")), NoAnswer),
        (Fault("another thing", carry=True, reply=Reply(200, {"environments": {}})), NoAnswer),
        (Fault("an empty promise", reply=Reply(200, {})), NoAnswer),
        (Fault("422", reply=Reply(422, {"message": "what?"})), LeverError),
        (Fault("403", reply=Reply(403, b"")), Denied),
        (Fault("404", reply=Reply(404, b"")), NoSuchTarget),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
def test_no_answer_to_a_write_is_taken_for_more_than_it_is(
    account: Account, fault: Fault, error: type[LeverError]
) -> None:
    """Whatever leaves open whether it was carried out is unknown; a clear no is no."""
    with Front(account.server.url) as front:
        lever = Flag(account.connection(front.url))
        change = planned(lever)
        front.fault(fault, when=lambda asked: asked.writes)
        with pytest.raises(LeverError) as raised:
            lever.apply(change, within=3)
        assert type(raised.value) is error


def test_a_200_that_changed_nothing_is_unknown(account: Account) -> None:
    """The vendor answers with the whole flag: if that is still on, the 200 is not believed."""
    with Front(account.server.url) as front:
        lever = Flag(account.connection(front.url))
        change = planned(lever)
        same = Reply(200, account.estate.thing(account.flag))
        front.fault(Fault("a lie", reply=same), when=lambda asked: asked.writes)
        with pytest.raises(NoAnswer, match="answered with 200, and still is on"):
            lever.apply(change, within=3)


def test_a_read_without_an_answer_is_unreachable(account: Account) -> None:
    """Nothing is unknown about the world when only reading failed."""
    with Front(account.server.url) as front:
        front.fault(Fault("cut", wire=reset))
        with pytest.raises(Unreachable):
            Flag(account.connection(front.url)).read(TARGET, within=2)
