"""Preflight of unleash.flag: what would be in the way tonight, found without changing anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from psfir.domain.canon import Json
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.levers.unleash.flag import Flag
from psfir.range.faulty import Fault
from psfir.range.front import Front
from psfir.range.server import Reply
from psfir.range.unleash.estate import SKIP
from tests.levers.unleash.world import ENVIRONMENT, HALF, PROJECT, RIGHTS, RealOne, StandIn, World, editor

OFF: dict[str, Json] = {"on": False}


@pytest.fixture
def world() -> Iterator[StandIn]:
    world = StandIn()
    world.lay_out(HALF)
    yield world
    world.stop()


def checked(
    world: World, token: str = "", settings: Mapping[str, Json] = OFF, url: str = "", **target: str
) -> dict[Matter, Finding]:
    lever = Flag(world.connection(url, token))
    return {one.matter: one for one in lever.check({**world.target, **target}, settings, within=5)}


def ready(world: World, token: str = "", settings: Mapping[str, Json] = OFF) -> dict[Matter, Ready]:
    return {matter: one.ready for matter, one in checked(world, token, settings).items()}


@pytest.mark.parametrize("lacks", RIGHTS)
def test_what_a_role_lacks_is_named(world: StandIn, lacks: str) -> None:
    """Each permission that the rung, or putting it back, needs; and no other."""
    token = world.estate.add_token(*set(RIGHTS) - {lacks})
    off = checked(world, token)[Matter.PERMISSION]
    assert (off.ready is Ready.WOULD_FAIL) == (lacks == "UPDATE_FEATURE_ENVIRONMENT")
    variant = checked(world, token, {"variant": "small"})[Matter.PERMISSION]
    worse = {"CREATE_FEATURE_STRATEGY": Ready.WOULD_FAIL, "DELETE_FEATURE_STRATEGY": Ready.BEWARE}
    assert variant.ready is worse.get(lacks, Ready.READY)
    assert variant.says.endswith("which putting it back needs") == (lacks == "DELETE_FEATURE_STRATEGY")
    assert lacks not in worse or lacks in variant.says


def test_change_requests_are_seen_beforehand_trap_5(world: StandIn) -> None:
    """Where the environment wants them the rung would fail, unless the token may skip them; a waiting one is named."""
    world.estate.open_source = False
    token = world.estate.add_token(*RIGHTS)
    assert ready(world, token)[Matter.APPROVAL] is Ready.READY
    world.gate()
    found = checked(world, token)[Matter.APPROVAL]
    assert found.ready is Ready.WOULD_FAIL
    assert SKIP in found.todo
    assert ready(world, world.estate.add_token(*RIGHTS, SKIP))[Matter.APPROVAL] is Ready.READY
    world.estate.waiting = [{"id": 7, "environment": ENVIRONMENT, "state": "Scheduled"}]
    waits = checked(world, token)[Matter.UNDONE_BY]
    assert (waits.ready, "7 (Scheduled)" in waits.says) == (Ready.BEWARE, True)


def test_a_right_elsewhere_is_none_here(world: StandIn) -> None:
    """Permissions are of a project and an environment."""
    rights = [{"permission": "UPDATE_FEATURE_ENVIRONMENT", "project": PROJECT, "environment": "development"}]
    with Front(world.url) as front:
        says = Reply(200, {"user": {"email": "a@b.example"}, "permissions": rights})
        front.fault(Fault("rights", reply=says), when=lambda asked: asked.path == "/api/admin/user")
        found = checked(world, url=front.url)
    assert found[Matter.PERMISSION].ready is Ready.WOULD_FAIL
    assert "in project default, environment production" in found[Matter.PERMISSION].says
    assert "a@b.example" in found[Matter.CREDENTIAL].says


@pytest.mark.parametrize(
    ("status", "where", "matter", "worst"),
    [
        (401, "/user", Matter.CREDENTIAL, Ready.WOULD_FAIL),
        (503, "/user", Matter.CREDENTIAL, Ready.COULD_NOT_TELL),
        (503, "/features/", Matter.TARGET, Ready.COULD_NOT_TELL),
        (404, "/features/", Matter.TARGET, Ready.WOULD_FAIL),
        (503, "/config", Matter.APPROVAL, Ready.COULD_NOT_TELL),
        (200, "/config", Matter.APPROVAL, Ready.COULD_NOT_TELL),
        (403, "/pending/", Matter.UNDONE_BY, Ready.COULD_NOT_TELL),
    ],
)
def test_what_cannot_be_asked(world: StandIn, status: int, where: str, matter: Matter, worst: Ready) -> None:
    """Trouble could not tell; no right and no flag would fail. Where one thing is not said the rest still is."""
    world.estate.open_source = False
    token = world.estate.add_token(*RIGHTS)
    with Front(world.url) as front:
        front.fault(Fault("no", reply=Reply(status, {"message": "no"})), when=lambda asked: where in asked.path)
        found = checked(world, token, url=front.url)
    assert found[matter].ready is worst
    assert found[matter].todo


def test_a_rung_that_asks_for_what_there_is_not(world: StandIn) -> None:
    """A variant that nobody has, and an environment: it would fail tonight."""
    assert checked(world, settings={"variant": "tiny"})[Matter.TARGET].ready is Ready.WOULD_FAIL
    found = checked(world, environment="prod")[Matter.TARGET]
    assert (found.ready, "production" in found.todo) == (Ready.WOULD_FAIL, True)


@pytest.mark.parametrize(
    ("role", "may"), [(2, Ready.READY), (3, Ready.WOULD_FAIL)], ids=["editor, real Unleash", "viewer, real Unleash"]
)
def test_the_roles_that_there_are_on_the_real_one(role: int, may: Ready) -> None:
    """An editor may, a viewer would fail tonight; and does."""
    world = RealOne()
    world.lay_out(HALF)
    found = ready(world, editor(world, role))
    assert found == {
        Matter.CREDENTIAL: Ready.READY,
        Matter.TARGET: Ready.READY,
        Matter.PERMISSION: may,
    } | dict.fromkeys((Matter.APPROVAL, Matter.UNDONE_BY), Ready.READY)
    world.stop()
