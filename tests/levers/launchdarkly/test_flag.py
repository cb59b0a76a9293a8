"""launchdarkly.flag against the stand-in: what the vendor answers, what it serves, and what is put back."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Any

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Outcome, Result
from psfir.domain.modes import Mode
from psfir.errors import Busy, Declined, Denied, Drift, LeverError, NoAnswer, NoSuchTarget, Refusal, Unreachable
from psfir.levers.launchdarkly.flag import Flag
from psfir.range.front import Fault, Front, reset
from psfir.range.server import Reply
from psfir.vendors.launchdarkly import ApprovalNeeded, Conflict, NotValid
from tests.levers.launchdarkly.stage_flag import ENVIRONMENT, KEY, PROJECT, Account
from tests.levers.stage import LOST

TARGET = {"connection": "flags", "project": PROJECT, "environment": ENVIRONMENT, "flag": KEY}
OFF: dict[str, Json] = {"on": False}
SMALL: dict[str, Json] = {"variation": "small"}


@pytest.fixture
def account() -> Iterator[Account]:
    with Account(("large", "small", "off")) as account:
        account.crowd()
        yield account


@pytest.fixture
def flag(account: Account) -> Flag:
    return Flag(account.connection())


def planned(lever: Flag, settings: dict[str, Json] = OFF, mode: Mode = Mode.DISABLE) -> Change:
    change = lever.plan(TARGET, lever.read(TARGET, within=5), mode, settings)
    assert isinstance(change, Change), change
    return change


def pulled(lever: Flag, settings: dict[str, Json] = OFF, within: float = 5) -> Outcome:
    return lever.apply(planned(lever, settings), within=within)


# --- what comes back exactly ---


def bare(here: dict[str, Any]) -> dict[str, Any]:
    """Without what every change moves. In which order a target's keys are listed means nothing."""
    for target in (*here["targets"], *here["contextTargets"]):
        target["values"].sort()
    return {name: value for name, value in here.items() if name not in {"version", "lastModified"}}


@pytest.mark.parametrize("settings", [OFF, SMALL, {"on": False, "variation": "large"}, {"on": True, "variation": 1}])
def test_restore_puts_back_rules_targets_and_rollouts(account: Account, settings: dict[str, Json]) -> None:
    """All the vendor holds is afterwards as it was, the rules' ids, weights and descriptions too."""
    before = bare(account.here())
    lever = Flag(account.connection())
    change = planned(lever, settings)
    assert lever.apply(change, within=5).result is Result.CHANGED
    assert bare(account.here()) != before
    assert lever.restore(change, within=5).result is Result.CHANGED
    assert bare(account.here()) == before


def test_the_comment_says_why(account: Account, flag: Flag) -> None:
    """The vendor's audit log has psfir's reason for the kill and for the restore."""
    change = planned(flag)
    flag.apply(change, within=5)
    flag.restore(change, within=5)
    killed, restored = [entry["comment"] for entry in account.estate.audit[-2:]]
    assert killed == f"psfir: {change.why}"
    assert restored.startswith("psfir: put back as found before this: ")


def test_an_experiment_cannot_be_put_back_and_says_so(account: Account, flag: Flag) -> None:
    """A rollout with what no instruction can say is degraded all the same; restoring it is refused, untouched."""
    place = account.estate.thing(account.flag)
    place["environments"][ENVIRONMENT]["fallthrough"]["rollout"]["experimentAllocation"] = {"canReshuffle": True}
    change = planned(flag, SMALL)
    assert flag.apply(change, within=5).result is Result.CHANGED
    now = account.here()
    with pytest.raises(Refusal, match="experimentAllocation, which no instruction can say"):
        flag.restore(change, within=5)
    assert account.here() == now


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
    assert perf_counter() - begun < 1.5
    assert account.here()["on"] is True


def test_a_reset_inside_the_share_is_waited_for_trap_1(account: Account, flag: Flag) -> None:
    """429 with a reset that lies inside the share: it waits, and then it is done."""
    change = planned(flag)
    account.estate.meter.starve(0.5)
    assert flag.apply(change, within=8).result is Result.CHANGED


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
    with pytest.raises(Denied, match="no access token") as denied:
        Flag(connection).read(TARGET, within=5)
    assert "token:" in denied.value.todo


# --- trap 2: the answer that never came ---


def test_a_patch_that_timed_out_but_was_applied_trap_2(account: Account) -> None:
    """Without an answer it is unknown; reading shows that it landed; pulling again finds it so and writes nothing."""
    with Front(account.server.url) as front:
        lever = Flag(account.connection(front.url))
        change = planned(lever)
        front.fault(LOST, when=lambda asked: asked.writes)
        with pytest.raises(NoAnswer):
            lever.apply(change, within=0.5)
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
        (Fault("422", reply=Reply(422, {"message": "what?"})), Declined),
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
        with pytest.raises(error):
            lever.apply(change, within=3)


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


# --- traps 3 and 4: off that is on, and a fallthrough that is not everyone ---


def notes(account: Account) -> str:
    return "\n".join(Flag(account.connection()).read(TARGET, within=5).notes)


def test_the_off_variation_is_itself_the_ai_trap_3(account: Account) -> None:
    """An off variation that an application takes for a yes is shown with its value before the pull."""
    account.edit({"kind": "updateOffVariation", "variationId": account.ids[0]})
    assert 'switched off it serves "large": the off variation is itself a yes' in notes(account)


def test_an_off_variation_that_is_off_needs_no_note(account: Account) -> None:
    """An off variation that says off is no news."""
    assert "switched off" not in notes(account)


def test_off_serves_the_same_as_on_trap_3(account: Account) -> None:
    """Where off and on are the same variation the note says that switching stops nothing."""
    serve = {"kind": "updateFallthroughVariationOrRollout", "variationId": account.ids[2]}
    account.edit(serve)
    assert "that stops nothing" in notes(account)


def test_no_off_variation_leaves_it_to_the_code_trap_3(account: Account, flag: Flag) -> None:
    """Without an off variation applications get their own default: the note says so, and one can be set in the kill."""
    account.estate.thing(account.flag)["environments"][ENVIRONMENT]["offVariation"] = None
    assert "applications get the default in their own code" in notes(account)
    change = planned(flag, {"on": False, "variation": "off"})
    assert flag.apply(change, within=5).result is Result.CHANGED
    assert account.here()["offVariation"] == 2
    with pytest.raises(Refusal, match="no instruction takes one away"):
        flag.restore(change, within=5)


def test_a_fallthrough_alone_does_not_hold_trap_4(account: Account, flag: Flag) -> None:
    """Somebody changed the fallthrough and left targets and rules: verify says not held, and the pull reaches all."""
    change = planned(flag, SMALL)
    account.edit({"kind": "updateFallthroughVariationOrRollout", "variationId": account.ids[1]})
    assert flag.verify(change, within=5).held is Held.NOT_HELD
    assert pulled(flag, SMALL).result is Result.CHANGED
    here = account.here()
    assert [one["variation"] for one in (here["fallthrough"], *here["rules"])] == [1, 1, 1]
    assert not any(target["values"] for target in (*here["targets"], *here["contextTargets"]))


# --- trap 19: somebody else ---


def test_somebody_changed_the_flag_before_restore_trap_19(account: Account, flag: Flag) -> None:
    """Restore refuses, shows what was expected and what is there, and leaves it."""
    change = planned(flag)
    flag.apply(change, within=5)
    account.edit({"kind": "clearTargets", "variationId": account.ids[0]})
    now = account.here()
    with pytest.raises(Drift, match="somebody else has changed it") as drift:
        flag.restore(change, within=5)
    assert drift.value.expected == change.after
    assert drift.value.found != change.after
    assert drift.value.todo == "targets differ"
    assert account.here() == now


def test_somebody_changed_it_between_reading_and_writing(account: Account) -> None:
    """The switch is thrown; what somebody else added in the same moment is in the answer and is said."""
    with Front(account.server.url) as front:
        lever = Flag(account.connection(front.url))
        change = planned(lever)

        def meanwhile(asked: object) -> bool:
            if getattr(asked, "writes", False):
                account.edit({"kind": "clearTargets", "variationId": account.ids[0]})
            return False

        front.fault(LOST, when=meanwhile)
        outcome = lever.apply(change, within=5)
    assert outcome.result is Result.CHANGED
    assert "somebody else changed targets at the same moment" in outcome.says


# --- what is said beforehand ---


def test_flags_that_depend_on_it_are_named(account: Account) -> None:
    """A flag that has this one as a prerequisite changes with it: the note has its key."""
    other = account.estate.add_flag(PROJECT, "summaries")
    account.estate.edit(other, ENVIRONMENT, {"kind": "addPrerequisite", "key": KEY, "variationId": account.ids[0]})
    assert "flags that have it as a prerequisite change too: summaries" in notes(account)


def test_an_approval_is_noted_before_the_pull(account: Account) -> None:
    """Where the environment requires an approval the plan already says so; a tag that is not on the flag is none."""
    account.estate.require_approval(PROJECT, ENVIRONMENT, tags=["payments"])
    assert "requires an approval" not in notes(account)
    account.estate.require_approval(PROJECT, ENVIRONMENT)
    assert "environment production requires an approval" in notes(account)


def test_what_cannot_be_looked_up_beside_it_is_said_and_holds_up_nothing(account: Account) -> None:
    """The reading is there although the looks beside it hang; that they could not be made is a note."""
    with Front(account.server.url) as front:
        front.fault(Fault("hang", wire=LOST.wire), when=lambda asked: asked.path != f"/api/v2/flags/{PROJECT}/{KEY}")
        reading = Flag(account.connection(front.url)).read(TARGET, within=1)
    assert reading.state
    assert len([note for note in reading.notes if "could not be told" in note]) == 2


@pytest.mark.parametrize("name", ["project", "environment", "flag"])
def test_what_is_not_there_is_no_such_target(account: Account, flag: Flag, name: str) -> None:
    """A key that leads nowhere is said, and is never tried again."""
    with pytest.raises(NoSuchTarget):
        flag.read({**TARGET, name: "nowhere"}, within=5)
