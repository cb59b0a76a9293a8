"""The live board and Ctrl-C, on a real terminal."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from psfir.records.sqlite import SqliteJournal
from tests.app.workspaces import RUNBOOK, SWITCHES, environment, lay_out
from tests.cli.keyboard import on_a_terminal

MOVES = re.compile(r"\x1b\[\d*[AK]")
CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
SLOW = {"flag": {"state": {"on": True}, "faults": {"hang": 30}}, "gateway": {"state": {"on": True}, "replicas": 2}}
PATIENT = RUNBOOK.replace("within: 600ms", "within: 3s").replace("within: 10s", "within: 1s")


def plain(text: str) -> str:
    """Without colours; where the cursor goes back to draw anew, a new line begins."""
    return CODES.sub("", MOVES.sub("\n", text)).replace("\r", "\n")


def on_screen(text: str) -> list[str]:
    """The lines that a person has before them when all is drawn: what the cursor went back over is gone."""
    lines, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|[^\x1b]", text):
        if part == "\r":
            column = 0
        elif part == "\n":
            row += 1
            lines += [""] * (row == len(lines))
        elif part.endswith("A") and part.startswith("\x1b"):
            row = max(0, row - int(part[2:-1] or 1))
        elif part == "\x1b[2K":
            lines[row] = ""
        elif not part.startswith("\x1b"):
            lines[row] = lines[row].ljust(column)[:column] + part + lines[row][column + 1 :]
            column += 1
    return lines


class Typist:
    """A kill on a terminal of its own, with somebody who presses keys."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._master, slave = pty.openpty()
        subprocess.run(["stty", "cols", "100", "rows", "40"], stdin=slave, check=True)
        env = {**environment(root), "TERM": "xterm"}
        command = [sys.executable, "-m", "psfir", "kill", "assistant", "--yes"]
        self._process = subprocess.Popen(command, cwd=root, env=env, stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)

    def wait_for(self, kind: str) -> None:
        record = self.root / ".psfir" / "record.sqlite3"
        end = time.monotonic() + 40
        while time.monotonic() < end:
            if record.is_file():
                with SqliteJournal(record) as journal:
                    if any(entry.kind == kind for entry in journal.read()):
                        return
            time.sleep(0.03)
        raise AssertionError(f"no entry of kind {kind} came")

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def press(self, keys: str) -> None:
        time.sleep(0.3)
        os.write(self._master, keys.encode())

    def end(self) -> tuple[int, str]:
        parts: list[bytes] = []
        while True:
            try:
                part = os.read(self._master, 65536)
            except OSError:  # how Linux says that the other end of a terminal is closed
                break
            if not part:
                break
            parts.append(part)
        os.close(self._master)
        self.raw = b"".join(parts).decode(errors="replace")
        return self._process.wait(timeout=40), plain(self.raw)


def test_a_wide_terminal_shows_rungs_probes_clock_and_verdict(tmp_path: Path) -> None:
    """Asked once, then the board: each rung's state in words, each replica, the time left, the verdict, its proof."""
    lay_out(tmp_path)
    done = on_a_terminal(tmp_path, "kill", "assistant", typed="y\n", columns=110, PSFIR_ME="dana")
    shown = plain(done.out)
    assert done.code == 0, shown
    assert "disable assistant now? [Y/n]" in shown
    assert re.search(r"kill assistant  disable  T\+00:0\d  1\d:\d\d left", shown)
    assert re.search(r"1 memory.switch +refused", shown)
    assert re.search(r"2 memory.switch +changed, held +on: true -> false", shown)
    assert re.search(r"probe memory +r1 +held +on = false", shown)
    assert "CONTAINED" in shown


def test_a_narrow_terminal_is_not_overrun(tmp_path: Path) -> None:
    """Details are left out; no line of the board is longer than the terminal."""
    lay_out(tmp_path)
    done = on_a_terminal(tmp_path, "kill", "assistant", "--yes", columns=50, PSFIR_ME="dana")
    shown = plain(done.out)
    assert done.code == 0
    assert re.search(r"2 memory.switch +changed, held", shown)
    board = shown[shown.index("\nkill assistant  disable") :]
    assert max(len(line) for line in board[: board.index("proof:")].splitlines()) <= 50


def test_no_colour_means_no_colour(tmp_path: Path) -> None:
    """NO_COLOR: neither colour nor bold nor dim, and the words alone say it all."""
    lay_out(tmp_path)
    done = on_a_terminal(tmp_path, "kill", "assistant", "--yes", columns=100, PSFIR_ME="dana", NO_COLOR="1")
    assert re.search(r"\x1b\[[0-9;]*m", done.out) is None
    assert "changed, held" in plain(done.out)


def test_a_terminal_that_knows_no_codes_gets_none(tmp_path: Path) -> None:
    """TERM=dumb: plain lines, also those that the threads of a run write, and not one escape."""
    lay_out(tmp_path)
    words: tuple[tuple[str, ...], ...] = (("kill", "assistant", "--yes"), ("status",), ("lever", "check", "--all"))
    for one in words:
        done = on_a_terminal(tmp_path, *one, columns=100, PSFIR_ME="dana", TERM="dumb")
        assert "\x1b" not in done.out, one
        assert "assistant" in done.out


def test_somebody_who_says_no_has_touched_nothing(tmp_path: Path) -> None:
    """No at the prompt: no incident, no entry, no side effect."""
    estate = lay_out(tmp_path)
    done = on_a_terminal(tmp_path, "kill", "assistant", typed="n\n", columns=100, PSFIR_ME="dana")
    assert done.code != 0
    assert estate.writes() == []
    assert "nothing more was done" in plain(done.out)


def test_ctrl_c_asks_and_going_on_goes_on(tmp_path: Path) -> None:
    """`g`: as if nothing had been pressed."""
    lay_out(tmp_path, switches=SLOW, soak="0s", runbook=PATIENT)
    typist = Typist(tmp_path)
    typist.wait_for("rung.intended")
    typist.interrupt()
    typist.press("g\n")
    code, shown = typist.end()
    assert "[g]o on" in shown
    assert code == 0, shown
    screen = on_screen(typist.raw)
    assert len([line for line in screen if "kill assistant  disable  T+" in line]) == 1, screen
    assert [line for line in screen if "what now? [g]o on" in line] != [], screen


def test_ctrl_c_can_stop_further_rungs(tmp_path: Path) -> None:
    """`s`: the rung under way ends, no further one is pulled, the effect is still looked at."""
    estate = lay_out(tmp_path, switches=SLOW, soak="0s", runbook=PATIENT)
    typist = Typist(tmp_path)
    typist.wait_for("rung.intended")
    typist.interrupt()
    typist.press("s\n")
    code, shown = typist.end()
    assert code == 1, shown
    assert estate.effects("gateway") == 0
    assert "no further rung will be pulled" in shown


def test_ctrl_c_during_the_soak_leaves_it(tmp_path: Path) -> None:
    """Nothing is asked: the verdict so far stands, and the next command is said."""
    lay_out(tmp_path, switches=SWITCHES, soak="30s")
    typist = Typist(tmp_path)
    typist.wait_for("soak.started")
    typist.interrupt()
    code, shown = typist.end()
    assert code == 5, shown
    assert "psfir verify" in shown
    screen = on_screen(typist.raw)
    assert len([line for line in screen if "kill assistant  disable  T+" in line]) == 1, screen
    assert not [line for line in screen if "soaking" in line], screen
