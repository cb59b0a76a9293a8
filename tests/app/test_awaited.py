"""Whose yes is still waited for: named with what entitles them, told how, and nobody who has spoken already."""

from dataclasses import replace
from pathlib import Path

import pytest

from psfir.app.approvals import unsigned
from psfir.app.awaited import own_lack, whose
from psfir.app.kill import Order, press
from psfir.app.session import Session
from psfir.domain.approval import Approval
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.people import Actor, Identity
from psfir.domain.plan import Plan
from psfir.domain.wording import short
from psfir.errors import Refusal
from tests.app.incident_kit import at_work, lay_out, opened, plan, planned

KILL = plan(kill=2, within=0.5)
SIGNED = plan(kill=2, signed=True)
THREE = plan(kill=3)
D = short(KILL.digest)
GLASS = f"alice or bob breaks the glass: psfir approve {D} --break-glass --reason TEXT"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return at_work(lay_out(tmp_path))


def yes(session: Session, drawn: Plan, person: str, login: str = "") -> Approval:
    return replace(unsigned(session, drawn), actor=Actor(person, Identity.ASSERTED, login or f"{person}@box"))


def said(session: Session, drawn: Plan, *approvals: Approval) -> Incident:
    incident = planned(session, opened(session), drawn)
    session.record(*(session.draft(incident.id, Kind.APPROVED, {"approval": one.to_json()}) for one in approvals))
    return session.incident(incident.id)


def test_who_has_not_spoken_is_named_with_the_roles_that_entitle(session: Session) -> None:
    """Carol and dora may not, alice has spoken: bob is left."""
    incident = said(session, KILL, yes(session, KILL, "alice"))
    assert whose(session, incident, KILL) == f"bob (on_call) says: psfir approve {D}"
    incident = said(session, KILL)
    assert whose(session, incident, KILL).startswith("alice (on_call, incident_commander) or bob (on_call) says: ")


def test_a_seat_in_the_incident_is_said_first(session: Session) -> None:
    """It is by the seat that they are called on the line."""
    incident = said(session, KILL, yes(session, KILL, "alice"))
    session.record(session.draft(incident.id, Kind.SEATED, {"seat": "ops_lead", "person": "bob"}))
    assert whose(session, session.incident(incident.id), KILL).startswith("bob (ops_lead, on_call) says: ")


def test_where_signatures_are_asked_for_the_command_has_one(session: Session) -> None:
    """A plain yes would be refused."""
    incident = said(session, SIGNED, yes(session, SIGNED, "alice"))
    assert whose(session, incident, SIGNED) == f"bob (on_call) says: psfir approve {short(SIGNED.digest)} --sign KEY"


def test_a_yes_that_lacks_a_signature_is_told_so(session: Session) -> None:
    """Bob spoke from alice's login: it is his own yes that he can mend."""
    incident = said(session, KILL, yes(session, KILL, "alice"), yes(session, KILL, "bob", "alice@box"))
    lacks = "bob, whose yes came from the same login as alice's; sign one with an SSH key"
    assert whose(session, incident, KILL) == f"{lacks}: psfir approve {D} --sign KEY"


def test_whoever_asks_is_told_what_their_own_yes_lacks(session: Session, tmp_path: Path) -> None:
    """Bob at alice's keyboard signs; nobody else need be asked."""
    bob = at_work(tmp_path, "bob", login="alice@box")
    incident = said(session, KILL, yes(session, KILL, "alice"))
    assert own_lack(bob, incident, KILL).startswith("; yours does not count: it came from the same login as alice's")
    assert whose(bob, incident, KILL) == f"psfir approve {D} --sign KEY"
    assert own_lack(session, incident, KILL) == ""


def test_where_too_few_are_left_the_way_out_is_named(session: Session) -> None:
    """Three are asked for, and two may."""
    digest = short(THREE.digest)
    glass = GLASS.replace(D, digest)
    incident = said(session, THREE)
    assert whose(session, incident, THREE).endswith(f"; or too few may: name somebody in psfir.yaml; or {glass}")
    incident = said(session, THREE, yes(session, THREE, "alice"), yes(session, THREE, "bob"))
    assert whose(session, incident, THREE) == f"nobody else may: name somebody in psfir.yaml; or {glass}"


def test_whoever_presses_is_told_who_can_help(session: Session) -> None:
    """Once while it waits, and when nobody came with the way of breaking the glass."""
    told: list[str] = []
    with pytest.raises(Refusal) as refused:
        press(session, [KILL], Order(waiting=told.append))
    assert told == [f"1 of 2 people have said yes; bob (on_call) says: psfir approve {D}"]
    assert refused.value.what == "1 of 2 people said yes within the runbook's share for approval"
    assert refused.value.todo == f"bob (on_call) says: psfir approve {D}; or {GLASS}; then kill again"
