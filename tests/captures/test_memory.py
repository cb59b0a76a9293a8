"""The capture keeps a switch as it was, and who wrote to it, and changes nothing."""

import json
from pathlib import Path

import pytest

from psfir.captures.memory import LAST_WRITES, MemoryCapture
from psfir.errors import NoAnswer, NoSuchTarget
from psfir.testing import FakeConnection
from psfir.vendors.memory import Estate

TARGET = {"connection": "estate", "switch": "flag"}


def world(folder: Path) -> tuple[Estate, MemoryCapture]:
    estate = Estate.create(folder / "estate.json", {"flag": {"state": {"on": True}, "replicas": 2, "lag": 60}})
    return estate, MemoryCapture(FakeConnection("estate", "memory", {"path": str(estate.path)}))


def test_it_keeps_state_replicas_and_writes(tmp_path: Path) -> None:
    """One JSON document with what the API says, what each replica serves and the last writes, the newest last."""
    estate, capture = world(tmp_path)
    for count in range(LAST_WRITES + 5):
        estate.write("flag", {"on": False, "n": count}, version=None, within=1)
    before = estate.path.read_bytes()
    taken = capture.take(TARGET, within=1)
    assert (taken.name, taken.media_type) == ("flag.json", "application/json")
    kept = json.loads(taken.content)
    assert kept["state"] == {"on": False, "n": LAST_WRITES + 4}
    assert kept["served"] == {"r1": {"on": True}, "r2": {"on": True}}
    assert (kept["switch"], kept["version"], len(kept["writes"])) == ("flag", LAST_WRITES + 6, LAST_WRITES)
    assert kept["writes"][-1]["state"]["n"] == LAST_WRITES + 4
    assert estate.path.read_bytes() == before


def test_the_same_world_gives_the_same_bytes(tmp_path: Path) -> None:
    """Taken twice, the evidence has one digest."""
    _, capture = world(tmp_path)
    assert capture.take(TARGET, within=1) == capture.take(TARGET, within=1)


def test_what_cannot_be_had_is_an_error(tmp_path: Path) -> None:
    """A switch that is not there and an API that hangs: no evidence rather than half of it."""
    estate, capture = world(tmp_path)
    with pytest.raises(NoSuchTarget):
        capture.take({**TARGET, "switch": "other"}, within=1)
    estate.fault("flag", hang=60, on=["read"])
    with pytest.raises(NoAnswer):
        capture.take(TARGET, within=0.05)
