"""What people say of instants and duties: recorded with a reason, corrected and set aside, never taken out."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from psfir.app.clocks import Clockwork, been, clockwork, delay, moment, open_, record, set_aside, submitted
from psfir.app.erasing import erase
from psfir.app.incident_deeds import close, resolve
from psfir.app.overview import overview
from psfir.app.session import Session
from psfir.domain.incident import Incident
from psfir.errors import Refusal, UsageError
from psfir.review.clock import Fact
from psfir.review.clock_board import ClockRow, State, Timing
from tests.app.incident_kit import NOW, StandingClock, at_work, opened
from tests.app.legal_kit import emma, with_legal

HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOW)


@pytest.fixture
def session(tmp_path: Path, clock: StandingClock) -> Session:
    return emma(with_legal(tmp_path), clock)


def declared(session: Session, system: str = "support-assistant") -> Incident:
    return opened(at_work(session.root), system)


def row(session: Session, incident: Incident, name: str) -> ClockRow:
    return clockwork(session, incident).row(name)


def names(work: Clockwork) -> set[str]:
    return {row.clock.id for row in work.rows}


def test_what_may_run_is_what_fits_the_company(session: Session) -> None:
    """Of the system that the incident is about, and nothing that psfir.yaml rules out."""
    work = clockwork(session, declared(session))
    assert {"gdpr-33-1", "gdpr-34-1", "dora-5-1-a"} <= names(work)
    assert not {"gdpr-33-2", "eu-ai-73-2", "sec-8k-105", "nis2-23-4-a"} & names(work)
    assert {"eu-ai-73-2", "eu-ai-73-3", "eu-ai-73-4"} <= names(clockwork(session, declared(session, "search")))
    with pytest.raises(UsageError, match="asks for roles processor"):
        work.row("gdpr-33-2")


def test_nothing_alarms_that_nobody_opened(session: Session, clock: StandingClock) -> None:
    """It is proposed; a person says that it applies, and from then on it does."""
    incident = declared(session)
    record(session, incident, Fact.AWARE, at=NOW, why="the report was read")
    clock.at = NOW + 73 * HOUR
    found = row(session, incident, "gdpr-33-1")
    assert (found.state, found.timing, found.alarms) == (State.PROPOSED, Timing.OVERDUE, False)
    open_(session, incident, "gdpr-33-1", why="names were shown")
    found = row(session, incident, "gdpr-33-1")
    assert (found.state, found.timing, found.alarms) == (State.OPEN, Timing.OVERDUE, True)
    assert found.left == -3600


def test_a_correction_is_a_new_entry(session: Session, clock: StandingClock) -> None:
    """The last word counts, and every earlier one stays with who said it and why."""
    incident = declared(session)
    record(session, incident, Fact.AWARE, at=NOW, why="first guess")
    clock.at += HOUR
    record(session, incident, Fact.AWARE, at=NOW - HOUR, why="the mail was older")
    assert row(session, incident, "gdpr-33-1").due == NOW + 71 * HOUR
    work = clockwork(session, incident)
    assert [(said.at, said.by, said.why) for said in work.facts.instants["aware"]] == [
        (NOW, "asserted:emma", "first guess"),
        (NOW - HOUR, "asserted:emma", "the mail was older"),
    ]
    record(session, incident, Fact.AWARE, at=None, why="it was another incident")
    found = row(session, incident, "gdpr-33-1")
    assert (found.timing, found.due, found.waits_for) == (Timing.WAITS, None, ("aware",))


def test_the_reason_can_be_erased_and_the_instant_stays(session: Session) -> None:
    """What people typed stands in an entry of its own."""
    incident = declared(session)
    record(session, incident, Fact.AWARE, at=NOW, why="Jane Doe called")
    [said] = clockwork(session, incident).facts.instants["aware"]
    erase(session, [said.seq - 1], why="she asked")
    work = clockwork(session, incident)
    assert [(one.at, one.why) for one in work.facts.instants["aware"]] == [(NOW, "(erased)")]
    with pytest.raises(Refusal):
        erase(session, [said.seq], why="she asked")


def test_a_clock_that_was_set_aside_stays_in_sight(session: Session, clock: StandingClock) -> None:
    """With who and why; opened again, it runs again."""
    incident = declared(session)
    record(session, incident, Fact.AWARE, at=NOW, why="read")
    set_aside(session, incident, "gdpr-33-1", why="no data of people in it")
    found = row(session, incident, "gdpr-33-1")
    assert (found.state, found.timing, found.deeds.aside and found.deeds.aside.why) == (
        State.SET_ASIDE,
        Timing.STOPPED,
        "no data of people in it",
    )
    with pytest.raises(Refusal, match="set aside by asserted:emma already"):
        set_aside(session, incident, "gdpr-33-1", why="again")
    open_(session, incident, "gdpr-33-1", why="there is some after all")
    assert row(session, incident, "gdpr-33-1").state is State.OPEN


def test_a_report_that_went_out_starts_what_waits_for_it(session: Session, clock: StandingClock) -> None:
    """And an update of it is one more submission, not a second first one."""
    incident = declared(session)
    record(session, incident, Fact.AWARE, at=NOW, why="read")
    open_(session, incident, "dora-5-1-a", why="payments failed")
    assert row(session, incident, "dora-5-1-b").timing is Timing.WAITS
    clock.at = NOW + 25 * HOUR
    submitted(session, incident, "dora-5-1-a", at=NOW + 25 * HOUR, receipt="A-1")
    found = row(session, incident, "dora-5-1-a")
    assert (found.state, found.timing, found.late) == (State.SUBMITTED, Timing.DONE, True)
    assert row(session, incident, "dora-5-1-b").due == NOW + 97 * HOUR
    with pytest.raises(Refusal, match="was submitted at"):
        submitted(session, incident, "dora-5-1-a", at=clock.at)
    with pytest.raises(Refusal, match="nothing to update"):
        submitted(session, incident, "dora-5-1-b", at=clock.at, update=True)
    clock.at += HOUR
    submitted(session, incident, "dora-5-1-a", at=clock.at, update=True)
    assert row(session, incident, "dora-5-1-b").due == NOW + 97 * HOUR


def test_of_a_group_the_shortest_runs(session: Session, clock: StandingClock) -> None:
    """Of those that people opened: a proposal stops nothing."""
    incident = declared(session, "search")
    record(session, incident, Fact.AWARE, at=NOW, why="read")
    open_(session, incident, "eu-ai-73-2", why="somebody was harmed")
    assert row(session, incident, "eu-ai-73-2").timing is Timing.RUNNING
    open_(session, incident, "eu-ai-73-4", why="and died")
    found = row(session, incident, "eu-ai-73-2")
    assert (found.timing, found.behind, found.alarms) == (Timing.STOPPED, "eu-ai-73-4", False)
    set_aside(session, incident, "eu-ai-73-4", why="of something else")
    assert row(session, incident, "eu-ai-73-2").timing is Timing.RUNNING


def test_a_late_classification_is_no_missed_one(session: Session, clock: StandingClock) -> None:
    """The clock of 24 hours gives way to that of the classification."""
    incident = declared(session)
    record(session, incident, Fact.AWARE, at=NOW, why="read")
    open_(session, incident, "dora-5-1-a", why="payments failed")
    clock.at = NOW + 26 * HOUR
    assert row(session, incident, "dora-5-1-a").alarms
    record(session, incident, Fact.CLASSIFIED_MAJOR, at=clock.at, why="over the threshold")
    found = row(session, incident, "dora-5-1-a")
    assert (found.timing, found.behind) == (Timing.STOPPED, "dora-5-2")
    assert row(session, incident, "dora-5-2").due == NOW + 30 * HOUR


def test_what_is_due_at_once_is_due_for_so_long(session: Session, clock: StandingClock) -> None:
    """No countdown: how long it has been."""
    incident = declared(session)
    record(session, incident, Fact.HIGH_RISK_LIKELY, at=NOW, why="passwords")
    open_(session, incident, "gdpr-34-1", why="passwords")
    clock.at += 2 * HOUR
    found = row(session, incident, "gdpr-34-1")
    assert (found.timing, found.left, found.reckoned.immediate) == (Timing.DUE_NOW, -7200, True)
    submitted(session, incident, "gdpr-34-1", at=clock.at)
    assert not row(session, incident, "gdpr-34-1").late


def test_law_enforcement_may_delay_what_the_law_says_it_may(tmp_path: Path, clock: StandingClock) -> None:
    """By a document, until an end; the strict time stays in sight, and after the end it is due."""
    session = emma(with_legal(tmp_path), clock)
    incident = declared(session)
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"wait")
    record(session, incident, Fact.DISCOVERED, at=NOW, why="read")
    open_(session, incident, "hipaa-404", why="health data")
    until = NOW + timedelta(days=90)
    delay(session, incident, "hipaa-404", until=until, document=letter, why="an investigation")
    clock.at = NOW + timedelta(days=61)
    found = row(session, incident, "hipaa-404")
    assert (found.timing, found.due, found.reckoned.at) == (Timing.DELAYED, until, NOW + timedelta(days=60))
    clock.at = until
    assert row(session, incident, "hipaa-404").timing is Timing.OVERDUE
    with pytest.raises(Refusal, match="knows no delay"):
        delay(session, incident, "gdpr-33-1", until=until + HOUR, document=letter, why="x")
    with pytest.raises(UsageError, match="is over"):
        delay(session, incident, "hipaa-404", until=NOW, document=letter, why="x")
    with pytest.raises(UsageError, match="cannot be read"):
        delay(session, incident, "hipaa-404", until=until + HOUR, document=tmp_path / "gone", why="x")


def test_a_clock_that_changed_since_it_was_opened_says_so(session: Session) -> None:
    """The entry holds the digest of what was counted by."""
    incident = declared(session)
    open_(session, incident, "gdpr-33-1", why="names")
    assert not row(session, incident, "gdpr-33-1").stale
    shipped = Path(__file__).parents[2] / "psfir" / "review" / "clocks" / "gdpr-33-1.yaml"
    (session.root / "clocks").mkdir()
    text = shipped.read_text().replace("not later than 72 hours", "not later than 96 hours").replace("n: 72", "n: 96")
    (session.root / "clocks" / "gdpr-33-1.yaml").write_text(text)
    assert row(session, incident, "gdpr-33-1").stale


@pytest.mark.parametrize("why", ["", "  "])
def test_each_deed_needs_its_reason(session: Session, why: str) -> None:
    """An empty one is none, and nothing is recorded."""
    incident = declared(session)
    deeds: tuple[Callable[[], object], ...] = (
        lambda: record(session, incident, Fact.AWARE, at=NOW, why=why),
        lambda: open_(session, incident, "gdpr-33-1", why=why),
        lambda: set_aside(session, incident, "gdpr-33-1", why=why),
    )
    for deed in deeds:
        with pytest.raises(UsageError, match="needs a reason"):
            deed()
    work = clockwork(session, incident)
    assert (work.facts.instants, work.facts.clocks) == ({}, {})


def test_who_may_say_what(session: Session) -> None:
    """Whoever is at work may record and open; that a duty is none, legal says."""
    incident = declared(session)
    alice = at_work(session.root)
    record(alice, incident, Fact.AWARE, at=NOW, why="read")
    open_(alice, incident, "gdpr-33-1", why="names")
    deeds: tuple[Callable[[], object], ...] = (
        lambda: set_aside(alice, incident, "gdpr-33-1", why="no"),
        lambda: submitted(alice, incident, "gdpr-33-1", at=NOW),
    )
    for deed in deeds:
        with pytest.raises(Refusal, match="alice may not settle duty"):
            deed()
    with pytest.raises(Refusal):
        record(at_work(session.root, ""), incident, Fact.AWARE, at=NOW - HOUR, why="x")


def test_nothing_is_recorded_twice_or_before_it_was(session: Session) -> None:
    """The same instant again, one to come, a taking back of nothing."""
    incident = declared(session)
    with pytest.raises(UsageError, match="lies in the future"):
        record(session, incident, Fact.AWARE, at=NOW + HOUR, why="x")
    with pytest.raises(UsageError, match="lies in the future"):
        submitted(session, incident, "gdpr-33-1", at=NOW + HOUR)
    with pytest.raises(Refusal, match="never recorded"):
        record(session, incident, Fact.AWARE, at=None, why="x")
    record(session, incident, Fact.AWARE, at=NOW, why="x")
    with pytest.raises(Refusal, match="already"):
        record(session, incident, Fact.AWARE, at=NOW, why="x")


def test_the_analysis_is_among_the_clocks(session: Session, clock: StandingClock) -> None:
    """In the calendar of the system, from the resolution on."""
    incident = declared(session)
    assert clockwork(session, incident).analysis is None
    incident = resolve(at_work(session.root, clock=clock), incident)
    analysis = clockwork(session, incident).analysis
    assert analysis is not None
    due = analysis.due
    assert due is not None
    assert (due.day.isoformat(), due.calendar.identity.country) == ("2026-11-27", "DE")


def test_times_are_read_with_their_zone() -> None:
    """What has been as a span or an instant, what is to come as an instant."""
    assert been("", NOW) == NOW
    assert been("2h ago", NOW) == NOW - 2 * HOUR
    assert moment("2026-11-21T04:12:00+01:00") == NOW
    with pytest.raises(UsageError, match="no time with a zone"):
        moment("2026-11-21T04:12:00")


def test_what_is_due_is_in_the_overview_also_after_the_end(session: Session, clock: StandingClock) -> None:
    """A duty outlasts its incident; one that is not due yet waits for nobody."""
    alice = at_work(session.root, clock=clock)
    incident = declared(session)
    record(session, incident, Fact.AWARE, at=NOW, why="read")
    open_(session, incident, "gdpr-33-1", why="names")
    close(alice, resolve(alice, incident))
    assert not [one for one in overview(session).waiting if "gdpr" in one.what]
    clock.at = NOW + 73 * HOUR
    [found] = [one for one in overview(session).waiting if "gdpr" in one.what]
    assert found.what.startswith("gdpr-33-1 is overdue: Notify the supervisory authority")
    assert (found.command, found.mine) == (f"psfir clocks {incident.id}", True)
    [hers] = [one for one in overview(alice).waiting if "gdpr" in one.what]
    assert "emma" in hers.whom
    submitted(session, incident, "gdpr-33-1", at=clock.at)
    assert not [one for one in overview(session).waiting if "gdpr" in one.what]
