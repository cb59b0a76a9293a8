"""The psfir.yaml that init copies: people for every role, none of them real, and no secret."""

import json
import re
from pathlib import Path

import pytest

from psfir.domain.people import DEFAULT_ROLES, Deed
from psfir.domain.system import Workspace
from psfir.loading.workspace import load_workspace
from psfir.vendors.memory import Estate


@pytest.fixture(scope="module")
def template(root: Path) -> Path:
    return root / "psfir" / "app" / "workspace"


@pytest.fixture(scope="module")
def workspace(template: Path) -> Workspace:
    return load_workspace(template / "psfir.yaml")


def test_every_role_has_somebody(workspace: Workspace) -> None:
    """Each default role is somebody's, and nobody has more than one: so it shows who is for what."""
    roles = [role for person in workspace.team.people.values() for role in person.roles]
    assert sorted(roles) == sorted(DEFAULT_ROLES)


def test_nobody_is_real(workspace: Workspace) -> None:
    """Everybody is called Example and has an address that leads nowhere."""
    people = workspace.team.people.values()
    assert [person.id for person in people if not person.name.endswith(" Example")] == []
    assert [person.id for person in people if person.email != f"{person.id}@example.com"] == []


def test_a_restore_can_be_approved(workspace: Workspace) -> None:
    """At least two people may approve a restore, without the one who killed."""
    assert len(workspace.team.who_may(Deed.APPROVE_RESTORE)) >= 3


def test_the_owner_is_a_person_who_owns(workspace: Workspace) -> None:
    """The system's owner has the role of one, and it is agentic, so that lint asks for both kinds of work."""
    system = workspace.systems["support-assistant"]
    assert workspace.team.people[system.owner].roles == ("owner",)
    assert system.agentic


def test_there_is_no_secret_in_it(template: Path, workspace: Workspace) -> None:
    """Where a comment shows a token, it is a reference."""
    shown = re.findall(r"token: *(\S+)", (template / "psfir.yaml").read_text(encoding="utf-8"))
    assert shown == ["env:GATEWAY_TOKEN"]
    assert all(not connection.secrets for connection in workspace.connections.values())


def test_the_commented_connection_is_a_right_one(template: Path, tmp_path: Path) -> None:
    """Whoever takes the # away has a connection that loads."""
    text = (template / "psfir.yaml").read_text(encoding="utf-8")
    opened = re.sub(r"^  # (gateway:|  \w+: \S+)$", r"  \1", text, flags=re.MULTILINE)
    assert opened != text
    (tmp_path / "psfir.yaml").write_text(opened, encoding="utf-8")
    gateway = load_workspace(tmp_path / "psfir.yaml").connections["gateway"]
    assert (gateway.kind, dict(gateway.secrets)) == ("http", {"token": "env:GATEWAY_TOKEN"})


def test_the_estate_is_one_that_the_levers_read(template: Path, tmp_path: Path) -> None:
    """It is on, live and without faults, and byte for byte what the estate itself would lay out."""
    shipped = json.loads((template / "private" / "estate.json").read_text(encoding="utf-8"))
    names = {"support-assistant": 3, "support-assistant-agents": 2}
    about = {
        name: {"state": one["history"][0]["state"], "replicas": one["replicas"], "lag": one["lag"]}
        for name, one in shipped["switches"].items()
    }
    assert {name: len(one["replicas"]) for name, one in about.items()} == names
    made = Estate.create(tmp_path / "estate.json", about)
    again = json.loads(made.path.read_text(encoding="utf-8"))
    for switch in again["switches"].values():
        switch["history"][0]["at"] = 0.0
    assert {**again, "touched": 0.0} == shipped


def test_the_estate_is_on(template: Path, tmp_path: Path) -> None:
    """There is something to switch off: every replica answers live, with tools."""
    path = tmp_path / "estate.json"
    path.write_bytes((template / "private" / "estate.json").read_bytes())
    estate = Estate(path)
    assert {state["on"] for state in estate.served("support-assistant").values()} == {True}
    assert {state["answers"] for state in estate.served("support-assistant").values()} == {"live"}
    assert {state["tools"] for name in estate.switches() for state in estate.served(name).values()} == {True}
