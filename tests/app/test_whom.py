"""Whoever may not do what comes next is told whom to ask, and never to do it."""

from dataclasses import replace
from pathlib import Path

import pytest

from psfir.app.incident_deeds import resolve, seat
from psfir.app.overview import overview
from psfir.app.session import Session
from psfir.app.whom import whom
from psfir.domain.people import Deed, Person, Seat, Team
from psfir.domain.plan import Verb
from tests.app.incident_kit import at_work, lay_out, opened, plan, planned, put_back, ran


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return lay_out(tmp_path)


@pytest.fixture
def session(root: Path) -> Session:
    return at_work(root)


def test_whoever_may_do_it_asks_nobody(root: Path, session: Session) -> None:
    """Anybody may kill; somebody psfir does not know may do nothing else."""
    incident = opened(session)
    assert whom(session, incident, Deed.RESOLVE) == ""
    assert whom(at_work(root, ""), incident, Deed.KILL) == ""
    assert whom(at_work(root, ""), incident, Deed.RESOLVE) == "ask alice (incident_commander)"


def test_those_with_a_seat_are_named_first(root: Path, session: Session) -> None:
    """With their seat, and of their roles those that entitle."""
    incident = seat(session, opened(session), seat=Seat.COMMANDER, person="bob")
    said = whom(at_work(root, "dora"), incident, Deed.RESTORE)
    assert said == "ask bob (commander, on_call) or alice (on_call, incident_commander)"


def test_who_has_done_their_part_is_not_asked_again(session: Session) -> None:
    """Nor may they do it a second time themselves."""
    incident = opened(session)
    assert whom(session, incident, Deed.APPROVE_RESTORE, but=["alice"]) == "ask bob (on_call)"
    nobody = whom(session, incident, Deed.RESOLVE, but=["alice"])
    assert nobody == "nobody else may resolve: name somebody in psfir.yaml"


def test_of_many_three_are_named(session: Session) -> None:
    """The others are counted: a line is read at three in the morning."""
    people = {name: Person(name, name, ("owner",)) for name in "vwxyz"}
    crowd = replace(session, workspace=replace(session.workspace, team=Team(people)))
    said = whom(crowd, opened(session), Deed.RESOLVE)
    assert said == "ask v (owner) or w (owner) or x (owner) or 2 more"


def test_nobody_is_told_to_do_what_is_not_theirs(root: Path, session: Session) -> None:
    """An auditor to restore, an on-call to resolve or to close: each is told whom to ask, and has another next."""
    incident = ran(session, opened(session), plan())
    resolve(session, incident)
    seen = overview(at_work(root, "dora"))
    restore, analysis = seen.waiting
    assert restore.whom == "ask alice (on_call, incident_commander) or bob (on_call)"
    assert (analysis.whom, analysis.command) == ("", f"psfir rca new {incident.id}")
    assert "restore" not in seen.next
    put_back(session, session.incident(incident.id))
    seen = overview(at_work(root, "bob"))
    assert [(one.command, one.whom) for one in seen.waiting] == [
        (f"psfir incident close {incident.id}", "ask alice (incident_commander)"),
        (f"psfir rca new {incident.id}", "ask dora (auditor)"),
    ]
    assert "close" not in seen.next


def test_a_restore_that_stopped_half_way_is_carried_on_by_who_may_restore(root: Path, session: Session) -> None:
    """A kill may be carried on by anybody."""
    incident = ran(session, opened(session), plan(), verdict="partial", end=False)
    assert overview(at_work(root, "dora")).next == f"psfir resume {incident.id}"
    other = ran(session, opened(session, "search"), plan(system="search"), "run-2")
    back = plan(Verb.RESTORE, system="search", containment="run-2")
    ran(session, planned(session, other, back), back, "back-2", end=False)
    asked = {one.command: one.whom for one in overview(at_work(root, "dora")).waiting}
    assert asked[f"psfir resume {incident.id}"] == ""
    assert asked[f"psfir resume {other.id}"].startswith("ask alice")
