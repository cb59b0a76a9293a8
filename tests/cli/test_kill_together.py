"""Several people at one containment: who presses second, who restores meanwhile, who made a mistake."""

from __future__ import annotations

import json
from pathlib import Path

from tests.app.workspaces import RUNBOOK, SWITCHES, lay_out, psfir, result
from tests.cli.killing import PAUSE, start


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


def test_a_mistaken_kill_can_be_taken_back_by_one_person_where_allowed(tmp_path: Path) -> None:
    """`mistake: 10m` in the runbook; without it the sentence says so."""
    estate = lay_out(tmp_path, runbook=RUNBOOK.replace("restore: 1", "restore: 2"))
    assert psfir(tmp_path, "kill", "assistant", "--yes").returncode == 0
    assert psfir(tmp_path, "restore", "--yes").returncode == 3
    done = psfir(tmp_path, "restore", "--mistake", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert result(done)["restored"] is True
    assert estate.effects("gateway") == 2


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


def test_a_press_that_was_refused_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    """`kill: 2`, and nobody came: the next one to press is not told to wait for the one who has gone."""
    runbook = RUNBOOK.replace("kill: 1,", "kill: 2, within: 1s,")
    lay_out(tmp_path, runbook=runbook)
    first = psfir(tmp_path, "kill", "assistant", "--yes")
    again = psfir(tmp_path, "kill", "assistant", "--yes")
    assert (first.returncode, again.returncode) == (3, 3)
    assert "still being asked" not in again.stderr
    assert "1 of 2 people said yes" in again.stderr
