"""A functional drill: a range of its own, the faults of its scenario, and nothing left of it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.app.range import folder_of
from psfir.loading.workspace import read_overlay
from psfir.range.client import RangeClient
from psfir.range.runfile import held, read
from tests.cli.drilling import Table, stage
from tests.rehearsal.plays import FULL

FAULTY = FULL.replace("safety:", "level: functional\nsafety:") + "faults: [{at: 0s, fault: launchdarkly.down}]\n"


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    seats = Table(stage(tmp_path / "work", text=FAULTY, levers="range"))
    yield seats
    seats.start("drill", "stop").end()
    seats.close()


def test_its_range_has_its_faults_and_is_ended_also_after_a_crash(table: Table) -> None:
    """Every connection of the reference system leads there; kill -9 leaves it up for who goes on, `stop` ends it."""
    lead = table.lead("--reference")
    lead.until("fault began: launchdarkly.down")
    home = table.run.home
    folder = folder_of(home, {})
    at = read(folder)
    assert at is not None
    assert "launchdarkly.down" in [one["fault"] for one in RangeClient(at).status()["faults"]]
    overlaid = read_overlay(folder / "connections.yaml").get()
    shell = table.start("drill", "join", "--role", "desk", "--name", "ada", "--env")
    assert shell.end() == 0
    env = shell.said[-1]["env"]
    assert env["PSFIR_CONNECTIONS"] == str(folder / "connections.yaml")
    planned = table.start("plan", "support-assistant", env=env)
    assert planned.end() == 0
    assert {"flags", "prod-eu"} <= set(overlaid)
    lead.kill()
    assert held(folder)
    assert table.start("drill", "stop").end() == 0
    assert not held(folder)


def test_a_tiny_estate_is_no_place_for_the_faults_of_vendors(table: Table) -> None:
    """Refused before anything is laid out, with what to do instead."""
    refused = table.start("drill", "run", "small")
    assert refused.end() == 3
    assert "--reference" in refused.heard
    assert not list((table.root / ".psfir").glob("drills/RUN-*"))
    assert table.start("drill", "run", "nothing").end() == 2
