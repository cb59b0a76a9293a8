"""A whole kill, restore, check and list of permissions by the real command, on the stand-in and on the real Unleash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.workspaces import PEOPLE, noting_sdks, psfir, result
from tests.levers.unleash.world import ENVIRONMENT, HALF, PROJECT, SOME, RealOne, StandIn, World

WORDS = (
    PEOPLE
    + """\
connections:
  unleash:
    {kind: unleash, url: "URL", token: file:token, client_token: file:client-token, frontend_token: file:frontend-token}
systems:
  assistant: {title: Assistant, owner: lee, runbooks: {disable: "off"}}
"""
)
BOOK = """\
schema: psfir.runbook/1
id: "off"
title: Off
system: assistant
mode: disable
approval: {kill: 1, restore: 1}
steps:
  - id: stop
    ladder:
      - lever: unleash.flag
        target: {connection: unleash, project: PROJECT, environment: ENVIRONMENT, flag: FLAG}
        set: {on: false}
        within: 30s
verify:
  - probe: unleash.evaluation
    target: {connection: unleash, environment: ENVIRONMENT, flag: FLAG, context: ann}
    expect: {on: false}
    times: 2
    every: 50ms
    within: 40s
    soak: 0s
"""


@pytest.fixture(params=[StandIn, RealOne], ids=["stand-in", "real Unleash"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    world = request.param()
    world.lay_out(SOME, HALF)
    yield world
    world.stop()


def laid_out(folder: Path, world: World) -> Path:
    (folder / "runbooks").mkdir()
    (folder / "psfir.yaml").write_text(WORDS.replace("URL", world.url))
    book = BOOK.replace("PROJECT", PROJECT).replace("ENVIRONMENT", ENVIRONMENT).replace("FLAG", world.flag)
    (folder / "runbooks" / "off.yaml").write_text(book)
    (folder / "token").write_text(world.token)
    (folder / "client-token").write_text(world.client_token)
    (folder / "frontend-token").write_text(world.frontend_token)
    return folder


def test_a_kill_is_contained_and_put_back(tmp_path: Path, world: World) -> None:
    """Consumers of both kinds see it off, and afterwards the flag is as it was, with its strategies and their ids."""
    desk, before = laid_out(tmp_path, world), world.bare()
    killed, loaded = noting_sdks(desk, "kill", "assistant", "--yes")
    assert "CONTAINED" in killed.stdout, killed.stdout + killed.stderr
    assert loaded == set()
    assert world.here()["enabled"] is False
    restored = psfir(desk, "restore", "--yes", me="lee")
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert world.bare() == before
    for secret in (world.token, world.client_token, world.frontend_token):
        assert secret not in killed.stdout + killed.stderr + restored.stdout + restored.stderr


@pytest.fixture
def enterprise() -> Iterator[StandIn]:
    world = StandIn()
    world.lay_out(SOME)
    world.estate.open_source = False
    yield world
    world.stop()


def test_a_change_request_is_found_beforehand_and_in_the_night_trap_5(tmp_path: Path, enterprise: StandIn) -> None:
    """`psfir lever check` ends with 1 where the kill would, and says what to do."""
    desk, world = laid_out(tmp_path, enterprise), enterprise
    (desk / "runbooks" / "off.yaml").write_text((desk / "runbooks" / "off.yaml").read_text().replace("40s", "500ms"))
    (desk / "token").write_text(world.gate())
    checked = psfir(desk, "lever", "check", "--all", "--json")
    assert checked.returncode == 1
    (rung,) = result(checked)["rungs"]
    assert any(one["matter"] == "approval" and one["ready"] == "would_fail" for one in rung["findings"])
    killed = psfir(desk, "kill", "assistant", "--yes")
    assert "CONTAINED" not in killed.stdout.replace("NOT CONTAINED", "")
    assert "SKIP_CHANGE_REQUEST" in killed.stdout + killed.stderr
    assert world.here()["enabled"] is True


def test_the_role_that_it_needs_is_printed(tmp_path: Path, enterprise: StandIn) -> None:
    """Ready for Unleash's API, for that project and environment."""
    desk = laid_out(tmp_path, enterprise)
    done = psfir(desk, "permissions", "--all", "--for", "unleash")
    assert done.returncode == 0, done.stderr
    role = json.loads(done.stdout)
    assert role["name"] == f"psfir {PROJECT}"
    assert {"name": "UPDATE_FEATURE_ENVIRONMENT", "environment": ENVIRONMENT} in role["permissions"]
