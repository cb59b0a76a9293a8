"""`psfir kill` as a person types it, and what it ends with: real processes, a real record, the tiny estate."""

from __future__ import annotations

import json
from pathlib import Path

from tests.app.workspaces import RUNBOOK, SWITCHES, lay_out, psfir, result
from tests.cli.killing import TWO_RUNGS, events


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


def test_the_record_is_one_file_when_it_has_ended(tmp_path: Path) -> None:
    """Whoever copies that one file has all of it."""
    lay_out(tmp_path)
    assert psfir(tmp_path, "kill", "assistant", "--yes").returncode == 0
    assert [file.name for file in (tmp_path / ".psfir").glob("record*")] == ["record.sqlite3"]


def test_the_stream_is_json_lines_that_end_with_the_result(tmp_path: Path) -> None:
    """Every line is an object with an event; the last one is the result with its schema."""
    lay_out(tmp_path)
    told = events(psfir(tmp_path, "kill", "assistant", "--yes", "--json"))
    assert told[0]["event"] == "plan"
    assert {one["event"] for one in told[1:-1]} == {"entry"}
    last = told[-1]
    assert (last["event"], last["schema"], last["verdict"]) == ("result", "psfir.out.kill/1", "contained")
    assert set(last) == {
        "event",
        "schema",
        "incident",
        "verdict",
        "exit",
        "runs",
        "left_out",
        "standing",
        "next",
        "head",
    }
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


def test_what_comes_next_is_only_what_this_person_may_do(tmp_path: Path) -> None:
    """An on-call who has restored is told who resolves; a program is handed no command it would be refused."""
    lay_out(tmp_path)
    assert psfir(tmp_path, "kill", "assistant", "--yes").returncode == 0
    restored = psfir(tmp_path, "restore", "--yes")
    incident = restored.stdout.split("psfir incident resolve ")[1].split()[0]
    assert f"    ask lee (incident_commander): psfir incident resolve {incident}\n" in restored.stdout
    (tmp_path / "other").mkdir()
    lay_out(tmp_path / "other")
    killed = psfir(tmp_path / "other", "kill", "assistant", "--yes", "--json", "--name", "Eve", "--reason", "x", me="")
    assert [word.split()[1] for word in result(killed)["next"]] == ["incident"]
    assert psfir(tmp_path / "other", "restore", "--yes", "--json").returncode == 0
