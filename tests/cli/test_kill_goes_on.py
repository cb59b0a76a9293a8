"""`psfir kill` when something falls away meanwhile: the record, a reader, the terminal, the person at the keyboard."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.app.workspaces import RUNBOOK, lay_out, psfir, result
from tests.cli.killing import TWO_RUNGS, events, start, timeline, wait_for


def test_without_the_record_the_kill_goes_on_and_merges_later(tmp_path: Path) -> None:
    """The record is away: entries are spooled, loudly; once it is back they are merged and the chain holds."""
    estate = lay_out(tmp_path)
    record = tmp_path / ".psfir" / "record.sqlite3"
    record.mkdir()
    done = psfir(tmp_path, "kill", "assistant", "--yes")
    assert done.returncode == 0, done.stderr
    assert "the record is away" in done.stderr
    assert estate.effects("gateway") == 1
    restore = psfir(tmp_path, "restore", "--yes")
    assert restore.returncode == 1
    record.rmdir()
    synced = psfir(tmp_path, "sync")
    assert synced.returncode == 0, synced.stderr
    assert "CONTAINED" in timeline(tmp_path)
    assert psfir(tmp_path, "audit", "verify").returncode == 0


def test_without_record_and_spool_the_entries_go_to_standard_output(tmp_path: Path) -> None:
    """The last resort: JSON lines on standard output; under --json on standard error, so that the stream stays one."""
    for json_flag in ((), ("--json",)):
        root = tmp_path / ("json" if json_flag else "plain")
        lay_out(root)
        (root / ".psfir" / "record.sqlite3").mkdir()
        (root / ".psfir" / "spool").write_text("a file stands where the folder should be")
        done = psfir(root, "kill", "assistant", "--yes", *json_flag)
        assert done.returncode == 0, done.stderr
        lines = (done.stderr if json_flag else done.stdout).splitlines()
        spooled = [json.loads(line) for line in lines if line.startswith("{")]
        kinds = [one["kind"] for one in spooled if "kind" in one]
        assert "rung.intended" in kinds
        assert "verdict.reached" in kinds
        if json_flag:
            assert [one["event"] for one in events(done)][-1] == "result"


def test_leaving_the_soak_is_honest_and_verify_finishes_it(tmp_path: Path) -> None:
    """Ctrl-C during the soak: exit 5, changed and not proven to the end; psfir verify watches it through."""
    lay_out(tmp_path, soak="20s")
    process = start(tmp_path, "kill", "assistant", "--yes")
    wait_for(tmp_path, "soak.started")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 5, out + err
    assert "the soak was not watched to its end" in out
    assert "next:\n    psfir verify INC-" in out
    (tmp_path / "runbooks" / "off.yaml").write_text(RUNBOOK.replace("SOAK", "200ms"))
    looked = psfir(tmp_path, "verify", "--no-soak", "--json")
    assert result(looked)["verdict"] == "contained"
    assert looked.returncode == 5


def test_ctrl_c_without_a_terminal_goes_on_in_the_background(tmp_path: Path) -> None:
    """A kill is never dropped half-way: a process of its own carries it to its end, with one side effect."""
    switches = {**TWO_RUNGS, "flag": {"state": {"on": True}, "faults": {"slow": 0.4, "refuse": "no"}}}
    switches["gateway"] = {"state": {"on": True}, "replicas": 2, "faults": {"slow": 0.3}}
    estate = lay_out(tmp_path, switches=switches)
    process = start(tmp_path, "kill", "assistant", "--yes")
    wait_for(tmp_path, "rung.intended")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 5, out + err
    assert "goes on in the background" in err
    wait_for(tmp_path, "run.ended")
    assert estate.effects("gateway") == 1
    assert "CONTAINED" in psfir(tmp_path, "incident", "show").stdout
    assert psfir(tmp_path, "audit", "verify").returncode == 0


def test_a_reader_that_goes_away_does_not_stop_the_kill(tmp_path: Path) -> None:
    """`psfir kill ... | head -1`: the pipe closes after one line, and the kill goes on to its end all the same."""
    for words in (("--yes",), ("--yes", "--json")):
        root = tmp_path / words[-1].strip("-")
        estate = lay_out(root)
        process = start(root, "kill", "assistant", *words)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        process.stderr.close()
        assert process.wait(timeout=30) == 0
        assert estate.effects("gateway") == 1
        assert "CONTAINED" in psfir(root, "status").stdout


def test_a_terminal_that_is_closed_does_not_stop_the_kill(tmp_path: Path) -> None:
    """SIGHUP while the run is under way: it goes on unheard."""
    switches = {**TWO_RUNGS, "flag": {"state": {"on": True}, "faults": {"refuse": "no"}}}
    switches["gateway"] = {"state": {"on": True}, "replicas": 2, "faults": {"slow": 0.5}}
    estate = lay_out(tmp_path, switches=switches)
    process = start(tmp_path, "kill", "assistant", "--yes")
    wait_for(tmp_path, "rung.intended")
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert estate.effects("gateway") == 1
