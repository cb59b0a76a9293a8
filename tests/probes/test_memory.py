"""The probe sees what replicas do, not what the API says."""

from pathlib import Path

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Held
from psfir.domain.verdict import Sight
from psfir.errors import LeverError, NoAnswer, NoSuchTarget
from psfir.probes.memory import MemoryProbe
from psfir.testing import FakeConnection
from psfir.vendors.memory import Estate

TARGET: dict[str, Json] = {"connection": "estate", "switch": "flag"}
OFF: dict[str, Json] = {"state": {"on": False}}


def world(folder: Path, **about: Json) -> tuple[Estate, MemoryProbe]:
    switch = {"state": {"on": True, "model": "large"}, "replicas": 3, **about}
    estate = Estate.create(folder / "estate.json", {"flag": switch})
    return estate, MemoryProbe(FakeConnection("estate", "memory", {"path": str(estate.path)}))


def test_one_sight_a_replica(tmp_path: Path) -> None:
    """Each replica by name, with what it serves of that which was expected."""
    estate, probe = world(tmp_path)
    estate.write("flag", {"on": False, "model": "large"}, version=None, within=1)
    assert probe.look(TARGET, OFF, within=1) == [Sight(name, Held.HELD, "on = false") for name in ("r1", "r2", "r3")]


def test_one_of_three_still_serves(tmp_path: Path) -> None:
    """A replica that never follows is seen, whatever the API says."""
    estate, probe = world(tmp_path)
    estate.fault("flag", stuck=["r3"])
    estate.write("flag", {"on": False}, version=None, within=1)
    assert estate.read("flag", within=1).state == {"on": False}
    assert [sight.held for sight in probe.look(TARGET, OFF, within=1)] == [Held.HELD, Held.HELD, Held.NOT_HELD]


def test_a_lie_of_the_api_is_not_believed(tmp_path: Path) -> None:
    """The write went well and nothing changed: no replica holds."""
    estate, probe = world(tmp_path, faults={"lie": True})
    estate.write("flag", {"on": False}, version=None, within=1)
    assert {sight.held for sight in probe.look(TARGET, OFF, within=1)} == {Held.NOT_HELD}


def test_it_looks_past_an_api_that_hangs(tmp_path: Path) -> None:
    """Consumers do not ask the API: its faults do not keep the probe from looking."""
    estate, probe = world(tmp_path, faults={"hang": 60, "on": ["read", "write"]})
    with pytest.raises(NoAnswer):
        estate.read("flag", within=0.05)
    assert len(probe.look(TARGET, OFF, within=0.05)) == 3


def test_every_expected_value_counts(tmp_path: Path) -> None:
    """One that differs, one that is not set and one of another type are not held, and each is shown."""
    _, probe = world(tmp_path, replicas=0)
    cases: list[tuple[dict[str, Json], str]] = [
        ({"on": True, "model": "small"}, 'model = "large", on = true'),
        ({"on": True, "tools": False}, "on = true, tools = not set"),
        ({"on": 1}, "on = true"),
    ]
    for state, says in cases:
        assert probe.look(TARGET, {"state": state}, within=1) == [Sight("one", Held.NOT_HELD, says)]
    held = probe.look(TARGET, {"state": {"on": True, "model": "large"}}, within=1)
    assert [sight.held for sight in held] == [Held.HELD]


@pytest.mark.parametrize("expect", [{}, {"state": {}}, {"state": None}, {"state": "off"}])
def test_expecting_nothing_is_no_proof(tmp_path: Path, expect: dict[str, Json]) -> None:
    """A probe that would hold whatever it sees is an error, not a success."""
    _, probe = world(tmp_path)
    with pytest.raises(LeverError, match="told to expect nothing"):
        probe.look(TARGET, expect, within=1)


def test_a_switch_that_is_not_there(tmp_path: Path) -> None:
    """No such switch is an error with its neighbour, so that the look could not tell."""
    _, probe = world(tmp_path)
    with pytest.raises(NoSuchTarget, match="did you mean flag"):
        probe.look({**TARGET, "switch": "flags"}, OFF, within=1)
