"""What must not stop a kill: a record that is locked or damaged, an output that is closed or full; and odd words."""

from __future__ import annotations

import json
import os
import pty
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.app.workspaces import environment, lay_out, psfir, result


def record_of(root: Path) -> Path:
    return root / ".psfir" / "record.sqlite3"


def vandalise(root: Path, *statements: str) -> None:
    """Change the record as somebody would who stops at nothing."""
    with sqlite3.connect(record_of(root)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)
    db.close()


def test_a_record_that_somebody_keeps_locked_does_not_stop_a_kill(tmp_path: Path) -> None:
    """Another process holds the write lock: the kill waits a moment, spools, and is through in seconds."""
    estate = lay_out(tmp_path)
    assert psfir(tmp_path, "incident", "list", "--all").returncode == 0
    holder = sqlite3.connect(record_of(tmp_path), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    done = psfir(tmp_path, "kill", "assistant", "--yes")
    took = time.monotonic() - begun
    holder.execute("ROLLBACK")
    holder.close()
    assert done.returncode == 0, done.stderr
    assert estate.effects("gateway") == 1
    assert took < 40
    assert psfir(tmp_path, "sync").returncode == 0
    assert psfir(tmp_path, "audit", "verify").returncode == 0


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE entries SET data = '[1]' WHERE kind = 'run.started'",
        "UPDATE entries SET at = 'xx' WHERE seq = 1",
        "UPDATE entries SET data = NULL, salt = NULL WHERE kind = 'plan.drawn'",
        "UPDATE entries SET kind = 'zzz' WHERE seq = 3",
        "DELETE FROM entries WHERE seq = 1",
        "DROP TABLE leases",
    ],
)
def test_a_damaged_record_does_not_stop_a_kill(tmp_path: Path, harm: str) -> None:
    """One bad row, one missing table: loud, and the system is off all the same; looking never shows a traceback."""
    estate = lay_out(tmp_path)
    assert psfir(tmp_path, "incident", "declare", "assistant", "--title", "first").returncode == 0
    assert psfir(tmp_path, "kill", "assistant", "--yes").returncode == 0
    estate.put("gateway", {"on": True})
    vandalise(tmp_path, harm)
    done = psfir(tmp_path, "kill", "assistant", "--yes")
    assert done.returncode == 0, done.stderr
    assert "a bug in psfir" not in done.stderr
    assert not any(state["on"] for state in estate.served("gateway").values())
    for words in (("status",), ("incident", "list", "--all"), ()):
        assert "a bug in psfir" not in psfir(tmp_path, *words).stderr


@pytest.mark.parametrize("redirect", [">&-", ">/dev/full", ">&- 2>&-", "2>/dev/full"])
def test_an_output_that_is_closed_or_full_does_not_stop_a_kill(tmp_path: Path, redirect: str) -> None:
    """The work goes on unheard, to its proven end."""
    estate = lay_out(tmp_path)
    line = f"'{sys.executable}' -m psfir kill assistant --yes {redirect}"
    done = subprocess.run(
        ["/bin/sh", "-c", line], cwd=tmp_path, env=environment(tmp_path), timeout=60, check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert estate.effects("gateway") == 1


def test_what_people_type_is_shown_and_never_obeyed(tmp_path: Path) -> None:
    """Terminal escapes in a name reach no terminal raw, in warnings and errors either."""
    lay_out(tmp_path)
    evil = "\x1b]0;pwn\x07\x1b[31mRED"
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "psfir", "kill", "assistant", "--yes", "--name", evil, "--reason", evil]
    env = {**environment(tmp_path, "nobody"), "TERM": "xterm", "NO_COLOR": "1"}
    process = subprocess.Popen(command, cwd=tmp_path, env=env, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    said = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # how Linux says that the other end of a terminal is closed
            break
        said += part
    os.close(master)
    assert process.wait(timeout=40) == 0
    assert b"\x1b]0;" not in said
    assert b"\x1b[31m" not in said
    wrong = psfir(tmp_path, "kill", evil, "--yes")
    assert "\x1b" not in wrong.stderr


@pytest.mark.parametrize("value", ["NaN", "1e999", "9" * 23])
def test_a_number_that_no_record_can_hold_is_a_usage_error(tmp_path: Path, value: str) -> None:
    """Refused with a sentence before anything is read."""
    lay_out(tmp_path)
    words = ("--target", "connection=estate", "--target", "switch=gateway", "--set", f"on={value}", "--yes")
    done = psfir(tmp_path, "pull", "memory.switch", *words)
    assert done.returncode == 2
    assert "a bug in psfir" not in done.stderr


def test_a_program_gets_an_object_for_every_mistake(tmp_path: Path) -> None:
    """Wrong options and missing arguments as well: one error object on standard output, exit 2."""
    lay_out(tmp_path)
    for words in (("kill", "--mode", "nope"), ("kill", "--nope"), ("schema", "nope"), ("incident", "seat"), ("kil",)):
        done = psfir(tmp_path, *words, "--json")
        assert done.returncode == 2
        assert result(done)["schema"] == "psfir.out.error/1"


def test_a_folder_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    """The current folder was deleted: exit 2, and no bug."""
    gone = tmp_path / "gone"
    gone.mkdir()
    line = f"cd '{gone}' && rmdir '{gone}' && '{sys.executable}' -m psfir status"
    env = environment(tmp_path)
    done = subprocess.run(["/bin/sh", "-c", line], env=env, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "is gone" in done.stderr


def test_the_error_object_of_a_refusal_says_what_to_do(tmp_path: Path) -> None:
    """Kind, sentence, place and cure, apart."""
    lay_out(tmp_path)
    done = psfir(tmp_path, "incident", "declare", "assistant", "--json", me="nobody")
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["kind"]) == (3, "Refusal")
    assert "PSFIR_ME" in error["todo"]
