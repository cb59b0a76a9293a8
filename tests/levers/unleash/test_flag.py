"""unleash.flag where Unleash does what nobody expects: on the stand-in, and the same on the real one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from psfir.contracts import Preflight
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Outcome, Result
from psfir.domain.modes import Mode
from psfir.errors import Declined, Denied, Drift, LeverError, NoAnswer, NoSuchTarget, Refusal
from psfir.levers.unleash.flag import Flag
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.server import Reply
from psfir.vendors.unleash import ApprovalNeeded
from tests.levers.unleash.world import ENVIRONMENT, HALF, PROJECT, SOME, RealOne, StandIn, World

OFF: dict[str, Json] = {"on": False}
ON: dict[str, Json] = {"on": True}
SMALL: dict[str, Json] = {"variant": "small"}


@pytest.fixture(params=[StandIn, RealOne], ids=["stand-in", "real Unleash"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    world = request.param()
    yield world
    world.stop()


def planned(world: World, settings: Mapping[str, Json] = OFF, lever: Flag | None = None) -> Change:
    lever = lever or Flag(world.connection())
    change = lever.plan(world.target, lever.read(world.target, within=5), Mode.DISABLE, settings)
    assert isinstance(change, Change), change
    return change


def pulled(world: World, settings: Mapping[str, Json] = OFF) -> tuple[Change, Outcome]:
    change = planned(world, settings)
    return change, Flag(world.connection()).apply(change, within=10)


def restored(world: World, change: Change) -> Outcome:
    return Flag(world.connection()).restore(change, within=10)


@pytest.mark.parametrize("laid", [[], [{**HALF, "disabled": True}]], ids=["none", "all disabled"])
def test_on_leaves_a_strategy_behind_trap_5(world: World, laid: list[dict[str, Any]]) -> None:
    """What Unleash itself does: on and off again, and the flag has a strategy for everyone that it had not."""
    world.lay_out(*laid, on=False)
    before = world.bare()
    world.switch(on=True)
    world.switch(on=False)
    _, strategies = world.bare()
    assert len(strategies) == len(before[1]) + 1
    assert (strategies[-1]["parameters"]["rollout"], strategies[-1]["disabled"]) == ("100", False)


@pytest.mark.parametrize("laid", [[], [{**HALF, "disabled": True}]], ids=["none", "all disabled"])
def test_restoring_leaves_no_strategy_behind_trap_5(world: World, laid: list[dict[str, Any]]) -> None:
    """Switched on by psfir it is on for everyone too, and put back it has exactly the strategies that it had."""
    world.lay_out(*laid, on=False)
    before = world.bare()
    change, outcome = pulled(world, ON)
    assert outcome.result is Result.CHANGED
    assert "is on for everyone" in outcome.says
    assert world.here()["enabled"] is True
    assert len(world.here()["strategies"]) == len(laid) + 1
    assert restored(world, change).result is Result.CHANGED
    assert world.bare() == before


@pytest.mark.parametrize("settings", [OFF, SMALL], ids=["off", "variant"])
def test_every_strategy_is_back_with_its_id_and_order_trap_5(world: World, settings: dict[str, Json]) -> None:
    """Nothing of what was there is touched: not a disabled one, a constraint, a share or a variant."""
    world.lay_out(SOME, {**HALF, "disabled": True}, HALF)
    before = world.bare()
    change, outcome = pulled(world, settings)
    assert outcome.result is Result.CHANGED
    assert world.bare() != before
    restored(world, change)
    assert world.bare() == before


def test_a_change_request_is_wanted_trap_5(world: World) -> None:
    """Its 403 is told from a missing permission: an approval is needed, and the permission to skip it is named."""
    world.lay_out(SOME)
    change = planned(world)
    token = world.gate()
    try:
        lever = Flag(world.connection(token=token))
        with pytest.raises(ApprovalNeeded, match="wants a change request") as refused:
            lever.apply(change, within=5)
        assert "SKIP_CHANGE_REQUEST" in refused.value.todo
        assert world.here()["enabled"] is True
        assert Flag(world.connection()).apply(change, within=5).result is Result.CHANGED, "one that may skip it"
    finally:
        world.open()


def test_a_change_request_is_wanted_for_a_variant_too_trap_5(world: World) -> None:
    """Strategies are gated like the switch, and nothing was done."""
    world.lay_out(HALF)
    change = planned(world, SMALL)
    lever = Flag(world.connection(token=world.gate()))
    try:
        with pytest.raises(ApprovalNeeded):
            lever.apply(change, within=5)
    finally:
        world.open()
    assert world.writes() == 0


@pytest.mark.parametrize("deed", ["remove", "disable"])
def test_a_flag_whose_last_strategy_goes_is_switched_off(world: World, deed: str) -> None:
    """What Unleash does by itself; so psfir switches off first, and only then takes its own away."""
    world.lay_out()
    world.switch(on=False)
    identity = str(world.here()["strategies"][0]["id"])
    world.switch(on=True)
    getattr(world, deed)(identity)
    assert world.here()["enabled"] is False


def test_one_kill_upon_another(world: World) -> None:
    """Off on top of a variant for everyone: each restore takes back its own, the last first."""
    world.lay_out(HALF)
    before = world.bare()
    first, _ = pulled(world, SMALL)
    second, _ = pulled(world, OFF)
    with pytest.raises(Drift):
        restored(world, first)
    restored(world, second)
    restored(world, first)
    assert world.bare() == before


def test_off_twice_is_once(world: World) -> None:
    """Somebody else switched it off between plan and pull: nothing is written, and it is said."""
    world.lay_out(SOME)
    change = planned(world)
    world.switch(on=False)
    seen = world.changes()
    assert Flag(world.connection()).apply(change, within=5).result is Result.ALREADY_SO
    assert world.changes() == seen


def test_the_whole_project_at_once_is_seen(world: World) -> None:
    """Bulk off by somebody else is an off like any other; with one name that is none it does nothing at all."""
    world.lay_out(SOME)
    path = f"/api/admin/projects/{PROJECT}/bulk_features/environments/{ENVIRONMENT}/off"
    assert world.ask("POST", path, {"features": [world.flag, "nowhere"]})[0] == 404
    assert world.here()["enabled"] is True
    change = planned(world)
    assert world.ask("POST", path, {"features": [world.flag]})[0] == 200
    assert Flag(world.connection()).verify(change, within=5).held is Held.HELD


def test_who_depends_on_it_is_said(world: World) -> None:
    """A flag with this one as its parent goes with it; and a parent can keep it from anybody."""
    world.lay_out(SOME)
    child = f"{world.flag}-child"
    features = f"/api/admin/projects/{PROJECT}/features"
    world.ask("POST", features, {"name": child, "type": "release"})
    world.ask("POST", f"{features}/{child}/dependencies", {"feature": world.flag})
    lever = Flag(world.connection())
    (note,) = lever.read(world.target, within=5).notes
    assert note == f"flags that have it as their parent change too: {child}"
    (note,) = lever.read({**world.target, "flag": child}, within=5).notes
    assert note.startswith(f"it depends on {world.flag}")
    world.ask("DELETE", f"{features}/{child}")


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("flag", "nowhere"),
        ("project", "There's no feature named"),
        ("environment", "has no environment nowhere"),
    ],
)
def test_what_is_not_there(world: World, part: str, says: str) -> None:
    """A flag, project or environment of that name; Unleash's own sentence, or the ones there are."""
    world.lay_out(SOME)
    with pytest.raises(NoSuchTarget, match=says) as refused:
        Flag(world.connection()).read({**world.target, part: "nowhere"}, within=5)
    assert refused.value.todo


@pytest.mark.parametrize(
    ("token", "todo"),
    [
        ("user:wrong-wrong", "is no good"),
        ("client_token", "has to be a personal, service account or admin token"),
    ],
)
def test_a_token_of_the_wrong_kind(world: World, token: str, todo: str) -> None:
    """Unknown is 401, and a client token 403: both say what it has to be, and none of them shows it."""
    world.lay_out(SOME)
    secret = getattr(world, token, token)
    with pytest.raises(Denied) as refused:
        Flag(world.connection(token=secret)).read(world.target, within=5)
    assert todo in refused.value.todo
    assert secret not in str(refused.value)


def test_an_archived_flag_is_not_there(world: World) -> None:
    """Archived between plan and pull: refused, and not called off."""
    world.lay_out(SOME)
    change = planned(world)
    world.tell("DELETE")
    with pytest.raises((NoSuchTarget, Declined)):
        Flag(world.connection()).apply(change, within=5)


def test_a_second_write_that_fails_is_not_nothing(world: World) -> None:
    """The strategy was added and switching on was refused: that is unknown, never refused, and goes on from there."""
    world.lay_out({**HALF, "disabled": True}, on=False)
    before = world.bare()
    with Front(world.url) as front:
        lever = Flag(world.connection(front.url))
        change = planned(world, ON, lever)
        body = {"message": "no"}
        front.fault(Fault("no", reply=Reply(403, body)), when=lambda asked: asked.path.endswith("/on"))
        with pytest.raises(NoAnswer, match="before that it added a strategy"):
            lever.apply(change, within=5)
        front.heal()
        assert lever.apply(change, within=5).result is Result.CHANGED
        assert world.writes() == 2
        lever.restore(change, within=5)
    assert world.bare() == before


@pytest.mark.parametrize("settings", [OFF, SMALL, ON])
def test_preflight_of_an_admin_is_ready(world: World, settings: Mapping[str, Json]) -> None:
    """Every matter it can tell is ready, and nothing has changed."""
    world.lay_out(HALF)
    before = world.bare()
    lever = Flag(world.connection())
    assert isinstance(lever, Preflight)
    found = lever.check(world.target, settings, within=5)
    assert {one.ready.value for one in found} == {"ready"}, found
    assert world.bare() == before


def test_a_state_that_on_cannot_put_back_is_refused() -> None:
    """On with nobody let in is left over from an older Unleash. Restoring would widen it, so it is said beforehand."""
    world = StandIn()
    world.lay_out({**HALF, "disabled": True}, on=False)
    world.estate.here(world.flag, ENVIRONMENT)["enabled"] = True
    (note,) = Flag(world.connection()).read(world.target, within=5).notes
    assert "cannot be put back exactly" in note
    change, _ = pulled(world)
    with pytest.raises(Refusal, match="would add one for everyone"):
        restored(world, change)
    assert world.here()["enabled"] is False
    world.stop()


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"environments": {}},
        {"environments": [{"name": ENVIRONMENT, "enabled": "yes", "strategies": []}]},
        {"environments": [{"name": ENVIRONMENT, "enabled": True, "strategies": [{"name": "default"}]}]},
        {
            "environments": [
                {"name": ENVIRONMENT, "enabled": True, "strategies": [{"id": "a", "name": "x", "variants": 1}]}
            ]
        },
        {
            "environments": [
                {"name": ENVIRONMENT, "enabled": True, "strategies": [{"id": "a", "name": "x", "variants": [1]}]}
            ]
        },
    ],
)
def test_an_answer_of_another_shape_is_no_state(body: Json) -> None:
    """It could be put back later: so it is no reading, and says where to look."""
    world = StandIn()
    world.lay_out(SOME)
    with Front(world.url) as front:
        front.fault(Fault("odd", reply=Reply(200, body)))
        with pytest.raises(LeverError, match=r"environments|understood") as odd:
            Flag(world.connection(front.url)).read(world.target, within=5)
    assert odd.value.todo
    world.stop()
