"""What waits for whom, and the one command to type next."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from psfir.app.approve import Yes, find, give
from psfir.app.carry import new_owner, run_lease
from psfir.app.incident_deeds import close, resolve, seat
from psfir.app.overview import nowhere, overview
from psfir.app.session import Session
from psfir.domain.modes import PlanCase
from psfir.domain.people import Seat
from psfir.domain.plan import Verb
from tests.app.incident_kit import StandingClock, at_work, lay_out, opened, plan, planned, put_back, ran
from tests.app.test_playbook import TEXT

RESTORE = plan(Verb.RESTORE, containment="run-1")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return lay_out(tmp_path)


@pytest.fixture
def session(root: Path) -> Session:
    return at_work(root)


def test_a_quiet_day(session: Session) -> None:
    """Nothing open, nothing waiting, and how to kill."""
    seen = overview(session)
    assert (seen.open, seen.left, seen.running, seen.waiting) == ((), (), (), ())
    assert seen.next == "psfir kill SYSTEM"


def test_an_open_incident_is_looked_at_next(session: Session) -> None:
    """With nothing to do the next command shows it."""
    incident = opened(session)
    assert overview(session).next == f"psfir incident show {incident.id}"


def test_a_run_nobody_is_at_work_on_comes_first(session: Session) -> None:
    """A dead run is to be resumed before anything else; one with a lease is at work."""
    incident = ran(session, opened(session), plan(), verdict="partial", end=False)
    seen = overview(session)
    assert [one.alive for one in seen.running] == [False]
    assert seen.next == f"psfir resume {incident.id}"
    assert session.leases is not None
    assert session.leases.acquire(run_lease("run-1"), new_owner(), ttl=5.0)
    assert [one.alive for one in overview(session).running] == [True]
    assert [one.alive for one in overview(replace(session, leases=None)).running] == [None]


@pytest.mark.parametrize(
    ("verdict", "command"),
    [("partial", "psfir verify"), ("not_contained", "psfir verify"), ("unknown", "psfir verify")],
)
def test_what_is_not_contained_comes_next(session: Session, verdict: str, command: str) -> None:
    """With no rung left to climb, the effect is to be looked at again."""
    incident = ran(session, opened(session), plan(), verdict=verdict)
    assert overview(session).next == f"{command} {incident.id}"


def test_rungs_that_are_left_are_climbed(session: Session) -> None:
    """A partial verdict with rungs not pulled leads to --climb."""
    drawn = plan()
    longer = replace(drawn, rungs=(*drawn.rungs, replace(drawn.rungs[0], index=1)))
    incident = ran(session, opened(session), longer, verdict="partial")
    assert overview(session).next == f"psfir kill --climb --incident {incident.id}"


def test_a_soak_that_was_left_is_to_be_watched(session: Session) -> None:
    """Until somebody has, also of a resolved incident; what was put back meanwhile needs no watching."""
    incident = ran(session, opened(session), plan(), soaked=False)
    seen = overview(session)
    assert seen.waiting[0].what == "it is contained, and the soak was not watched to its end"
    assert seen.next == f"psfir verify {incident.id}"
    resolve(session, incident)
    assert overview(session).next == f"psfir verify {incident.id}"
    put_back(session, session.incident(incident.id))
    assert overview(session).next == f"psfir incident close {incident.id}"


def test_a_restore_is_never_the_next_thing_in_an_open_incident(session: Session) -> None:
    """That it is safe again is for people to say; what stands in a resolved incident is to be put back."""
    incident = ran(session, opened(session), plan())
    seen = overview(session)
    assert [one.command for one in seen.waiting] == [f"psfir restore {incident.id}"]
    assert seen.next == f"psfir incident show {incident.id}"
    resolve(session, incident)
    seen = overview(session)
    assert (seen.open, [one.id for one in seen.left]) == ((), [incident.id])
    assert seen.next == f"psfir restore {incident.id}"
    put_back(session, session.incident(incident.id))
    assert overview(session).next == f"psfir incident close {incident.id}"
    close(session, session.incident(incident.id))
    assert overview(session).left == ()


def test_what_is_all_put_back_is_resolved_and_then_closed(session: Session, root: Path) -> None:
    """Before any due step; it stays in sight until it is closed, and waits for those who may."""
    (root / "playbooks").mkdir()
    (root / "playbooks" / "harmful-output.md").write_text(TEXT)
    incident = put_back(session, ran(session, opened(session), plan()))
    late = StandingClock(session.clock.now() + timedelta(hours=5))
    seen = overview(at_work(root, clock=late))
    assert seen.next == f"psfir incident resolve {incident.id}"
    assert [one.mine for one in overview(at_work(root, "carol")).waiting] == [False]
    resolve(session, incident)
    seen = overview(at_work(root, clock=late))
    assert [one.id for one in seen.left] == [incident.id]
    assert seen.next == f"psfir incident close {incident.id}"


def test_three_due_steps_of_one_playbook_are_enough(session: Session, root: Path) -> None:
    """The others are counted, with where to read them; a playbook that only covers the case stays away."""
    (root / "playbooks").mkdir()
    step = "- [ ] step-{0} | scribe | due 1m | Do {0}\n"
    head, details = TEXT.split("- [ ]", 1)[0], "## Details\n"
    text = head + "".join(step.format(n) for n in range(5)) + "\n" + details
    text += "".join(f"\n### step-{n}\n\nDo it.\n" for n in range(5))
    (root / "playbooks" / "harmful-output.md").write_text(text)
    (root / "playbooks" / "other.md").write_text(text.replace("id: harmful-output", "id: other"))
    incident = planned(session, opened(session, case=PlanCase.HARMFUL_OUTPUT), plan())
    clock = StandingClock(session.clock.now() + timedelta(minutes=5))
    waiting = overview(at_work(root, clock=clock)).waiting
    assert [one.what for one in waiting] == [
        *(f"due, for scribe: Do {n}" for n in range(3)),
        "and 2 more that are due",
    ]
    assert waiting[-1].command == f"psfir playbook show harmful-output --incident {incident.id}"


def test_the_kill_is_not_asked_for_after_the_kill(session: Session, root: Path) -> None:
    """What psfir saw done nobody needs to tick."""
    (root / "playbooks").mkdir()
    (root / "playbooks" / "harmful-output.md").write_text(TEXT)
    ran(session, opened(session), plan())
    clock = StandingClock(session.clock.now() + timedelta(minutes=20))
    due = [one.what for one in overview(at_work(root, clock=clock)).waiting if one.what.startswith("due")]
    assert due == ["due, for comms lead: Say something true"]


def test_an_approval_waits_for_those_who_may_and_have_not(session: Session, root: Path) -> None:
    """It is mine until I have said yes, somebody else's where I may not, and gone once there are enough."""
    planned(session, ran(session, opened(session), plan()), RESTORE)

    def mine(me: str) -> list[bool]:
        return [one.mine for one in overview(at_work(root, me)).waiting if "yeses" in one.what]

    assert (mine("alice"), mine("bob"), mine("carol"), mine("")) == ([True], [True], [False], [False])
    give(session, find(session, RESTORE.digest), Yes())
    assert (mine("alice"), mine("bob")) == ([False], [True])
    assert overview(at_work(root, "bob")).next.startswith("psfir approve ")
    bob = at_work(root, "bob")
    give(bob, find(bob, RESTORE.digest), Yes())
    assert mine("alice") == mine("bob") == []


def test_a_restore_waits_on_in_a_resolved_incident(session: Session, root: Path) -> None:
    """Resolving takes no yes away and hides none that is missing; once nothing stands there is nothing to wait for."""
    incident = planned(session, ran(session, opened(session), plan()), RESTORE)
    planned(session, incident, plan(kill=2, after="elsewhere"))
    resolve(session, incident)

    def yeses() -> list[str]:
        return [one.what for one in overview(session).waiting if "yeses" in one.what]

    assert yeses() == ["the restore of support-assistant has 0 of 2 yeses"]
    give(session, find(session, RESTORE.digest), Yes())
    assert yeses() == ["the restore of support-assistant has 1 of 2 yeses"]
    put_back(session, session.incident(incident.id))
    assert yeses() == []


def test_a_kill_for_one_waits_for_nobody(session: Session) -> None:
    """A plan that was drawn and not carried out is no approval to gather where one yes is enough."""
    planned(session, opened(session), plan())
    assert overview(session).waiting == ()


def test_due_steps_wait_for_the_seat(session: Session, root: Path) -> None:
    """A seat that nobody holds is everybody's; a held one is its holder's."""
    (root / "playbooks").mkdir()
    (root / "playbooks" / "harmful-output.md").write_text(TEXT)
    incident = planned(session, opened(session), plan())
    clock = StandingClock(session.clock.now() + timedelta(minutes=5))
    due = overview(at_work(root, clock=clock))
    assert due.next == f"psfir playbook tick harmful-output kill-first --incident {incident.id}"
    seat(session, incident, seat=Seat.OPS_LEAD, person="bob")
    assert [one.mine for one in overview(at_work(root, clock=clock)).waiting] == [False]
    assert [one.mine for one in overview(at_work(root, "bob", clock=clock)).waiting] == [True]


def test_nowhere_is_no_workspace_and_no_word_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A named workspace that is missing is an error further on, not nowhere."""
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert nowhere({})
    assert not nowhere({"PSFIR_WORKSPACE": "gone"})
    lay_out(tmp_path)
    assert not nowhere({})
