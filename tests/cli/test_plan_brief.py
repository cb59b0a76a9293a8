"""What `psfir kill` and `psfir restore` show before they ask: what happens, in a line or two a rung, and no more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from psfir.cli import planview
from psfir.domain.canon import Json
from psfir.domain.plan import Plan, PlannedRung, Verb
from tests.app.incident_kit import at_work, lay_out, plan
from tests.app.workspaces import lay_out as lay_out_tiny
from tests.app.workspaces import psfir

WHY = "connection flags: http://flags refused the connection (see whether it is up)"


def with_rungs(drawn: Plan, *rungs: PlannedRung) -> Plan:
    return replace(drawn, rungs=tuple(replace(one, index=number) for number, one in enumerate(rungs)))


def blind(drawn: Plan, why: str) -> PlannedRung:
    return replace(drawn.rungs[0], change=None, unreadable=why)


def test_a_kill_shows_each_rung_in_two_lines_and_no_permission(tmp_path: Path) -> None:
    """What changes, how long it may take and what stops; whoever wants to know what it takes says so."""
    lay_out_tiny(tmp_path)
    said = psfir(tmp_path, "kill", "assistant", stdin="").stdout
    assert "needs " not in said.replace("hits and needs", "")
    first, *_, last = said.splitlines()
    assert first == "kill assistant  (disable, runbook off)"
    assert "    2. memory.switch  switch=gateway  via estate   within 5s\n       on: true -> false   stops new" in said
    assert last == "  --details shows what each rung hits and needs"
    full = psfir(tmp_path, "kill", "assistant", "--details", stdin="").stdout
    assert "needs write on gateway" in full
    assert "plan 5s + " in full
    assert full in psfir(tmp_path, "plan", "assistant").stdout


def test_why_rungs_cannot_be_read_is_told_once(tmp_path: Path) -> None:
    """With all that is known of it, for something is in the way; the next rung says that it is the same."""
    drawn = plan()
    three = with_rungs(drawn, blind(drawn, WHY), blind(drawn, WHY), blind(drawn, "access denied: needs get on pods"))
    said = "\n".join(planview.brief(three, at_work(lay_out(tmp_path)).catalog))
    assert said.count(WHY) == 1
    assert said.count("cannot be read now either, will be tried all the same") == 1
    assert "needs get on pods" in said


def test_many_differences_are_counted_in_a_kill_and_told_in_a_restore(tmp_path: Path) -> None:
    """Two do for who wants it off; who wants it back is to see as much as who says yes elsewhere."""
    before: dict[str, Json] = dict.fromkeys("abcd", True)
    after: dict[str, Json] = dict.fromkeys("abcd", False)
    shown = {}
    for verb in Verb:
        drawn = plan(verb, containment="run-1" if verb is Verb.RESTORE else "")
        (rung,) = drawn.rungs
        assert rung.change is not None
        wide = with_rungs(drawn, replace(rung, change=replace(rung.change, before=before, after=after)))
        shown[verb] = planview.brief(wide, at_work(lay_out(tmp_path)).catalog)
    kill, restore = (next(line.strip() for line in shown[verb] if "a: " in line) for verb in Verb)
    assert kill.startswith("a: true -> false; b: true -> false; and 2 more   stops ")
    assert restore == "; ".join(f"{key}: false -> true" for key in "abcd")
    assert not any("--details" in line for line in shown[Verb.RESTORE])


def test_what_a_lever_warns_of_is_shown(tmp_path: Path) -> None:
    """It is about this night's world, and not about the lever."""
    drawn = plan()
    warned = with_rungs(drawn, replace(drawn.rungs[0], notes=("it is managed by Argo CD",)))
    assert "       note:  it is managed by Argo CD" in planview.brief(warned, at_work(lay_out(tmp_path)).catalog)
