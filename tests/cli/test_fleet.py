"""Many systems at once: one hangs, one has no runbook, two share a target, some fail; nobody waits for them."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread, active_count
from typing import Any

import pytest

from psfir.cli.main import main
from psfir.testing.waiting import eventually
from psfir.vendors.memory import Estate
from tests.app.test_crash import flaw, run_child
from tests.cli.fleets import SIZE, Fleet, names
from tests.cli.keyboard import Done, on_a_terminal
from tests.cli.killing import start, wait_for

KILL = ("kill", "--where", "vendor=acme", "--yes")


class Desk:
    """Types commands in this process, in a fleet's workspace."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        monkeypatch.setenv("HOME", str(root))
        monkeypatch.setenv("PSFIR_WORKSPACE", str(root))

    def type(self, *words: str, me: str = "dana") -> Done:
        self._monkeypatch.setenv("PSFIR_ME", me)
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = self._capsys.readouterr()
        code = ended.value.code
        return Done(code if isinstance(code, int) else 0, said.out, said.err)

    def result(self, *words: str, me: str = "dana") -> tuple[int, dict[str, Any]]:
        done = self.type(*words, "--json", me=me)
        return done.code, json.loads(done.out.strip().splitlines()[-1])


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, capsys, monkeypatch)


@pytest.fixture
def threads() -> Iterator[list[int]]:
    """How many threads there are, looked at every few milliseconds."""
    seen, over = [active_count()], Event()

    def look() -> None:
        while not over.wait(0.005):
            seen.append(active_count())

    looking = Thread(target=look)
    looking.start()
    yield seen
    over.set()
    looking.join()


def off(estate: Estate) -> list[str]:
    """The switches that really are off."""
    return [name for name in estate.switches() if not any(one["on"] for one in estate.served(name).values())]


def test_a_fleet_is_contained_by_few_threads(desk: Desk, threads: list[int]) -> None:
    """Forty systems, one incident, a run each; never as many threads as systems, and a summary in a few lines."""
    estate = Fleet(desk.root).lay_out()
    done = desk.type(*KILL)
    assert done.code == 0, done
    assert len(off(estate)) == SIZE
    assert estate.effects() == SIZE
    assert max(threads) - threads[0] < SIZE
    assert f"{SIZE} systems  {SIZE} CONTAINED" in done.out
    assert f"{SIZE} x memory.switch via estate: {SIZE} change" in done.out
    assert len(done.out.splitlines()) < 30


def test_in_a_bad_world_the_others_are_contained_and_the_bad_ones_named(desk: Desk) -> None:
    """One hangs, one has no runbook, two share a target, two fail: the verdict is partial, and says of whom and why."""
    fleet = Fleet(desk.root)
    fleet.bookless, fleet.shared = {"sys-05"}, {"sys-07": "sys-06"}
    fleet.faults = {"sys-01": {"hang": 60}, "sys-02": {"fail": "boom"}, "sys-03": {"fail": "boom"}}
    estate = fleet.lay_out()
    done = desk.type(*KILL)
    assert done.code == 4, done
    bad = {"sys-01", "sys-02", "sys-03", "sys-05"}
    assert set(off(estate)) == set(names()) - bad - {"sys-07"}
    assert "left out  sys-05: no runbook can disable it" in done.out
    assert "memory.switch sys-06 via estate by sys-06, sys-07" in done.out
    assert re.search(r"why +sys-02, sys-03: memory.switch via estate failed: .*boom", done.out)
    assert re.search(r"why +sys-01: memory.switch via estate (unknown|failed): ", done.out)
    assert re.search(r"left out  sys-05$", done.out, re.MULTILINE)
    assert "36 CONTAINED" in done.out


def test_a_program_is_told_the_counts_and_who_was_left_out(desk: Desk) -> None:
    """A stream: a plan each, every entry, the counts as it goes, and one result."""
    fleet = Fleet(desk.root)
    fleet.bookless = {"sys-05"}
    fleet.slow = 1.2
    fleet.lay_out()
    done = desk.type(*KILL, "--json")
    events = [json.loads(line) for line in done.out.splitlines()]
    assert [one["event"] for one in events].count("plan") == SIZE - 1
    counts = next(one for one in events if one["event"] == "progress")
    assert counts["steps"] == SIZE - 1
    assert counts["held"] <= counts["steps"]
    last = events[-1]
    assert (last["event"], last["verdict"], last["exit"]) == ("result", "partial", 4)
    assert list(last["left_out"]) == ["sys-05"]
    assert len(last["runs"]) == SIZE - 1


def test_a_system_that_takes_two_people_keeps_no_other_waiting(desk: Desk) -> None:
    """The others are contained at once, and it is named with what it lacks."""
    fleet = Fleet(desk.root)
    fleet.two_people = {"sys-09"}
    estate = fleet.lay_out()
    code, told = desk.result(*KILL)
    assert (code, told["verdict"], list(told["left_out"])) == (4, "partial", ["sys-09"])
    assert "1 of 2 people" in told["left_out"]["sys-09"]
    assert "sys-09" not in off(estate)


def test_all_or_one_can_be_put_back(desk: Desk) -> None:
    """One system alone, then all the rest; what two share is not put back for one of them."""
    fleet = Fleet(desk.root)
    fleet.shared = {"sys-07": "sys-06"}
    estate = fleet.lay_out()
    assert desk.type(*KILL).code == 0
    alone = desk.type("restore", "--system", "sys-03", "--yes", me="lee")
    assert alone.code == 0, alone
    assert set(estate.switches()) - set(off(estate)) == {"sys-03"}
    both = desk.type("restore", "--system", "sys-06", "--yes", me="lee")
    assert both.code == 3
    assert "sys-07" in both.err
    both = desk.type("restore", "--system", "sys-06", "--system", "sys-07", "--yes", me="lee")
    assert both.code == 0, both
    left = desk.type("restore", "--leave", "sys-11", "--yes", me="lee")
    assert left.code == 0, left
    assert off(estate) == ["sys-11"]
    rest = desk.type("restore", "--yes", me="lee")
    assert (rest.code, off(estate)) == (0, [])
    assert "then restored" in desk.type("status", me="lee").out


def test_all_that_somebody_changed_since_is_named_at_once(desk: Desk) -> None:
    """And the words with which they are left."""
    estate = Fleet(desk.root).lay_out()
    assert desk.type(*KILL).code == 0
    for name in ("sys-04", "sys-08"):
        estate.put(name, {"on": False, "size": 7})
    refused = desk.type("restore", "--yes", me="lee")
    assert refused.code == 3
    assert "2 targets are not what psfir left" in refused.err
    leave = re.findall(r"--leave (\S+)", refused.err)
    assert len(leave) == 2
    done = desk.type("restore", "--yes", *(word for name in leave for word in ("--leave", name)), me="lee")
    assert done.code == 0, done
    assert off(estate) == ["sys-04", "sys-08"]


def test_status_tells_of_many_runs_in_counts(desk: Desk) -> None:
    """Not a line for each of them, and what stands by lever and connection."""
    Fleet(desk.root).lay_out()
    assert desk.type(*KILL).code == 0
    told = desk.type("status").out
    assert f"{SIZE} x kill  CONTAINED: sys-00, sys-01, sys-02 and {SIZE - 3} more" in told
    assert f"{SIZE} x memory.switch via estate: sys-00" in told
    assert "sys-00, sys-01, sys-02, sys-03, sys-04, sys-05, sys-06, sys-07 and 32 more" in told
    assert len(told.splitlines()) < 12


def test_kill_minus_nine_in_the_middle_is_carried_on_for_every_system(tmp_path: Path, desk: Desk) -> None:
    """Most of them had not been pulled by then: resume ends in the truth, each pulled once, and nobody forgotten."""
    estate = Fleet(tmp_path).lay_out()
    died = run_child(tmp_path, 40, "before", *KILL, "--json")
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert 0 < len(off(estate)) < SIZE
    told = desk.type("status").out
    assert "STOPPED HALF-WAY" in told
    code, after = desk.result("resume")
    assert (code, after["verdict"], len(after["runs"])) == (0, "contained", SIZE)
    assert len(off(estate)) == SIZE
    assert estate.effects() == SIZE
    assert flaw(tmp_path) == ""


def test_interrupted_it_goes_on_in_the_background(tmp_path: Path) -> None:
    """^C where nobody can be asked: a process of its own carries every run to its end."""
    fleet = Fleet(tmp_path)
    fleet.slow = 0.3
    estate = fleet.lay_out()
    process = start(tmp_path, *KILL)
    wait_for(tmp_path, "rung.ended")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=40)
    assert process.returncode == 5, out + err
    assert "goes on in the background" in err
    eventually(lambda: len(off(estate)) == SIZE)
    log = next((tmp_path / ".psfir" / "runs").iterdir())
    eventually(lambda: '"event": "result"' in log.read_text())
    assert json.loads(log.read_text().splitlines()[-1])["verdict"] == "contained"


@pytest.mark.parametrize("look", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {}], ids=["no-colour", "dumb", "colour"])
def test_on_a_narrow_terminal_nothing_is_wider_than_it(tmp_path: Path, look: dict[str, str]) -> None:
    """Fifty columns, with and without colours: counts, and never a line for each system."""
    Fleet(tmp_path, 30).lay_out()
    done = on_a_terminal(tmp_path, *KILL, columns=50, PSFIR_ME="dana", **look)
    assert done.code == 0, done.out
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", done.out).replace("\r", "\n").splitlines()
    assert [line for line in shown if len(line) > 50 and "sha256:" not in line and "psfir " not in line] == []
    assert "30 of 30 hold" in done.out
    assert ("\x1b[1m" in done.out) is (not look)
    assert sum("sys-09" in line for line in shown) == 0
