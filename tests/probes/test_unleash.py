"""unleash.evaluation: what SDKs and a person are handed, on the stand-in and, lag and all, by the real Unleash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Change, Held
from psfir.domain.modes import Mode
from psfir.domain.verdict import Sight
from psfir.errors import UsageError
from psfir.levers.unleash.flag import Flag
from psfir.probes.unleash import PERSON, POLLED, UnleashEvaluation
from psfir.range.faulty import Fault, hang
from psfir.range.front import Front
from psfir.range.server import Reply
from psfir.testing import FakeConnection
from psfir.testing.waiting import eventually
from tests.levers.unleash.world import ENVIRONMENT, HALF, SMALL, SOME, RealOne, StandIn, World

BOTH = ("client_token", "frontend_token")
EVERYONE: Mapping[str, Any] = {"name": "default"}


@pytest.fixture(params=[StandIn, RealOne], ids=["stand-in", "real Unleash"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    world = request.param()
    yield world
    world.stop()


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    world = StandIn()
    yield world
    world.stop()


def look(
    world: World,
    expect: Mapping[str, Json],
    *tokens: str,
    context: Json = None,
    connection: FakeConnection | None = None,
    **target: str,
) -> dict[str, Sight]:
    probe = UnleashEvaluation(connection or world.eyes(*(tokens or BOTH)))
    aim = {"environment": ENVIRONMENT, "flag": world.flag, "context": context, **target}
    return {sight.replica: sight for sight in probe.look(aim, expect, within=5)}


def comes_to(world: World, expect: Mapping[str, Json], *tokens: str, context: Json = None) -> None:
    """What clients are told lags behind the switch; in the end they are told."""
    eventually(
        lambda: {sight.held for sight in look(world, expect, *tokens, context=context).values()} == {Held.HELD},
    )


def pull(world: World, settings: Mapping[str, Json]) -> Change:
    lever = Flag(world.connection())
    change = lever.plan(world.target, lever.read(world.target, within=5), Mode.DISABLE, settings)
    assert isinstance(change, Change)
    lever.apply(change, within=10)
    return change


def test_a_kill_and_its_restore_are_seen_by_consumers(world: World) -> None:
    """On before, off after the pull and on after the restore, for SDKs and for a person alike."""
    world.lay_out(EVERYONE)
    comes_to(world, {"on": True})
    change = pull(world, {"on": False})
    comes_to(world, {"on": False})
    found = look(world, {"on": True})
    assert {sight.held for sight in found.values()} == {Held.NOT_HELD}
    assert "it is off, and is to be on" in found[POLLED].says
    Flag(world.connection()).restore(change, within=10)
    comes_to(world, {"on": True})


@pytest.mark.parametrize("context", ["ann", "bob", {"userId": "zoe", "country": "de"}, None])
def test_degraded_is_degraded_for_everyone_trap_4(world: World, context: Json) -> None:
    """Past a constraint and a share of half, each of them is served the variant, its payload with it."""
    world.lay_out(SOME, HALF)
    pull(world, {"variant": "small"})
    comes_to(world, {"on": True, "variant": "small"}, context=context)
    status, said = world.ask("GET", "/api/frontend?userId=ann", token=world.frontend_token)
    assert status == 200
    (toggle,) = [one for one in said["toggles"] if one["name"] == world.flag]
    assert toggle["variant"]["payload"] == SMALL["payload"]


def test_who_is_let_in_only_a_frontend_token_tells(world: World) -> None:
    """From what SDKs poll it is on for some: not off, and not on for whoever it may be."""
    world.lay_out(SOME)
    comes_to(world, {"on": True}, "frontend_token", context={"country": "de"})
    assert look(world, {"on": False}, "client_token")[POLLED].held is Held.NOT_HELD
    assert look(world, {"on": True}, "client_token")[POLLED].held is Held.COULD_NOT_TELL
    assert look(world, {"on": False}, context={"country": "fr"})[PERSON].held is Held.HELD


def test_not_being_served_is_no_proof(world: World) -> None:
    """A flag that is not there is not served either: without a client token it cannot be told, with one it is seen."""
    world.lay_out(SOME, on=False)
    assert look(world, {"on": False}, "frontend_token")[PERSON].held is Held.COULD_NOT_TELL
    comes_to(world, {"on": False})
    found = look(world, {"on": False}, flag="nowhere")
    assert {sight.held for sight in found.values()} == {Held.COULD_NOT_TELL}
    assert "there is no flag nowhere" in found[POLLED].says


def test_a_token_of_another_environment_is_no_answer(world: World) -> None:
    """Off in production is not seen with a token of production when development was asked for."""
    world.lay_out(on=False)
    sight = look(world, {"on": False}, "client_token", environment="development")[POLLED]
    assert (sight.held, sight.says) == (
        Held.COULD_NOT_TELL,
        "the client_token is of environment production, not development",
    )


@pytest.mark.parametrize("name", BOTH)
def test_a_token_that_is_no_good_could_not_tell(world: World, name: str) -> None:
    """Unknown, or of the other kind: authorization trouble is never a verdict, and no token is shown."""
    world.lay_out(SOME)
    other = world.client_token if name == "frontend_token" else world.frontend_token
    for secret in ("default:production.wrong-wrong", other):
        connection = FakeConnection("unleash", "unleash", {"url": world.url}, {name: secret})
        (sight,) = look(world, {"on": False}, connection=connection).values()
        assert sight.held is Held.COULD_NOT_TELL
        assert secret not in sight.says


def test_what_lags_is_not_held_yet(stand_in: StandIn) -> None:
    """The switch is off and clients have not been told: that is not held, whatever the admin API says."""
    now = [1000.0]
    stand_in.estate.now = lambda: now[0]
    stand_in.lay_out(EVERYONE)
    now[0] += 60
    stand_in.estate.lag = 5.0
    pull(stand_in, {"on": False})
    assert stand_in.here()["enabled"] is False
    assert {sight.held for sight in look(stand_in, {"on": False}).values()} == {Held.NOT_HELD}
    now[0] += 5.1
    assert {sight.held for sight in look(stand_in, {"on": False}).values()} == {Held.HELD}


def test_several_variants_are_told_by_a_frontend_token(stand_in: StandIn) -> None:
    """Everyone is in and shares two variants: which one, what SDKs poll does not say."""
    stand_in.lay_out({**HALF, "parameters": {"rollout": "100"}})
    found = look(stand_in, {"variant": "large"})
    assert (found[POLLED].held, found[PERSON].held) == (Held.COULD_NOT_TELL, Held.HELD)
    assert look(stand_in, {"variant": "tiny"})[PERSON].held is Held.NOT_HELD
    assert look(stand_in, {"on": True})[POLLED].held is Held.HELD


def test_a_parent_may_keep_it_from_anybody(stand_in: StandIn) -> None:
    """On by itself, off by its parent: what SDKs poll does not settle it."""
    stand_in.lay_out(EVERYONE)
    stand_in.estate.add_flag("parent")
    stand_in.tell("POST", "dependencies", body={"feature": "parent"})
    found = look(stand_in, {"on": True})
    assert (found[POLLED].held, found[PERSON].held) == (Held.COULD_NOT_TELL, Held.NOT_HELD)


@pytest.mark.parametrize("reply", [Reply(200, b"<html>"), Reply(200, []), Reply(503, {}), Reply(429, {})])
def test_no_answer_is_no_verdict(stand_in: StandIn, reply: Reply) -> None:
    """Missing and unreadable data could not tell."""
    stand_in.lay_out(on=False)
    with Front(stand_in.url) as front:
        front.fault(Fault("odd", reply=reply))
        eyes = FakeConnection("unleash", "unleash", {"url": front.url}, stand_in.eyes(*BOTH).secrets)
        found = look(stand_in, {"on": False}, connection=eyes)
    assert [sight.held for sight in found.values()] == [Held.COULD_NOT_TELL, Held.COULD_NOT_TELL]


def test_it_comes_back_in_its_share(stand_in: StandIn) -> None:
    """One token's look that hangs leaves the other its part of the time."""
    stand_in.lay_out(on=False)
    with Front(stand_in.url) as front:
        front.fault(Fault("hangs", wire=hang), when=lambda asked: asked.path == "/api/client/features", times=1)
        eyes = FakeConnection("unleash", "unleash", {"url": front.url}, stand_in.eyes(*BOTH).secrets)
        sights = UnleashEvaluation(eyes).look(
            {"environment": ENVIRONMENT, "flag": stand_in.flag}, {"on": False}, within=2
        )
    assert [sight.held for sight in sights] == [Held.COULD_NOT_TELL, Held.HELD]


@pytest.mark.parametrize(("expect", "context"), [({}, None), ({"on": False}, 7)])
def test_what_it_is_not_told(stand_in: StandIn, expect: Mapping[str, Json], context: Json) -> None:
    """An expectation of nothing, and a context that is none."""
    with pytest.raises(UsageError) as refused:
        look(stand_in, expect, context=context)
    assert refused.value.todo


def test_without_any_token_it_says_which(stand_in: StandIn) -> None:
    """The sentence of the connection that lacks one."""
    (sight,) = look(stand_in, {"on": False}, connection=FakeConnection("u", "unleash", {"url": stand_in.url})).values()
    assert (sight.held, sight.says) == (Held.COULD_NOT_TELL, "it has no client_token")
