"""launchdarkly.flag against the stand-in: what the vendor answers, what it serves, and what is put back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Held, Result
from psfir.errors import Drift, LeverError, NoSuchTarget, Refusal
from psfir.levers.launchdarkly.flag import Flag
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.launchdarkly.estate import Place
from psfir.testing.stage import LOST
from tests.levers.launchdarkly.stage_flag import (
    ENVIRONMENT,
    KEY,
    OFF,
    PROJECT,
    SMALL,
    TARGET,
    Account,
    bare,
    planned,
    pulled,
)


@pytest.fixture
def account() -> Iterator[Account]:
    with Account(("large", "small", "off")) as account:
        account.crowd()
        yield account


@pytest.fixture
def flag(account: Account) -> Flag:
    return Flag(account.connection())


# --- what comes back exactly ---


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


def test_two_people_press_kill_at_once_trap_14(account: Account) -> None:
    """Both are told that it is off, and the flag was changed once."""
    lever = Flag(account.connection())
    change = planned(lever)
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda _: Flag(account.connection()).apply(change, within=5), range(2)))
    assert {outcome.result for outcome in outcomes} <= {Result.CHANGED, Result.ALREADY_SO}
    assert account.here()["on"] is False
    assert account.estate.writes == 1


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


def test_prerequisites_and_an_archived_flag_are_noted(account: Account) -> None:
    """Whoever fails a prerequisite gets the off variation whatever is set; an archived flag reaches nobody."""
    account.estate.add_flag(PROJECT, "beta")
    beta = account.estate.variation_ids(Place(PROJECT, "beta"))[0]
    account.edit({"kind": "addPrerequisite", "key": "beta", "variationId": beta})
    account.estate.thing(account.flag)["archived"] = True
    said = notes(account)
    assert 'it has prerequisites (beta): whoever fails one gets "off"' in said
    assert "it is archived" in said


@pytest.mark.parametrize("part", ["offVariation", "fallthrough"])
def test_an_index_that_leads_nowhere_is_loud(account: Account, flag: Flag, part: str) -> None:
    """A state that names a variation which is not there is an error, never a guess."""
    here = account.estate.thing(account.flag)["environments"][ENVIRONMENT]
    here[part] = 7 if part == "offVariation" else {"variation": 7}
    with pytest.raises(LeverError, match="variation 7 is named, and there are 3"):
        flag.read(TARGET, within=5)


def test_a_flag_that_holds_a_secret_is_refused() -> None:
    """A variation whose value is the connection's own token is not recorded, and not shown."""
    with Account(("large", "token", "off")) as account:
        account.estate.thing(account.flag)["variations"][1]["value"] = account.token
        with pytest.raises(Refusal, match="holds a secret") as refused:
            Flag(account.connection()).read(TARGET, within=5)
        assert account.token not in str(refused.value)
