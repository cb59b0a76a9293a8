"""What launchdarkly.flag makes of a 200 whose content is not the vendor's own shape, and of what moves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psfir.domain.change import Held, Result
from psfir.errors import Drift, LeverError, PsfirError
from psfir.levers.launchdarkly.flag import Flag
from psfir.levers.launchdarkly.targeting import PARTS, instructions, served, state_of, words
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.server import Reply
from tests.levers.launchdarkly.stage_flag import ENVIRONMENT, OFF, SMALL, Account, planned

Here = dict[str, Any]


@pytest.fixture
def account() -> Iterator[Account]:
    with Account(("large", "small", "off")) as account:
        account.crowd()
        yield account


def _put(**parts: object) -> Callable[[Here], None]:
    return lambda here: here.update(parts)


@pytest.mark.parametrize(
    "spoil",
    [
        _put(targets=[{"values": ["ann"], "variation": "first"}]),
        _put(targets=[{"values": ["ann"]}]),
        _put(targets=[{"values": 5, "variation": 0}]),
        _put(targets=[{"values": "ann", "variation": 0}]),
        _put(targets={"values": ["ann"]}),
        _put(contextTargets=["ann"]),
        _put(rules=[{"variation": 0}]),
        _put(rules=7),
        _put(fallthrough="large"),
        _put(fallthrough={"rollout": "half"}),
        _put(fallthrough={"rollout": {"variations": [{"variation": 0}]}}),
        _put(offVariation="off"),
    ],
)
def test_a_200_with_odd_content_is_a_sentence_with_its_place(account: Account, spoil: Callable[[Here], None]) -> None:
    """Where, what and what to do, as for every other answer of the vendor: never a raw ValueError or TypeError."""

    def spoilt(reply: Reply) -> Reply:
        assert isinstance(reply.body, bytes)
        body = json.loads(reply.body)
        spoil(body["environments"][ENVIRONMENT])
        return replace(reply, body=body)

    change = planned(Flag(account.connection()))
    with Front(account.server.url) as front:
        front.fault(Fault("odd", spoil=spoilt))
        with pytest.raises(LeverError) as raised:
            Flag(account.connection(front.url)).verify(change, within=5)
    assert type(raised.value) is LeverError
    assert raised.value.where == "connection flags"
    assert "flag support-assistant in assistants/production: " in raised.value.what
    assert raised.value.todo


ODD: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-2, 9) | st.text(max_size=3) | st.sampled_from([[], {}, [{}]])
)


@st.composite
def _spoilt(draw: st.DrawFn) -> tuple[Here, Any]:
    """A whole flag with something odd in one to three places."""
    rollout = {"variations": [{"variation": 0, "weight": 100_000}], "bucketBy": "email"}
    here: Here = {
        "on": True,
        "offVariation": 1,
        "fallthrough": {"rollout": rollout},
        "rules": [{"_id": "r", "clauses": [{"attribute": "a"}], "variation": 0}, {"_id": "s", "rollout": rollout}],
        "targets": [{"variation": 0, "values": ["ann"]}],
        "contextTargets": [{"contextKind": "tenant", "variation": 1, "values": ["acme"]}],
    }
    thing: Here = {"variations": [{"_id": "a", "value": True}, {"_id": "b", "value": False}], "here": here}
    thing = json.loads(json.dumps(thing))
    for _ in range(draw(st.integers(1, 3))):
        spot: Any = thing
        while True:
            key = draw(st.sampled_from(sorted(spot) if isinstance(spot, dict) else range(len(spot))))
            if not isinstance(spot[key], dict | list) or not spot[key] or draw(st.booleans()):
                break
            spot = spot[key]
        spot[key] = deepcopy(draw(ODD))  # the next place may lie inside of it
    return thing, thing["here"]


@given(_spoilt(), st.booleans())
def test_whatever_is_odd_is_psfirs_own_error_or_can_be_said(spoilt: tuple[Here, Any], switch: bool) -> None:
    """A state that is taken in can also be put into words and instructions; everything else is refused at the door."""
    thing, here = spoilt
    try:
        state = state_of(thing, here if isinstance(here, dict) else {}, switch=switch)
        words(state)
        served(state)
        instructions(state, [part for part in PARTS if part in state])
    except PsfirError:
        return


# --- what is beside the point ---


def target(account: Account, index: int, who: str = "eve") -> None:
    account.edit({"kind": "addTargets", "contextKind": "user", "variationId": account.ids[index], "values": [who]})


@pytest.mark.parametrize("index", [0, 2])
def test_a_target_of_a_flag_that_is_off_moves_nothing(account: Account, index: int) -> None:
    """Off serves one variation to all: it holds, it is said what somebody did, and a second pull is no drift."""
    lever = Flag(account.connection())
    change = planned(lever, OFF)
    lever.apply(change, within=5)
    target(account, index)
    look = lever.verify(change, within=5)
    assert look.held is Held.HELD
    assert look.says.endswith('is off and serves "off"; somebody has changed targets since')
    assert lever.apply(change, within=5).result is Result.ALREADY_SO
    with pytest.raises(Drift):  # putting back is exact or refused, whatever is served
        lever.restore(change, within=5)


def test_a_target_that_gets_what_all_get_moves_nothing(account: Account) -> None:
    """One variation for everyone stays one variation for everyone."""
    lever = Flag(account.connection())
    change = planned(lever, SMALL)
    lever.apply(change, within=5)
    target(account, 1)
    assert lever.verify(change, within=5).held is Held.HELD
    target(account, 0, "mia")
    look = lever.verify(change, within=5)
    assert look.held is Held.NOT_HELD
    assert look.says.endswith("somebody has changed targets since")


def test_an_off_variation_that_became_another_does_not_hold(account: Account) -> None:
    """Off as it was, and what off serves is not: that is what an application gets."""
    lever = Flag(account.connection())
    change = planned(lever, OFF)
    lever.apply(change, within=5)
    account.edit({"kind": "updateOffVariation", "variationId": account.ids[0]})
    look = lever.verify(change, within=5)
    assert look.held is Held.NOT_HELD
    assert look.says.endswith('is off and serves "large"; somebody has changed off since')


def test_a_restored_flag_that_serves_several_things_is_compared_whole(account: Account) -> None:
    """Where not everybody gets the same, every part that decides it has to be as it was."""
    lever = Flag(account.connection())
    change = planned(lever, OFF)
    lever.apply(change, within=5)
    lever.restore(change, within=5)
    back = replace(change, before=change.after, after=change.before)
    assert lever.verify(back, within=5).held is Held.HELD
    target(account, 2)
    assert lever.verify(back, within=5).held is Held.NOT_HELD
