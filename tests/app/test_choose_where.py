"""`--where KEY=VALUE`: which systems it finds, and what it says there is where it finds none."""

from dataclasses import replace
from pathlib import Path

import pytest

from psfir.app.choose import Aim, systems
from psfir.app.session import Session
from psfir.domain.system import System
from psfir.errors import UsageError
from tests.app.incident_kit import at_work, lay_out


@pytest.fixture
def session(tmp_path: Path) -> Session:
    known = (
        System("bot", "Bot", "alice", vendors=("acme", "zeta"), labels={"tier": "gold"}),
        System("search", "Search", "bob", vendors=("acme",), labels={"tier": "tin", "team": "find"}),
    )
    opened = at_work(lay_out(tmp_path))
    return replace(opened, workspace=replace(opened.workspace, systems={one.id: one for one in known}))


def found(session: Session, where: str) -> list[str]:
    return [system.id for system in systems(session, Aim(where=where))]


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("vendor=acme", ["bot", "search"]),
        ("vendor=zeta", ["bot"]),
        ("owner=bob", ["search"]),
        ("autonomy=supervised", ["bot", "search"]),
        ("tier=tin", ["search"]),
    ],
)
def test_systems_are_found_by_what_they_are_and_by_their_labels(session: Session, where: str, names: list[str]) -> None:
    """All that have it, in the order of psfir.yaml."""
    assert found(session, where) == names


@pytest.mark.parametrize(
    ("where", "says", "todo"),
    [
        ("vendor=acmee", "no system has vendor=acmee", "there is: acme, zeta"),
        ("tier=iron", "no system has tier=iron", "there is: gold, tin"),
        ("vendr=acme", "no system has the key 'vendr'", "there is: autonomy, owner, team, tier, vendor"),
        ("audience=all", "no system has the key 'audience'", "there is: autonomy, owner, team, tier, vendor"),
        ("acme", "--where 'acme' is not key=value", "for instance --where vendor=acme"),
    ],
)
def test_what_nobody_has_is_answered_with_what_there_is(session: Session, where: str, says: str, todo: str) -> None:
    """The values of a key that somebody has, else the keys; never a system that was not meant."""
    with pytest.raises(UsageError) as refused:
        found(session, where)
    assert (refused.value.what, refused.value.todo) == (says, todo)
