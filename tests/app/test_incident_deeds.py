"""What may be done with an incident from which status, by whom, and what it leaves in the record."""

from collections.abc import Callable
from pathlib import Path

import pytest

from psfir.app import incident_deeds as deeds
from psfir.app.incident_deeds import ALLOWED, NEEDS, Step
from psfir.app.session import Session
from psfir.domain.incident import Incident, Status
from psfir.domain.modes import Severity
from psfir.domain.people import Seat
from psfir.domain.verdict import Verdict
from psfir.errors import Refusal, UsageError
from tests.app.incident_kit import at_work, lay_out, opened, plan, put_back, ran

Do = Callable[[Session, Incident], Incident]

DO: dict[Step, Do] = {
    Step.NOTE: lambda s, i: deeds.note(s, i, "hm"),
    Step.SEAT: lambda s, i: deeds.seat(s, i, seat=Seat.SCRIBE, person="bob"),
    Step.SEVERITY: lambda s, i: deeds.severity(s, i, Severity.SEV4),
    Step.MERGE: lambda s, i: deeds.merge(s, i, into=opened(s, "search")),
    Step.FALSE_ALARM: deeds.false_alarm,
    Step.HAND_OVER: lambda s, i: deeds.hand_over(s, i, to="bob"),
    Step.RESOLVE: deeds.resolve,
    Step.CLOSE: deeds.close,
    Step.REOPEN: deeds.reopen,
}

BRING: dict[Status, Do] = {
    Status.OPEN: lambda _, i: i,
    Status.RESOLVED: deeds.resolve,
    Status.CLOSED: lambda s, i: deeds.close(s, deeds.resolve(s, i)),
    Status.FALSE_ALARM: deeds.false_alarm,
    Status.MERGED: lambda s, i: deeds.merge(s, i, into=opened(s, "search")),
}


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return at_work(lay_out(tmp_path))


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("step", list(Step))
def test_each_step_is_allowed_from_its_statuses_only(session: Session, step: Step, status: Status) -> None:
    """The table of statuses is what happens, and a refusal records nothing and says what to do."""
    incident = BRING[status](session, opened(session))
    assert incident.status is status
    entries = len(list(session.journal.read(incident.id)))
    if status in ALLOWED[step]:
        assert DO[step](session, incident) == session.incident(incident.id)
        return
    with pytest.raises(Refusal, match="is not for that") as refused:
        DO[step](session, incident)
    assert refused.value.todo
    assert len(list(session.journal.read(incident.id))) == entries


@pytest.mark.parametrize("step", list(Step))
def test_each_step_needs_its_right(session: Session, tmp_path: Path, step: Step) -> None:
    """Somebody unknown can do none of it; somebody known whose role lacks the deed is told who may."""
    incident = opened(session)
    with pytest.raises(Refusal, match="does not know you"):
        DO[step](at_work(tmp_path, ""), incident)
    dora = at_work(tmp_path, "dora")
    if dora.workspace.team.may(dora.actor, NEEDS[step]):
        return
    with pytest.raises(Refusal, match="dora may not") as refused:
        DO[step](dora, incident)
    assert "alice" in refused.value.todo


def test_every_step_has_its_rows() -> None:
    """No step is without statuses, a right, or a case of these tests."""
    assert set(ALLOWED) == set(NEEDS) == set(DO) == set(Step)
    assert set(BRING) == set(Status)


def test_a_note_stays_as_it_was_typed(session: Session) -> None:
    """Only the space around it goes, and nothing is not a note."""
    incident = deeds.note(session, opened(session), "  two  words\nand a line\n")
    assert incident.notes[-1].text == "two  words\nand a line"
    with pytest.raises(UsageError, match="empty note"):
        deeds.note(session, incident, " \n ")


def test_a_seat_is_for_people_psfir_yaml_names(session: Session) -> None:
    """A name that is nobody's is refused with the near miss."""
    with pytest.raises(UsageError, match="did you mean alice"):
        deeds.seat(session, opened(session), seat=Seat.SCRIBE, person="alicia")


def test_the_same_again_is_refused(session: Session) -> None:
    """A severity or a seat that is so already leaves no second line."""
    incident = opened(session)
    with pytest.raises(Refusal, match="sev2 already"):
        deeds.severity(session, incident, Severity.SEV2)
    incident = deeds.hand_over(session, incident, to="bob")
    with pytest.raises(Refusal, match="commander already"):
        deeds.hand_over(session, incident, to="bob")


def test_handing_over_seats_the_other(session: Session) -> None:
    """The seat and the hand-over are both in the record."""
    incident = deeds.hand_over(session, opened(session), to="bob", seat=Seat.OPS_LEAD)
    assert incident.seats == {Seat.OPS_LEAD: "bob"}
    kinds = [entry.kind for entry in session.journal.read(incident.id)]
    assert kinds[-2:] == ["incident.seated", "incident.handed_over"]


def test_merging_carries_the_systems_over(session: Session) -> None:
    """The other incident is about them from now on, and says where they came from."""
    one, other = opened(session, "support-assistant"), opened(session, "search")
    merged = deeds.merge(session, one, into=other)
    assert (merged.status, merged.merged_into) == (Status.MERGED, other.id)
    other = session.incident(other.id)
    assert other.systems == ("search", "support-assistant")
    assert one.id in (other.notes[-1].text or "")


def test_what_stands_is_not_merged_away(session: Session) -> None:
    """An incident with changes that stand stays, since they are put back from its record."""
    one, other = ran(session, opened(session), plan()), opened(session, "search")
    with pytest.raises(Refusal, match="1 changes still stand") as refused:
        deeds.merge(session, one, into=other)
    assert f"merge {other.id} into {one.id}" in refused.value.todo
    with pytest.raises(UsageError, match="itself"):
        deeds.merge(session, one, into=one)
    with pytest.raises(Refusal, match="is resolved"):
        deeds.merge(session, other, into=deeds.resolve(session, one))


def test_a_false_alarm_leaves_nothing_off(session: Session) -> None:
    """It is refused while a change stands or a run goes on, and allowed once all is put back."""
    incident = ran(session, opened(session), plan(), end=False)
    with pytest.raises(Refusal, match="a run that has not ended"):
        deeds.false_alarm(session, incident)
    incident = ran(session, opened(session, "search"), plan(), "run-2")
    with pytest.raises(Refusal, match="still stand"):
        deeds.false_alarm(session, incident)
    assert deeds.false_alarm(session, put_back(session, incident, "run-2")).status is Status.FALSE_ALARM


@pytest.mark.parametrize("verdict", ["partial", "not_contained", "unknown"])
def test_resolving_without_containment_needs_a_reason(session: Session, verdict: str) -> None:
    """A verdict that is not contained refuses; `anyway` goes through, and stays loud in the record."""
    incident = ran(session, opened(session), plan(), verdict=verdict)
    with pytest.raises(Refusal, match=f"the verdict is {verdict.replace('_', ' ')}") as refused:
        deeds.resolve(session, incident)
    assert "--anyway" in refused.value.todo
    with pytest.raises(Refusal):
        deeds.resolve(session, incident, anyway="   ")
    incident = deeds.resolve(session, incident, anyway="the vendor took it down")
    assert incident.status is Status.RESOLVED
    entry = list(session.journal.read(incident.id))[-1]
    assert entry.data == {"verdict": verdict, "anyway": True}
    assert "resolved although the verdict is" in (incident.notes[-1].text or "")


def test_resolving_during_a_run_is_refused(session: Session) -> None:
    """Nobody says it is over while levers are being pulled."""
    with pytest.raises(Refusal, match="run run-1 has not ended"):
        deeds.resolve(session, ran(session, opened(session), plan(), end=False))


def test_a_contained_incident_resolves_with_a_word_to_spare(session: Session) -> None:
    """`anyway` without need is no stain: it is recorded only where something spoke against it."""
    incident = deeds.resolve(session, ran(session, opened(session), plan()), anyway="to be sure")
    entry = list(session.journal.read(incident.id))[-1]
    assert entry.data == {"verdict": "contained", "anyway": False}
    assert incident.notes == ()
    assert incident.resolved_at == entry.at


def test_a_restored_incident_resolves(session: Session) -> None:
    """Once all is put back no verdict stands in the way, whatever the kill came to."""
    incident = put_back(session, ran(session, opened(session), plan(), verdict="partial"))
    assert incident.verdict is None
    assert deeds.resolve(session, incident).status is Status.RESOLVED


def test_a_verdict_stays_while_something_stands(session: Session) -> None:
    """A restore of one run says nothing about another's."""
    incident = ran(session, opened(session), plan(), verdict="partial")
    incident = ran(session, incident, plan(system="search"), "run-2", verdict="contained")
    assert put_back(session, incident, "run-2").verdict is Verdict.PARTIAL


def test_closing_over_what_stands_needs_a_reason(session: Session) -> None:
    """What psfir switched off for good is said so, else it would be forgotten."""
    incident = deeds.resolve(session, ran(session, opened(session), plan()))
    with pytest.raises(Refusal, match=r"1 changes still stand \(memory.switch\)"):
        deeds.close(session, incident)
    closed = deeds.close(session, incident, anyway="the assistant is retired")
    assert closed.status is Status.CLOSED
    assert (closed.notes[-1].text or "").endswith("the assistant is retired")


def test_the_incident_meant_is_the_only_one_that_fits(session: Session) -> None:
    """Without a word a step goes to the one incident it is for; where two could be meant, both are named."""
    first = deeds.resolve(session, opened(session))
    assert deeds.pick(session, "", Step.CLOSE).id == first.id
    assert deeds.pick(session, "", Step.REOPEN).id == first.id
    second = opened(session, "search")
    assert deeds.pick(session, "", Step.NOTE).id == second.id
    assert deeds.pick(session, first.id[-6:], Step.NOTE).id == first.id
    third = opened(session, "search")
    with pytest.raises(UsageError, match="2 incidents") as refused:
        deeds.pick(session, "", Step.NOTE)
    assert second.id in refused.value.todo
    assert third.id in refused.value.todo
