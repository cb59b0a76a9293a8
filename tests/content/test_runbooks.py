"""The runbooks that ship: they load against the installed levers, fit into 15 minutes, and what they name exists."""

from pathlib import Path

import pytest

from psfir.app.catalog import installed_catalog
from psfir.domain.budget import worst_case
from psfir.domain.modes import Mode, PlanCase
from psfir.domain.runbook import ApprovalRule, Runbook
from psfir.domain.system import Workspace
from psfir.loading.playbook import load_playbook
from psfir.loading.runbook import load_runbook
from psfir.loading.workspace import load_workspace

NAMES = tuple(f"support-assistant-{mode}" for mode in Mode)


@pytest.fixture(scope="module", params=NAMES)
def book(request: pytest.FixtureRequest, root: Path) -> Runbook:
    return load_runbook(root / "runbooks" / f"{request.param}.yaml", installed_catalog())


@pytest.fixture(scope="module")
def workspace(root: Path) -> Workspace:
    return load_workspace(root / "psfir" / "app" / "workspace" / "psfir.yaml")


def test_these_are_all_that_ship(root: Path) -> None:
    """No runbook ships that is tested neither here nor, if it is in reference/, beside this file."""
    assert {path.name for path in (root / "runbooks").iterdir()} == {"reference", *(f"{name}.yaml" for name in NAMES)}


def test_the_file_is_named_for_its_id(book: Runbook, root: Path) -> None:
    """What people see in the folder is what they type behind --runbook."""
    assert (root / "runbooks" / f"{book.id}.yaml").is_file()
    assert book.id == f"{book.system}-{book.mode}"


def test_each_plan_case_has_its_runbook(root: Path) -> None:
    """Together they cover harmful output, data leakage and model failure."""
    covered = [case for name in NAMES for case in load_runbook(root / "runbooks" / f"{name}.yaml").covers]
    assert set(covered) == set(PlanCase)


def test_each_mode_of_the_system_has_its_runbook(workspace: Workspace) -> None:
    """psfir.yaml names the runbook of every mode, so that no kill has to choose."""
    assert workspace.systems["support-assistant"].runbooks == {mode: f"support-assistant-{mode}" for mode in Mode}


def test_its_system_and_connections_are_those_of_the_template(book: Runbook, workspace: Workspace) -> None:
    """Nothing in it is missing from the psfir.yaml that init lays out."""
    assert book.system in workspace.systems
    rungs = [rung for step in book.steps for rung in step.ladder]
    named = {rung.connection for rung in rungs} | {use.connection for use in book.verify}
    named |= {use.connection for use in book.capture}
    assert named <= set(workspace.connections)


def test_its_playbook_covers_what_it_covers_first(book: Runbook, root: Path) -> None:
    """Whoever pulls it finds the playbook for its first case beside it."""
    playbook = load_playbook(root / "playbooks" / f"{book.playbook}.md")
    assert book.covers[0] in playbook.covers


def test_it_fits_into_fifteen_minutes_with_room(book: Runbook) -> None:
    """Its worst case is less than a quarter of the deadline that the framework sets."""
    budget = worst_case(book)
    assert book.deadline == 900
    assert budget.fits
    assert budget.total < book.deadline / 4


def test_every_ladder_has_a_second_rung_by_another_way(book: Runbook, workspace: Workspace) -> None:
    """No step rests on one vendor or one network."""
    for step in book.steps:
        ways = [workspace.connections[rung.connection] for rung in step.ladder]
        assert len({way.vendor for way in ways}) > 1, step.id
        assert len({way.network for way in ways}) > 1, step.id


def test_every_step_is_proven(book: Runbook) -> None:
    """Each thing that a step changes is looked at by a probe, several times in a row and through a soak."""
    pulled = {rung.target["switch"] for step in book.steps for rung in step.ladder}
    assert {use.target["switch"] for use in book.verify} == pulled
    assert all(use.times >= 5 and use.soak > 0 for use in book.verify)


def test_every_rung_gives_what_the_probes_expect(book: Runbook) -> None:
    """Whichever rung of a ladder holds, the probes of its switch find what they look for."""
    for use in book.verify:
        wanted = use.expect["state"]
        assert isinstance(wanted, dict)
        rungs = [r for s in book.steps for r in s.ladder if r.target["switch"] == use.target["switch"]]
        assert [rung for rung in rungs if not wanted.items() <= rung.set.items()] == []


def test_evidence_is_taken_in_seconds(book: Runbook) -> None:
    """There is evidence, and the kill never waits longer than five seconds for it."""
    assert book.capture
    assert max(use.within for use in book.capture) <= 5


def test_going_back_takes_two(book: Runbook) -> None:
    """One kills, two restore; a mistake may be taken back by one only where little is lost."""
    assert (book.approval.kill, book.approval.restore) == (1, ApprovalRule().restore) == (1, 2)
    assert bool(book.approval.mistake) == (book.mode is Mode.DEGRADE)


def test_it_teaches(root: Path) -> None:
    """At least one line in ten explains the others."""
    for name in NAMES:
        lines = (root / "runbooks" / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
        assert sum("#" in line for line in lines) >= len(lines) / 10, name
