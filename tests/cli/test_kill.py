"""`psfir kill` as a person types it: real processes, a real record, the tiny estate."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event
from typing import Any

from psfir.records.sqlite import SqliteJournal
from tests.app.workspaces import RUNBOOK, SWITCHES, environment, lay_out, psfir, result

TWO_RUNGS: dict[str, dict[str, Any]] = {
    "flag": {"state": {"on": True}},
    "gateway": {"state": {"on": True}, "replicas": 2},
}
PAUSE = Event()


def events(run: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run.stdout.splitlines()]


def timeline(root: Path) -> str:
    return psfir(root, "incident", "show").stdout


def start(root: Path, *words: str, me: str = "dana") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "psfir", *words],
        cwd=root,
        env=environment(root, me),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(root: Path, kind: str) -> None:
    """Until an entry of that kind is on record."""
    record = root / ".psfir" / "record.sqlite3"
    for _ in range(400):
        if record.is_file():
            with SqliteJournal(record) as journal:
                if any(entry.kind == kind for entry in journal.read()):
                    return
        PAUSE.wait(0.03)
    raise AssertionError(f"no entry of kind {kind} came")


def test_it_ends_with_the_verdict_the_proof_and_what_is_next(tmp_path: Path) -> None:
    """Exit 0 only for a containment that was proven and soaked; the last lines say what to do next."""
    lay_out(tmp_path)
    done = psfir(tmp_path, "kill", "assistant", "--yes", "--reason", "promises refunds")
    assert done.returncode == 0, done.stderr
    tail = done.stdout[done.stdout.index("\nassistant  ") :]
    assert tail.startswith("\nassistant  CONTAINED\n  proof: ")
    assert "2 replicas" in tail
    assert "soaked" in tail
    assert tail.count("\n    psfir ") >= 2
    assert "refused" in done.stdout


def test_the_stream_is_json_lines_that_end_with_the_result(tmp_path: Path) -> None:
    """Every line is an object with an event; the last one is the result with its schema."""
    lay_out(tmp_path)
    told = events(psfir(tmp_path, "kill", "assistant", "--yes", "--json"))
    assert told[0]["event"] == "plan"
    assert {one["event"] for one in told[1:-1]} == {"entry"}
    last = told[-1]
    assert (last["event"], last["schema"], last["verdict"]) == ("result", "psfir.out.kill/1", "contained")
    assert set(last) == {"event", "schema", "incident", "verdict", "exit", "runs", "standing", "next", "head"}
    assert last["runs"][0]["proof"]["answers"] >= 4


def test_nobody_to_ask_and_no_yes_is_a_usage_error(tmp_path: Path) -> None:
    """Without a terminal the command does not guess: exit 2, and nothing is declared."""
    lay_out(tmp_path)
    done = psfir(tmp_path, "kill", "assistant", stdin="")
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert json.loads(psfir(tmp_path, "incident", "list", "--all", "--json").stdout)["incidents"] == []


def test_a_stuck_replica_is_partial_and_climb_pulls_the_next_rung(tmp_path: Path) -> None:
    """Exit 4 and the command to climb; climbing pulls only what was left, under the same incident."""
    lay_out(tmp_path, switches=TWO_RUNGS, runbook=RUNBOOK.replace("within: 10s\n    soak", "within: 1s\n    soak"))
    done = psfir(tmp_path, "kill", "assistant", "--yes", "--json")
    told = result(done)
    assert (done.returncode, told["verdict"]) == (1, "not_contained")
    assert told["next"][0] == "psfir kill assistant --climb"
    again = psfir(tmp_path, "kill", "assistant", "--climb", "--yes", "--json")
    climbed = result(again)
    assert (again.returncode, climbed["verdict"], climbed["incident"]) == (0, "contained", told["incident"])
    assert [rung["result"] for rung in climbed["runs"][0]["rungs"]] == ["changed"]
    assert len(climbed["standing"]) == 2
    refused = psfir(tmp_path, "kill", "assistant", "--climb", "--yes")
    assert refused.returncode == 3
    assert "is contained" in refused.stderr


def test_one_stuck_replica_is_partial(tmp_path: Path) -> None:
    """Exit 4, and the replica is named."""
    switches = {**TWO_RUNGS, "gateway": {"state": {"on": True}, "replicas": 2, "faults": {"stuck": ["r2"]}}}
    switches["flag"] = {"state": {"on": True}, "faults": {"refuse": "no"}}
    lay_out(tmp_path, switches=switches, runbook=RUNBOOK.replace("within: 10s\n    soak", "within: 1s\n    soak"))
    done = psfir(tmp_path, "kill", "assistant", "--yes")
    assert done.returncode == 4
    assert "memory/r2: on = true" in done.stdout


def test_a_probe_that_cannot_look_is_unknown(tmp_path: Path) -> None:
    """Exit 6: could not tell is never contained."""
    lay_out(
        tmp_path,
        runbook=RUNBOOK.replace("switch: gateway}\n    expect", "switch: gone}\n    expect").replace("10s", "1s"),
    )
    done = psfir(tmp_path, "kill", "assistant", "--yes", "--json")
    assert (done.returncode, result(done)["verdict"]) == (6, "unknown")


def test_what_turns_itself_back_on_is_caught_in_the_soak(tmp_path: Path) -> None:
    """Contained at first, not contained in the end: exit 1."""
    back = {"gateway": {"state": {"on": True}, "replicas": 2, "faults": {"revert_after": 0.6}}}
    lay_out(
        tmp_path, switches={**TWO_RUNGS, "flag": {"state": {"on": True}, "faults": {"refuse": "no"}}, **back}, soak="5s"
    )
    done = psfir(tmp_path, "kill", "assistant", "--yes", "--json")
    verdicts = [one["data"]["verdict"] for one in events(done)[1:-1] if one["kind"] == "verdict.reached"]
    assert verdicts == ["contained", "not_contained"]
    assert done.returncode == 1


def test_two_who_press_at_once_end_in_one_containment(tmp_path: Path) -> None:
    """The second joins and shows it: one incident, one run, one side effect, both exit 0."""
    estate = lay_out(tmp_path, soak="1500ms")
    first = start(tmp_path, "kill", "assistant", "--yes", "--json")
    second = start(tmp_path, "kill", "assistant", "--yes", "--json", me="lee")
    outs = [process.communicate(timeout=40) for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], outs
    last = [json.loads(out.strip().splitlines()[-1]) for out, _ in outs]
    assert last[0]["incident"] == last[1]["incident"]
    assert last[0]["runs"][0]["run"] == last[1]["runs"][0]["run"]
    assert estate.effects("gateway") == 1
    assert sum("joined, nothing is pulled twice" in err for _, err in outs) == 1


def test_somebody_unknown_may_kill_and_nothing_else(tmp_path: Path) -> None:
    """They say who they are and why; it is recorded as unverified, loud in the headline, and they cannot restore."""
    lay_out(tmp_path)
    refused = psfir(tmp_path, "kill", "assistant", "--yes", me="nobody")
    assert refused.returncode == 3
    assert "say who you are and why" in refused.stderr
    done = psfir(tmp_path, "kill", "assistant", "--yes", "--name", "Robin", "--reason", "leaks", me="nobody")
    assert done.returncode == 0, done.stderr
    assert "UNVERIFIED: Robin" in timeline(tmp_path).splitlines()[1]
    restore = psfir(tmp_path, "restore", "--yes", me="nobody")
    assert restore.returncode == 3
    assert "cannot restore" in restore.stderr
    note = psfir(tmp_path, "incident", "note", "hello", me="nobody")
    assert note.returncode == 3


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


def test_several_systems_are_planned_together_and_contained_side_by_side(tmp_path: Path) -> None:
    """--where and --all: one incident, a run for each system."""
    lay_out(tmp_path, switches={**SWITCHES, "twin": {"state": {"on": True}}})
    words = (tmp_path / "psfir.yaml").read_text()
    twin = '  twin: {title: Twin, owner: lee, vendors: [acme], runbooks: {disable: "twin-off"}}\n'
    (tmp_path / "psfir.yaml").write_text(words + twin)
    twin_book = RUNBOOK.replace("SOAK", "100ms").replace('id: "off"', 'id: "twin-off"').replace("assistant", "twin")
    (tmp_path / "runbooks" / "twin.yaml").write_text(twin_book.replace("gateway", "twin").replace("flag", "twin"))
    for how in (("--where", "vendor=acme"), ("--all",)):
        done = psfir(tmp_path, "kill", *how, "--yes", "--json")
        told = result(done)
        assert done.returncode == 0, done.stderr
        assert [run["system"] for run in told["runs"]] == ["assistant", "twin"]
    none = psfir(tmp_path, "kill", "--where", "vendor=nobody", "--yes")
    assert none.returncode == 2


def test_a_lever_pulled_by_hand_is_recorded_proven_and_restorable(tmp_path: Path) -> None:
    """Psfir pull: the system's own probes prove it, and restore puts it back."""
    estate = lay_out(tmp_path)
    target = ("--target", "connection=estate", "--target", "switch=gateway")
    done = psfir(tmp_path, "pull", "memory.switch", *target, "--set", "on=false", "--yes", "--json")
    assert (done.returncode, result(done)["verdict"]) == (0, "contained")
    wrong = psfir(tmp_path, "pull", "memory.switch", *target, "--set", "onn=false", "--yes")
    assert wrong.returncode == 2
    assert "did you mean on?" in wrong.stderr
    back = psfir(tmp_path, "restore", "--yes", "--json")
    # A pull by hand asks for two people to restore; one alone is refused.
    assert back.returncode == 3
    assert estate.effects("gateway") == 1


def test_a_mistaken_kill_can_be_taken_back_by_one_person_where_allowed(tmp_path: Path) -> None:
    """`mistake: 10m` in the runbook; without it the sentence says so."""
    estate = lay_out(tmp_path, runbook=RUNBOOK.replace("restore: 1", "restore: 2"))
    assert psfir(tmp_path, "kill", "assistant", "--yes").returncode == 0
    assert psfir(tmp_path, "restore", "--yes").returncode == 3
    done = psfir(tmp_path, "restore", "--mistake", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert result(done)["restored"] is True
    assert estate.effects("gateway") == 2


def test_a_wrong_system_or_runbook_is_named_with_what_was_meant(tmp_path: Path) -> None:
    """Exit 2 with a near miss."""
    lay_out(tmp_path)
    for words, meant in (
        (("kill", "asistant"), "did you mean assistant?"),
        (("kill", "assistant", "--runbook", "of"), "did you mean off?"),
        (("kil", "assistant"), "did you mean kill?"),
        (("kill", "assistant", "--since", "2999-01-01T00:00:00Z"), "future"),
    ):
        done = psfir(tmp_path, *words, *(() if words[0] == "kil" else ("--yes",)))
        assert done.returncode == 2
        assert meant in done.stderr


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


def test_what_is_pulled_by_hand_is_checked_as_a_file_is(tmp_path: Path) -> None:
    """A value of the wrong type is refused before anything is read."""
    estate = lay_out(tmp_path)
    words = ("--target", "connection=estate", "--target", "switch=gateway", "--set", "on=maybe", "--yes")
    done = psfir(tmp_path, "pull", "memory.switch", *words)
    assert done.returncode == 2
    assert "on must be true or false" in done.stderr
    assert estate.writes() == []


def test_without_a_probe_the_end_says_changed_not_proven(tmp_path: Path) -> None:
    """Exit 5, and no verdict is claimed."""
    lay_out(tmp_path)
    (tmp_path / "runbooks" / "off.yaml").unlink()
    words = ("--target", "connection=estate", "--target", "switch=gateway", "--set", "on=false", "--yes")
    done = psfir(tmp_path, "pull", "memory.switch", *words)
    assert done.returncode == 5
    assert "CHANGED, NOT PROVEN" in done.stdout


def test_a_kill_wins_over_a_restore_that_is_under_way(tmp_path: Path) -> None:
    """The restore stops at its next rung, the kill waits for that, looks once more and ends contained: and it is."""
    two = RUNBOOK.replace(
        "verify:",
        """\
  - id: stop-more
    ladder:
      - lever: memory.switch
        target: {connection: estate, switch: more}
        set: {"on": false}
        within: 8s
verify:
  - probe: memory
    id: more
    target: {connection: estate, switch: more}
    expect: {state: {"on": false}}
    times: 2
    every: 20ms
    within: 10s
    soak: SOAK""",
    )
    estate = lay_out(tmp_path, switches={**SWITCHES, "more": {"state": {"on": True}}}, runbook=two)
    assert psfir(tmp_path, "kill", "assistant", "--yes").returncode == 0
    for name in ("gateway", "more"):
        estate.fault(name, slow=1.0)
    restoring = start(tmp_path, "restore", "--yes")
    PAUSE.wait(0.9)
    killed = psfir(tmp_path, "kill", "assistant", "--yes", "--json")
    restoring.communicate(timeout=30)
    assert (killed.returncode, result(killed)["verdict"]) == (0, "contained")
    assert restoring.returncode == 1
    served = [state["on"] for name in ("gateway", "more") for state in estate.served(name).values()]
    assert served == [False, False, False]


def test_a_pull_by_hand_is_no_way_round_a_restore(tmp_path: Path) -> None:
    """What a kill switched off is not switched on by a pull; and somebody unknown pulls nothing."""
    estate = lay_out(tmp_path)
    assert psfir(tmp_path, "kill", "assistant", "--yes").returncode == 0
    words = ("--target", "connection=estate", "--target", "switch=gateway", "--set", "on=true", "--yes")
    done = psfir(tmp_path, "pull", "memory.switch", *words)
    assert done.returncode == 3
    assert "psfir restore" in done.stderr
    stranger = psfir(tmp_path, "pull", "memory.switch", *words, "--name", "bob", "--reason", "x", me="nobody")
    assert stranger.returncode == 3
    assert estate.effects("gateway") == 1


def test_a_press_that_was_refused_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    """`kill: 2`, and nobody came: the next one to press is not told to wait for the one who has gone."""
    runbook = RUNBOOK.replace("kill: 1,", "kill: 2, within: 1s,")
    lay_out(tmp_path, runbook=runbook)
    first = psfir(tmp_path, "kill", "assistant", "--yes")
    again = psfir(tmp_path, "kill", "assistant", "--yes")
    assert (first.returncode, again.returncode) == (3, 3)
    assert "still being asked" not in again.stderr
    assert "1 of 2 people said yes" in again.stderr


def test_somebody_unknown_may_look_and_leaves_no_trace(tmp_path: Path) -> None:
    """Psfir verify by a stranger: the probes run, the verdict is shown, the record is as it was."""
    lay_out(tmp_path)
    assert psfir(tmp_path, "kill", "assistant", "--yes").returncode == 0
    before = psfir(tmp_path, "audit", "export").stdout
    looked = psfir(tmp_path, "verify", me="nobody")
    assert looked.returncode == 0, looked.stderr
    assert "nothing of it is recorded" in looked.stderr
    assert "CONTAINED" in looked.stdout
    assert psfir(tmp_path, "audit", "export").stdout == before
