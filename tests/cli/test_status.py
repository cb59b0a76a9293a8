"""`psfir status`: the record at a glance, and as it grows, on a terminal and in a pipe."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from psfir.app.incident_deeds import note, resolve
from tests.app.incident_kit import opened, plan, put_back, ran
from tests.cli.keyboard import Keyboard

CODE = "from psfir.cli.main import main; main()"


@pytest.fixture
def keyboard(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    return Keyboard(tmp_path, capsys, monkeypatch)


def watch(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-c", CODE, "status", "--watch", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_quiet_day(keyboard: Keyboard) -> None:
    """One sentence."""
    assert keyboard.ok("status").out == "nothing is open, nothing stands, and no analysis is due\n"
    assert keyboard.ok("status", "--json").json == {
        "schema": "psfir.out.status/1",
        "incidents": [],
        "remediation_overdue": 0,
        "drills_overdue": [],
    }


def test_what_stands_and_what_each_run_came_to(keyboard: Keyboard) -> None:
    """Also of an incident that is resolved, as long as something of it stands."""
    session = keyboard.session()
    resolve(session, ran(session, opened(session), plan()))
    said = keyboard.ok("status").out
    assert "RESOLVED" in said
    assert "stands   stop, rung 1: memory.switch" in said
    assert "run      run-1  kill support-assistant  CONTAINED  5 probe answers" in said


def test_what_was_put_back_reads_so(keyboard: Keyboard) -> None:
    """The verdict does not contradict the runs below it, on any page."""
    session = keyboard.session()
    incident = put_back(session, ran(session, opened(session), plan()))
    for words in (("status",), ("incident", "show", incident.id)):
        assert "verdict  contained, then restored" in keyboard.ok(*words).out
    assert "contained, then restored, 0 standing" in keyboard.ok("incident", "status").out


def test_a_run_that_nobody_carries_is_loud(keyboard: Keyboard) -> None:
    """With the command that carries it on."""
    session = keyboard.session()
    incident = ran(session, opened(session), plan(), verdict="partial", end=False)
    assert f"STOPPED HALF-WAY: psfir resume {incident.id}" in keyboard.ok("status").out


def test_a_soak_that_was_left_is_not_forgotten(keyboard: Keyboard) -> None:
    """In `psfir status` and in `psfir` alone, with the command that watches it through."""
    session = keyboard.session()
    incident = ran(session, opened(session), plan(), soaked=False)
    for words in (("status",), ()):
        assert f"SOAK NOT WATCHED TO ITS END: psfir verify {incident.id}" in keyboard.ok(*words).out


def test_one_of_several(keyboard: Keyboard) -> None:
    """By its id; a wrong one is a usage error."""
    session = keyboard.session()
    one, other = opened(session), opened(session, "search")
    said = keyboard.ok("status", one.id).out
    assert one.id in said
    assert other.id not in said
    assert keyboard.type("status", "INC-none").code == 2


def test_watching_shows_each_entry_within_a_second(keyboard: Keyboard) -> None:
    """In a pipe as plain lines; it ends by itself when the incident does."""
    session = keyboard.session()
    incident = opened(session)
    with watch(incident.id) as process:
        assert process.stdout is not None
        assert incident.id in process.stdout.readline()
        took = []
        for number in range(3):
            began = time.monotonic()
            note(session, incident, f"look here {number}")
            while f"look here {number}" not in process.stdout.readline():
                pass
            took.append(time.monotonic() - began)
        assert min(took) < 2.0  # a second, and another for a busy machine
        resolve(session, session.incident(incident.id))
        rest, errors = process.communicate(timeout=40)
    assert "resolved" in rest
    assert (process.returncode, errors) == (0, "")


def test_watching_as_json_is_a_stream_that_ends_with_the_result(keyboard: Keyboard) -> None:
    """One object a line, also of an incident that is declared meanwhile."""
    session = keyboard.session()
    incident = opened(session)
    with watch("--json") as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        assert first == {"event": "watching", "incidents": [incident.id]}
        other = opened(session, "search")
        for one in (incident, other):
            resolve(session, session.incident(one.id))
        out, errors = process.communicate(timeout=40)
    lines = [json.loads(line) for line in out.splitlines()]
    assert {line["event"] for line in lines[:-1]} == {"entry"}
    assert other.id in {line["incident"] for line in lines[:-1]}
    assert lines[-1]["event"] == "result"
    assert lines[-1]["schema"] == "psfir.out.status/1"
    assert (process.returncode, errors) == (0, "")


def test_watching_is_left_by_a_key(keyboard: Keyboard) -> None:
    """^C is how one leaves, and no error."""
    session = keyboard.session()
    opened(session)
    with watch() as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(2)
        _, errors = process.communicate(timeout=40)
    assert (process.returncode, errors) == (0, "")


def test_a_terminal_is_drawn_anew(keyboard: Keyboard) -> None:
    """The screen is cleared and the clock goes on by itself."""
    import pty

    session = keyboard.session()
    incident = opened(session)
    master, slave = pty.openpty()
    command = [sys.executable, "-c", CODE, "status", "--watch", incident.id]
    with subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env={**os.environ, "TERM": "xterm"}
    ) as process:
        os.close(slave)
        seen = b""
        end = time.monotonic() + 15
        while seen.count(b"\x1b[2J") < 3 and time.monotonic() < end:
            seen += os.read(master, 65536)
        # On a busy machine one ^C may come while a line is drawn: a person presses it again.
        for _ in range(5):
            process.send_signal(2)
            try:
                process.wait(timeout=4)
                break
            except subprocess.TimeoutExpired:
                continue
        process.kill()
        os.close(master)
    assert seen.count(b"\x1b[2J") >= 3
