"""What yeses come to: distinct people with the right, in time, for exactly this digest, signed where that is asked."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from psfir.app.approvals import count, needed, own_yes, unfit, unsigned
from psfir.app.session import Session
from psfir.domain.approval import Approval
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.people import Actor, Identity
from psfir.domain.plan import Plan, Verb
from tests.app.incident_kit import StandingClock, at_work, lay_out, opened, plan, planned, verified

KILL = plan(kill=2)
RESTORE = plan(Verb.RESTORE, containment="run-1")


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return at_work(lay_out(tmp_path))


def said(session: Session, incident: Incident, *approvals: Approval) -> Incident:
    session.record(*(session.draft(incident.id, Kind.APPROVED, {"approval": a.to_json()}) for a in approvals))
    return session.incident(incident.id)


def yes(session: Session, drawn: Plan, person: str, **fields: Any) -> Approval:
    actor = Actor(person, Identity.ASSERTED if person else Identity.UNVERIFIED, f"{person or 'nobody'}@box")
    return replace(unsigned(session, drawn), **{"actor": actor, **fields})


def why(session: Session, of: Plan, *approvals: Approval) -> list[str]:
    """The reasons of all that do not count."""
    incident = planned(session, opened(session), of)
    return [reason for _, reason in count(session, said(session, incident, *approvals), plan=of).ignored]


def test_a_kill_and_a_restore_need_what_the_runbook_says() -> None:
    """The verb picks the number."""
    assert (needed(KILL), needed(RESTORE)) == (2, 2)
    assert (needed(plan()), needed(plan(Verb.RESTORE, restore=3))) == (1, 3)


def test_two_people_restore(session: Session) -> None:
    """Two distinct people with the right are enough, and one is not."""
    incident = planned(session, opened(session), RESTORE)
    incident = said(session, incident, yes(session, RESTORE, "alice"))
    assert not count(session, incident, plan=RESTORE).enough
    incident = said(session, incident, yes(session, RESTORE, "bob"))
    assert count(session, incident, plan=RESTORE).enough


def test_the_same_person_or_login_counts_once(session: Session) -> None:
    """A second yes of one person, and a second name from one login, are ignored with the reason."""
    alice, bob = yes(session, RESTORE, "alice"), yes(session, RESTORE, "bob")
    same = replace(bob, actor=replace(bob.actor, login=alice.actor.login))
    assert why(session, RESTORE, alice, alice, same) == [
        "alice has said yes already",
        "came from the same login as alice's; sign one with an SSH key",
    ]


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ("carol", "carol may not approve restore"),
        ("zoe", "psfir.yaml does not name zoe"),
        ("", "psfir.yaml does not name who said it (login nobody@box)"),
    ],
)
def test_a_restore_counts_only_people_who_may(session: Session, person: str, reason: str) -> None:
    """Somebody without the right, somebody gone, and somebody unknown do not put anything back."""
    assert why(session, RESTORE, yes(session, RESTORE, person)) == [reason]


@pytest.mark.parametrize("person", ["", "dora", "carol"])
def test_whoever_presses_kill_counts_once(session: Session, person: str) -> None:
    """A kill switch asks for no papers: one yes counts from anybody, a second such one does not."""
    incident = said(session, planned(session, opened(session), KILL), yes(session, KILL, person))
    assert len(count(session, incident, plan=KILL).counted) == 1
    other = "dora" if person != "dora" else "carol"
    standing = count(session, said(session, incident, yes(session, KILL, other)), plan=KILL)
    assert len(standing.counted) == 1
    assert "only one such yes counts" in standing.ignored[0][1]
    assert count(session, said(session, incident, yes(session, KILL, "bob")), plan=KILL).enough


def test_a_yes_expires(session: Session) -> None:
    """After the runbook's time a yes is void, and says since when."""
    incident = said(session, planned(session, opened(session), KILL), yes(session, KILL, "alice"))
    late = replace(session, clock=StandingClock(session.clock.now() + timedelta(hours=1)))
    assert count(late, incident, plan=KILL).ignored[0][1] == "expired at 2026-11-21T04:12:00.000000Z"


def test_nobody_grants_themselves_more_time(session: Session) -> None:
    """A yes that is to last longer than the runbook allows, or comes from the future, is none."""
    now = session.clock.now()
    long = yes(session, KILL, "alice", expires=now + timedelta(days=900))
    early = yes(session, KILL, "bob", at=now + timedelta(hours=1), expires=now + timedelta(hours=2))
    assert why(session, KILL, long, early) == [
        "is meant to last longer than the runbook lets an approval last",
        "is dated in the future",
    ]


def test_a_yes_to_the_other_deed_is_none(session: Session) -> None:
    """A digest approved for a kill cannot be used to restore."""
    assert why(session, RESTORE, yes(session, RESTORE, "alice", of="kill")) == ["is a yes to kill, not to restore"]


def test_a_plan_that_changed_voids_its_yeses(session: Session) -> None:
    """The yes to an earlier drawing is shown with the reason; one to another system's plan is not."""
    incident = opened(session)
    elsewhere = plan(system="search")
    for one in (KILL, elsewhere):
        incident = planned(session, incident, one)
    changed = plan(after="gone", kill=2)
    incident = said(session, incident, yes(session, KILL, "alice"), yes(session, elsewhere, "bob"))
    standing = count(session, planned(session, incident, changed), plan=changed)
    assert standing.counted == ()
    assert [reason for _, reason in standing.ignored] == ["is for another digest: what was approved has changed since"]


def test_break_glass_is_enough_alone(session: Session) -> None:
    """One person with the right and a reason; without either it is none, and it never counts as pressing."""
    incident = planned(session, opened(session), RESTORE)
    broken = yes(session, RESTORE, "bob", break_glass=True, reason="nobody else is awake")
    assert count(session, said(session, incident, broken), plan=RESTORE).enough
    assert why(session, RESTORE, replace(broken, reason=" ")) == ["breaks the glass without a reason"]
    assert why(session, KILL, yes(session, KILL, "dora", break_glass=True, reason="x")) == ["dora may not break glass"]


def test_a_claimed_verification_without_a_signature_is_none(session: Session) -> None:
    """An entry cannot call itself verified."""
    forged = yes(session, RESTORE, "alice", actor=verified("alice"))
    assert why(session, RESTORE, forged) == ["calls alice verified and bears no signature"]


def test_a_runbook_that_asks_for_signatures_gets_them(session: Session) -> None:
    """With `signed`, an unsigned yes to a restore is none; that of whoever presses kill still is one."""
    strict = plan(Verb.RESTORE, signed=True)
    assert why(session, strict, yes(session, strict, "alice")) == [
        "is not signed, and runbook support-assistant-off asks for signed ones"
    ]
    pressed = plan(signed=True)
    incident = said(session, planned(session, opened(session), pressed), yes(session, pressed, "alice"))
    assert count(session, incident, plan=pressed).enough


def test_a_forged_signature_counts_for_nothing(session: Session) -> None:
    """Not even as the yes of whoever pressed kill."""
    forged = yes(session, KILL, "alice", signature="-----BEGIN SSH SIGNATURE-----\nAAAA\n", actor=verified("alice"))
    assert "signature does not hold" in why(session, KILL, forged)[0]


def test_the_yes_at_the_prompt(session: Session, tmp_path: Path) -> None:
    """It is an entry once; again it is nothing, nor for a restore that is not this person's to approve."""
    incident = planned(session, planned(session, opened(session), KILL), RESTORE)
    draft = own_yes(session, incident, KILL)
    assert draft is not None
    assert draft.kind is Kind.APPROVED
    session.record(draft)
    assert own_yes(session, session.incident(incident.id), KILL) is None
    for me in ("dora", ""):
        other = at_work(tmp_path, me)
        assert own_yes(other, incident, KILL) is not None
        assert own_yes(other, incident, RESTORE) is None


def test_what_makes_a_yes_unfit_is_said_beforehand(session: Session) -> None:
    """The same reasons without any count."""
    assert unfit(session, yes(session, RESTORE, "alice"), RESTORE) == ""
    assert unfit(session, yes(session, RESTORE, "carol"), RESTORE) == "carol may not approve restore"
