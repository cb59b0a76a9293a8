"""`psfir range` from end to end: a range in the background, everything that can be asked of it, and its end."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from psfir.app import range_detach
from psfir.cli.desk import Desk
from psfir.cli.range_coming import coming
from psfir.range.runfile import held
from tests.cli.range_home import UP, Home, children, line, lives
from tests.cli.test_completion import tab
from tests.range.faults.reaching import until

_SKEWED = ("clock.skew", "began")


def test_a_range_in_the_background(home: Home) -> None:
    """It is there when the command returns, is asked by the others, and leaves no process when it is ended."""
    assert home.run("range", "status").code == 1
    up = home.json(*UP, "--detach", "--seed", "7")
    assert (up["schema"], up["detached"], up["seed"]) == ("psfir.out.range.up/1", True, 7)
    second = home.run(*UP, "--detach")
    assert (second.code, "a range is up here already" in second.err) == (3, True)
    status = home.json("range", "status")
    assert (up["own_systems"], up["second"]["person"]) == ([], "ben")
    assert Path(up["second"]["key"]).is_file()
    assert (status["pid"], status["systems"], status["faults"]) == (up["pid"], ["support-assistant"], [])
    moto = children(up["pid"])

    _is_idle(up["pid"])
    _points_at_it(home, up)
    _goes_wrong(home)

    assert home.json("range", "reset")["ended"][0]["fault"] == "assistant.drifts"
    down = home.json("range", "down")
    assert (down["schema"], down["was_up"]) == ("psfir.out.range.down/1", True)
    until(lambda: not any(lives(pid) for pid in (up["pid"], *moto)))
    assert not (home.folder / "range.json").exists()
    assert home.json("range", "down")["was_up"] is False
    assert (home.folder / "range.log").read_text() == ""


def _is_idle(pid: int) -> None:
    """Without customers: below 2 % of one core. Looked at in a process of its own; of three looks the best counts."""
    used = []
    for _ in range(3):
        before = _cpu(pid)
        Event().wait(1)
        used.append(_cpu(pid) - before)
        if used[-1] < 0.02:
            return
    raise AssertionError(used)


def _cpu(pid: int) -> float:
    """Seconds that it has computed, in all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _points_at_it(home: Home, up: dict[str, Any]) -> None:
    """A shell can take the variables over; they name what came up."""
    said = home.json("range", "env")["env"]
    assert said["LAUNCHDARKLY_BASE_URI"] == up["parts"]["launchdarkly"]
    shown = subprocess.run(
        ["sh", "-c", home.ok("range", "env") + "env"], env={}, capture_output=True, text=True, check=True
    )
    assert {f"{name}={value}" for name, value in said.items()} <= set(shown.stdout.splitlines())
    assert (Path(said["PSFIR_WORKSPACE"]) / "psfir.yaml").is_file()
    assert Path(said["PSFIR_CONNECTIONS"]).is_file()
    # A shell that is pointed at the range finds it, and would bring the next one up in the same place.
    assert home.json("range", "status", "-w", said["PSFIR_WORKSPACE"])["pid"] == up["pid"]
    assert home.run(*UP, "-w", said["PSFIR_WORKSPACE"]).code == 3


def _goes_wrong(home: Home) -> None:
    """Faults by name, by script and by mistake."""
    began = home.json("range", "fault", "launchdarkly.slow", "--for", "1m", "--set", "by=2s")["began"]
    assert [(one["fault"], one["on"], one["set"]) for one in began] == [("launchdarkly.slow", True, {"by": 2.0})]
    (home.root / "script.yaml").write_text("schema: psfir.faults/1\nfaults: [{at: 1h, fault: assistant.drifts}]\n")
    assert home.json("range", "fault", "--from", "script.yaml")["began"][0]["on"] is False
    (home.root / "wrong.yaml").write_text(
        "schema: psfir.faults/1\nfaults: [{fault: assistant.drifts, set: {system: x}}]\n"
    )
    done = home.run("range", "fault", "--from", "wrong.yaml")
    assert (done.code, "wrong.yaml:2:41: the range has no system 'x'; " in done.err) == (2, True), done
    for words, sentence in (
        (("launchdarkly.dwn",), "did you mean launchdarkly.down?"),
        (("launchdarkly.slow", "--set", "bye=1s"), "did you mean by?"),
        (("launchdarkly.slow", "--for", "long"), "--for: 'long' is not a span of time"),
        (("launchdarkly.slow", "--for", "0s"), "no time at all"),
        (("launchdarkly.slow", "--set", "by"), "has no value"),
        (("launchdarkly.slow", "--set", "by=1s", "--set", "by=2s"), "is given twice"),
        (("--after", "5s"), "which fault?"),
        (("clock.skew", "--from", "script.yaml"), "a script says all by itself"),
    ):
        done = home.run("range", "fault", *words)
        assert (done.code, sentence in done.err) == (2, True), done
    listed = home.ok("range", "fault")
    assert "launchdarkly.slow (on)" in listed
    assert "assistant.drifts waits for" in listed
    assert re.search(r"launchdarkly.slow is on since T\+\S+s until T\+1m", home.ok("range", "status"))
    assert home.ok("range", "heal", "launchdarkly.slow").splitlines() == [
        "launchdarkly.slow is over",
        "on the range of no workspace",
    ]
    assert "was not on" in home.ok("range", "heal", "launchdarkly.slow")


def test_a_range_in_the_foreground_ends_when_it_is_told_to(home: Home) -> None:
    """It says second by second what is; ^C leaves nothing behind."""
    (home.root / "script.yaml").write_text("schema: psfir.faults/1\nfaults: [{fault: assistant.drifts}]\n")
    process = home.start("--faults", "script.yaml")
    ready, second = line(process), line(process)
    assert (ready["event"], ready["schema"]) == ("ready", "psfir.out.range.up/1")
    assert (second["event"], second["faults"][0]["fault"]) == ("traffic", "assistant.drifts")
    assert second["traffic"]["answers"] == 0
    home.ok("range", "fault", "clock.skew")
    until(lambda: (told := line(process))["event"] == "fault" and (told["fault"], told["what"]) == _SKEWED)
    moto = children(process.pid)
    assert moto
    process.send_signal(signal.SIGINT)
    rest, said = process.communicate(timeout=30)
    assert (process.returncode, json.loads(rest.splitlines()[-1])["event"], said) == (0, "result", "")
    until(lambda: not any(lives(pid) for pid in moto))
    assert not (home.folder / "range.json").exists()


def test_who_wants_no_colour_gets_none_in_the_line_of_each_second(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is still drawn over the one before."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("PSFIR_PLAIN", raising=False)
    master, slave = pty.openpty()
    process = subprocess.Popen([sys.executable, "-m", "psfir", *UP], stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    said = b""
    while b"T+" not in said:
        said += os.read(master, 65536)
    process.send_signal(signal.SIGINT)
    with suppress(OSError):  # how Linux says that the other end of a terminal is closed
        while part := os.read(master, 65536):
            said += part
    os.close(master)
    assert process.wait(timeout=30) == 0
    assert b"\r\x1b[2KT+" in said
    assert b"\x1b" not in said.replace(b"\x1b[2K", b"")
    assert not home.folder.joinpath("range.json").exists()


def test_a_range_that_was_killed_is_told_and_cleaned_away(home: Home) -> None:
    """Its address leads nowhere, which whoever asks next is told; then another can come up."""
    process = home.start("--quiet")
    line(process)
    moto = children(process.pid)
    process.kill()
    process.communicate(timeout=30)
    until(lambda: not any(lives(pid) for pid in moto))
    assert (home.folder / "range.json").is_file()
    done = home.run("range", "status")
    assert done.code == 1
    assert f"an earlier range (process {process.pid}) is gone without having ended" in done.err
    assert "no range is up" in done.err
    assert not (home.folder / "range.json").exists()
    assert home.run("range", "down").err == ""


def test_what_fails_in_the_background_is_said_here(home: Home) -> None:
    """With the same sentence and the same exit code as in the foreground; nothing stays."""
    (home.root / "script.yaml").write_text("schema: psfir.faults/1\nfaults: [{fault: assistant.drift}]\n")
    here = home.run(*UP, "--faults", "script.yaml")
    there = home.run(*UP, "--detach", "--faults", "script.yaml")
    assert (here.code, there.code) == (2, 2)
    assert there.err == here.err
    assert "did you mean assistant.drifts?" in there.err
    assert home.run("range", "status").code == 1


def test_one_that_comes_no_further_is_told_with_how_far_it_was(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its log is, and what to do; it is ended, and leaves nothing."""
    monkeypatch.setattr(range_detach, "SILENT", 0.05)
    done = home.run(*UP, "--detach")
    assert (done.code, "the range came no further for 0 s: it said nothing at all" in done.err) == (1, True), done
    assert f"{home.folder / 'range.log'}" in done.err
    assert "bring up fewer systems" in done.err
    assert not held(home.folder)


def test_how_far_it_is_is_said_where_it_takes_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing in the first second, and nothing once it is up."""
    with coming(Desk(None, as_json=True), stream=True) as told:
        told("assistants ready", 1, 20)
        monkeypatch.setattr(told, "_next", 0.0)
        told("assistants ready", 2, 20)
        told("assistants ready", 3, 20)
    monkeypatch.setattr(told, "_next", 0.0)
    told("assistants ready", 4, 20)
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {"event": "coming_up", "what": "assistants ready", "done": 2, "of": 20}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 128 + signal.SIGTERM)])
def test_who_is_told_to_end_leaves_no_range_coming_up(home: Home, number: signal.Signals, code: int) -> None:
    """^C while it comes up in the background ends it there too, with all that it has started."""
    process = home.start("--detach")
    until(lambda: held(home.folder) and bool(children(process.pid)))
    (child,) = children(process.pid)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == code
    assert not lives(child)
    assert not held(home.folder)
    assert not (home.folder / "range.json").exists()


def test_a_range_belongs_to_its_workspace(home: Home) -> None:
    """Its address lies in the workspace's own folder; a folder that is none is refused. A request to end ends it."""
    (home.root / "team").mkdir()
    done = home.run(*UP, "--workspace", "team")
    assert (done.code, "holds no psfir.yaml" in done.err) == (2, True)
    home.ok("init", "team")
    process = home.start("--workspace", "team", "--quiet")
    ready = line(process)
    assert (ready["own_systems"], ready["second"]) == (["support-assistant"], None)
    assert (home.root / "team" / ".psfir" / "range" / "range.json").is_file()
    assert home.run("range", "status").code == 1
    assert home.json("range", "status", "--workspace", "team")["workspace"] == str(home.root / "team")
    listed = home.run("range", "fault", "clock.skew", "-w", "team")
    assert f"on the range of {home.root / 'team'}" in listed.out
    process.terminate()
    _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (0, "")
    assert home.json("range", "down", "-w", "team")["was_up"] is False


def test_in_a_workspace_the_range_of_none_is_left_alone(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named, found or by its variable: nothing is done to another range than the workspace's; the other one is told."""
    home.ok("init", "team")
    process = home.start("--quiet")
    pid = line(process)["pid"]
    own = home.json("range", "env")["env"]["PSFIR_WORKSPACE"]
    for words in (("status",), ("env",), ("reset",), ("heal",), ("fault", "clock.skew")):
        done = home.run("range", *words, "-w", "team")
        assert (done.code, f"no range is up for {home.root / 'team'}" in done.err) == (1, True), done
        assert f"-w {own}" in done.err
    assert home.json("range", "down", "-w", "team") == {
        "schema": "psfir.out.range.down/1",
        "of": None,
        "was_up": False,
        "took": None,
    }
    monkeypatch.chdir(home.root / "team")
    assert home.run("range", "status").code == 1
    assert home.json("range", "status", "-w", own)["pid"] == pid
    monkeypatch.setenv("PSFIR_WORKSPACE", own)
    assert home.ok("range", "down") == "the range of no workspace is down\n"
    process.communicate(timeout=30)


def test_a_shell_is_rid_of_a_range_that_is_gone(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it points there it is told so, by what reaches for connections and by the end of the range."""
    process = home.start("--quiet")
    line(process)
    given = home.json("range", "env")["env"]
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PSFIR_ME", "ada")
    told = f"psfir: connections are re-pointed by PSFIR_CONNECTIONS={given['PSFIR_CONNECTIONS']}\n"
    assert home.run("whoami").err == told
    assert home.run("whoami", "--json").err == told
    assert any(one["name"] == "overlay" for one in json.loads(home.run("doctor", "--json").out)["checks"])
    assert 'eval "$(psfir range env --unset)"' in home.ok("range", "down")
    process.communicate(timeout=30)
    assert not Path(given["PSFIR_CONNECTIONS"]).exists()
    lost = home.run("whoami")
    assert (lost.code, "which is not there" in lost.err, "--unset" in lost.err) == (2, True, True), lost
    lines = home.ok("range", "env", "--unset").splitlines()
    assert lines == [f"unset {name}" for name in given]
    for name in given:
        monkeypatch.delenv(name)
    assert home.run("range", "env", "--unset").out == ""


def test_only_names_are_unset(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed there is carried out by the shell."""
    monkeypatch.setenv("PSFIR_RANGE_VARIABLES", "PSFIR_ME;reboot $(reboot) PSFIR_ME")
    monkeypatch.setenv("PSFIR_ME", "ada")
    assert home.ok("range", "env", "--unset") == "unset PSFIR_ME\n"


def test_names_of_faults_are_offered() -> None:
    """To begin and to heal."""
    assert tab("range", "fault", "launchdarkly.d") == ["launchdarkly.down"]
    assert tab("range", "heal", "clock.") == ["clock.skew"]
    assert "down" in tab("range", "")
