"""A run on disk: a log that survives a crash, one process that leads it, and a clock that goes on where it stood."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Event

import pytest

from psfir.app.drill_run import Conductor
from psfir.app.drill_run_folder import RunFolder, begin, run_of, runs
from psfir.app.drill_run_real import RealWords, real_words
from psfir.domain.entries import Entry
from psfir.errors import RecordError, Refusal, UsageError
from psfir.rehearsal import deeds
from psfir.rehearsal.clock import SECOND
from psfir.rehearsal.log import LogKind
from tests.app.incident_kit import NOW, StandingClock
from tests.rehearsal.plays import FULL

ABOUT = {"scenario": "small", "level": "tabletop", "cut": "", "speed": "1", "roles": [], "systems": []}
FAULTY = FULL.replace("levers: none", "levers: range") + "faults: [{at: 1m, fault: launchdarkly.down, for: 5m}]\n"


def folder(root: Path, text: str = FULL) -> RunFolder:
    return begin(root, text.encode(), ABOUT, now=NOW)


class Stage:
    """A conductor, the clock that the test turns, and the faults that were ordered."""

    def __init__(self, run: RunFolder, clock: StandingClock) -> None:
        self.ordered: list[tuple[int, bool]] = []
        self.clock = clock
        self.led = Conductor(run, clock, read=self._read, faults=self._order)

    def _read(self, after: int) -> list[Entry]:
        return []

    def _order(self, turned: Sequence[tuple[int, bool]]) -> None:
        self.ordered += turned

    def go(self, seconds: float) -> None:
        self.clock.wait(Event(), seconds)
        self.led.tick()


def test_after_a_crash_it_goes_on_at_the_same_instant(tmp_path: Path) -> None:
    """However long nobody led it: not a second of scenario time was lost, and none was played."""
    run, clock = folder(tmp_path), StandingClock()
    first = Stage(run, clock)
    first.led.do(deeds.start(first.led.scenario, by="fay"))
    first.go(400)
    first.go(7)
    clock.wait(Event(), 5000)
    again = Stage(run, clock)
    again.led.take_up("gus")
    assert again.led.at == 407 * SECOND
    again.go(500)
    fired = [one.data["inject"] for one in run.log() if one.kind is LogKind.FIRED]
    assert fired == ["first", "doubt"], "what was due in between comes at its scenario time"
    assert again.led.at == 907 * SECOND


def test_faults_that_are_on_are_ordered_again(tmp_path: Path) -> None:
    """Began and ended at their scenario instants; a range that was brought up anew has them too."""
    run, clock = folder(tmp_path, FAULTY), StandingClock()
    first = Stage(run, clock)
    first.led.do(deeds.start(first.led.scenario, by="fay"))
    first.go(61)
    assert first.ordered == [(0, True)]
    again = Stage(run, clock)
    again.led.take_up("gus")
    assert again.ordered == [(0, True)]
    again.go(300)
    assert again.ordered == [(0, True), (0, False)]


def test_a_line_that_a_crash_cut_short_was_never_there(tmp_path: Path) -> None:
    """What follows it is a line of its own, and the log can be read from end to end."""
    run, clock = folder(tmp_path), StandingClock()
    stage = Stage(run, clock)
    stage.led.do(deeds.start(stage.led.scenario, by="fay"))
    with (run.path / "log.jsonl").open("a") as stream:
        stream.write('{"seq": 2, "real": 17')
    assert len(run.log()) == 1
    again = Stage(run, clock)
    again.led.take_up("gus")
    assert [one.kind for one in run.log()] == [LogKind.STARTED, LogKind.TAKEN_UP]


def test_a_broken_line_inside_is_told_with_its_number(tmp_path: Path) -> None:
    run = folder(tmp_path)
    (run.path / "log.jsonl").write_text("what?\n")
    with pytest.raises(RecordError, match="line 1 of the drill's log cannot be read"):
        run.log()


def test_one_process_leads(tmp_path: Path) -> None:
    """The second is refused, and told how to share; the first one's end frees it."""
    run = folder(tmp_path)
    with run.lead():
        assert run.led()
        with pytest.raises(Refusal, match="led by somebody else") as refused, run.lead():
            pass
        assert "--share" in refused.value.todo
    assert not run.led()


def test_other_bytes_are_not_what_was_played(tmp_path: Path) -> None:
    """A scenario that was edited under a run is refused rather than scored."""
    run = folder(tmp_path)
    (run.path / "scenario.yaml").write_text(FULL.replace("due: 15m", "due: 55m"))
    with pytest.raises(RecordError, match="is not what was played"):
        run.scenario()


def test_runs_are_found_by_a_part_of_their_name(tmp_path: Path) -> None:
    """Without a word the newest; two that could be meant are both named."""
    one, two = folder(tmp_path), folder(tmp_path)
    assert {run.name for run in runs(tmp_path)} == {one.name, two.name}
    assert run_of(tmp_path, one.name[-5:]).path == one.path
    assert run_of(tmp_path, str(two.path)).path == two.path
    with pytest.raises(UsageError, match="2 runs"):
        run_of(tmp_path, "run-2026")
    with pytest.raises(UsageError, match="there is no run nine"):
        run_of(tmp_path, "nine")
    with pytest.raises(UsageError, match="no drill was run here yet"):
        run_of(tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("REAL WORLD", RealWords("REAL WORLD")),
        ("real world, the pager went", RealWords("REAL WORLD: the pager went")),
        (
            "REAL WORLD incident search: it leaks",
            RealWords("REAL WORLD: incident search: it leaks", "search", "it leaks"),
        ),
        ("this is no REAL WORLD", None),
    ],
)
def test_the_word_counts_where_it_stands_first(text: str, said: RealWords | None) -> None:
    assert real_words(text, "REAL WORLD") == said
