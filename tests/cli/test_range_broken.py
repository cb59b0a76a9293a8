"""A range whose address is broken, or whose token is another: each command says where, and it can be ended."""

from __future__ import annotations

import json

import pytest

from psfir.range.runfile import held
from tests.cli.range_home import UP, Home, line


@pytest.mark.parametrize("wrong", ["", '{"url": "http://127.0.0.1:', '{"url": 1}', "\xff"])
def test_an_address_that_cannot_be_read_is_in_nobodys_way(home: Home, wrong: str) -> None:
    """Of a range that is gone it is taken away, and said to have been there."""
    home.folder.mkdir(parents=True)
    for words in (("status",), ("down",), ("reset",)):
        (home.folder / "range.json").write_text(wrong, encoding="latin-1")
        done = home.run("range", *words)
        assert done.code == (0 if words == ("down",) else 1), done
        assert f"{home.folder / 'range.json'} cannot be read" in done.err
        assert "it is taken away" in done.err
        assert not (home.folder / "range.json").exists()


def test_a_range_whose_address_is_broken_can_be_ended_and_brought_up_anew(home: Home) -> None:
    """Nothing else finds it; each says where and what to do."""
    process = home.start("--quiet")
    url = line(process)["parts"]["launchdarkly"]
    broken = home.folder / "range.json"
    broken.write_text("{")
    status, up = home.run("range", "status"), home.run(*UP)
    assert (status.code, up.code) == (2, 3)
    assert f"{broken}: cannot be read" in status.err
    assert f"process {process.pid}, and {broken} cannot be read" in up.err
    assert all("psfir range down" in one.err for one in (status, up))
    down = home.run("range", "down")
    assert (down.code, "its process is told to end" in down.err) == (0, True), down
    process.communicate(timeout=60)
    assert (process.returncode, broken.exists(), held(home.folder)) == (0, False, False)
    assert home.json(*UP, "--detach")["parts"]["launchdarkly"] != url


def test_a_range_that_does_not_know_us_is_ended_all_the_same(home: Home) -> None:
    """By its process, where its file has another token."""
    process = home.start("--quiet")
    line(process)
    said = json.loads((home.folder / "range.json").read_text())
    (home.folder / "range.json").write_text(json.dumps({**said, "token": "another"}))
    down = home.run("range", "down")
    assert (down.code, "that is not the token of this range" in down.err) == (0, True), down
    process.communicate(timeout=60)
    assert process.returncode == 0
