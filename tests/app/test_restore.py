"""What a restore says while yeses are missing: how many, whose would do, and nobody who has spoken already."""

from dataclasses import replace
from pathlib import Path

import pytest

from psfir.app.approvals import count, unsigned
from psfir.app.restore import Restoring, check
from psfir.app.session import Session
from psfir.domain.approval import Approval
from psfir.domain.kinds import Kind
from psfir.domain.people import Actor, Identity
from psfir.domain.plan import Plan, Verb
from psfir.domain.wording import short
from psfir.errors import Refusal
from tests.app.incident_kit import at_work, lay_out, opened, plan, planned, ran

RESTORE = plan(Verb.RESTORE, containment="run-1")


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return at_work(lay_out(tmp_path))


def yes(session: Session, drawn: Plan, person: str) -> Approval:
    return replace(unsigned(session, drawn), actor=Actor(person, Identity.ASSERTED, f"{person}@box"))


def refusal(session: Session, drawn: Plan, *people: str, me: Session | None = None) -> Refusal:
    incident = planned(session, ran(session, opened(session), plan()), drawn)
    given = [yes(session, drawn, person) for person in people]
    session.record(*(session.draft(incident.id, Kind.APPROVED, {"approval": one.to_json()}) for one in given))
    known = session.incident(incident.id)
    asker = me or session
    with pytest.raises(Refusal) as refused:
        check(asker, Restoring(known, drawn, count(asker, known, plan=drawn)))
    return refused.value


def test_whoever_has_spoken_is_not_named(session: Session) -> None:
    """One yes is missing: the other person's."""
    said = refusal(session, RESTORE, "alice")
    assert said.what.startswith("1 more yes is needed before INC-")
    assert said.todo.startswith(f"bob (on_call) says: psfir approve {short(RESTORE.digest)}; then psfir restore INC-")


def test_more_than_one_is_counted_in_the_plural(session: Session) -> None:
    """Two are missing, and either may begin."""
    said = refusal(session, RESTORE)
    assert said.what.startswith("2 more yeses are needed")
    assert said.todo.startswith("alice (on_call, incident_commander) or bob (on_call) says: ")


def test_a_yes_from_the_same_login_is_told_to_sign(session: Session, tmp_path: Path) -> None:
    """Bob at alice's keyboard is not sent to approve without a key: that would be refused."""
    said = refusal(session, RESTORE, "alice", me=at_work(tmp_path, "bob", login="alice@box"))
    assert "yours does not count: it came from the same login as alice's" in said.what
    assert said.todo.startswith(f"psfir approve {short(RESTORE.digest)} --sign KEY; then")


def test_where_nobody_else_may_the_way_out_is_named(session: Session) -> None:
    """Both who may have spoken, and three are asked for."""
    said = refusal(session, plan(Verb.RESTORE, containment="run-1", restore=3), "alice", "bob")
    assert said.todo.startswith("nobody else may: ")
    assert "--break-glass" in said.todo
