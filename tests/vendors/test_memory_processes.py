"""One estate, many processes: nobody's write is lost, nobody reads half a file, the dead leave no lock."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from psfir.vendors.memory import Estate

COUNT = """
import sys
from pathlib import Path
from psfir.errors import Drift
from psfir.vendors.memory import Estate
estate = Estate(Path(sys.argv[1]))
done = 0
while done < 15:
    seen = estate.read("counter", within=5)
    try:
        estate.write("counter", {"n": seen.state["n"] + 1}, version=seen.version, within=20)
    except Drift:
        continue
    done += 1
"""

HOLD = """
import sys, time
from pathlib import Path
from psfir.vendors.memory import Estate
with Estate(Path(sys.argv[1]))._editing():
    print("holding", flush=True)
    time.sleep(60)
"""

SCRIBBLE = """
import sys
from pathlib import Path
from psfir.vendors.memory import Estate
estate = Estate(Path(sys.argv[1]))
print("begun", flush=True)
while True:
    estate.put("counter", {"n": 0, "padding": "x" * 20000})
"""


def start(script: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True)


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    if process.stdout:
        process.stdout.close()


def test_compare_and_swap_holds_between_processes(tmp_path: Path) -> None:
    """Three processes count at once, each retrying on drift: every one of their 45 steps is there."""
    estate = Estate.create(tmp_path / "estate.json", {"counter": {"state": {"n": 0}}})
    counters = [start(COUNT, estate.path) for _ in range(3)]
    assert [counter.wait(50) for counter in counters] == [0, 0, 0]
    for counter in counters:
        if counter.stdout:
            counter.stdout.close()
    assert estate.read("counter", within=1).state == {"n": 45}
    assert estate.effects("counter") == 45


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    """Kill -9 while it holds the lock: the next write goes through, and what the dead one meant is not there."""
    estate = Estate.create(tmp_path / "estate.json", {"counter": {"state": {"n": 0}}})
    holder = start(HOLD, estate.path)
    assert line_of(holder) == "holding\n"
    end(holder)
    estate.write("counter", {"n": 1}, version=1, within=2)
    assert estate.read("counter", within=1).state == {"n": 1}


def test_no_reader_sees_half_a_file(tmp_path: Path) -> None:
    """While another process writes without pause, and is killed in the midst of it, each reading is whole."""
    estate = Estate.create(tmp_path / "estate.json", {"counter": {"state": {"n": 0}}})
    scribbler = start(SCRIBBLE, estate.path)
    assert line_of(scribbler) == "begun\n"
    for _ in range(200):
        assert estate.read("counter", within=1).state["n"] == 0
    end(scribbler)
    assert json.loads(estate.path.read_text())["schema"] == "psfir.estate/1"
    estate.write("counter", {"n": 1}, version=None, within=2)
