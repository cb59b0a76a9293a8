"""The five business days are in sight wherever somebody looks: near, nearer, too late, and how late it came."""

from datetime import timedelta
from pathlib import Path

import click
import pytest

from psfir.app.analysis import awaited
from psfir.app.incident_deeds import close, reopen, resolve
from psfir.app.incident_view import summary, to_json
from psfir.app.overview import overview
from psfir.app.session import Session
from psfir.cli.incident_page import head
from psfir.domain.canon import Json
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from tests.app.incident_kit import NOW, StandingClock, at_work, lay_out, opened


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def session(tmp_path: Path, clock: StandingClock) -> Session:
    return at_work(lay_out(tmp_path), clock=clock)


@pytest.fixture
def incident(session: Session) -> Incident:
    """Resolved on Saturday 21 November 2026: due by the end of Friday."""
    return close(session, resolve(session, opened(session)))


def publish(session: Session, incident: Incident, late: int) -> Incident:
    data: dict[str, Json] = {"digest": "sha256:" + "a" * 64, "owner": "alice", "late": late}
    session.record(session.draft(incident.id, Kind.RCA_PUBLISHED, data))
    return session.incident(incident.id)


@pytest.mark.parametrize(
    ("days", "says", "colour", "hurry"),
    [
        (0, "5 business days left", None, False),
        (3, "3 business days left", "yellow", True),
        (5, "1 business day left", "yellow", True),
        (6, "due today", "red", True),
        (9, "OVERDUE by 1 business day", "red", True),
        (17, "OVERDUE by 7 business days", "red", True),
    ],
)
def test_it_is_in_sight_and_gets_louder(
    session: Session, incident: Incident, clock: StandingClock, days: int, says: str, colour: str | None, hurry: bool
) -> None:
    """On the page, in the summary, in the overview and for programs; also of an incident that is closed."""
    clock.at = NOW + timedelta(days=days)
    found = awaited(session, incident)
    assert found is not None
    (line,) = [one for one in head(incident, clock.now(), analysis=found) if "analysis" in one]
    assert f"{says}, due by the end of Fri 27 Nov 2026: 5 business days from resolved" in click.unstyle(line)
    assert "weekends only, no public holidays, time zone UTC" in line
    styled = {"yellow": "\x1b[33m", "red": "\x1b[31m"}
    assert [name for name, code in styled.items() if code in line] == ([colour] if colour else [])
    assert f"Written analysis: {says}, due Fri 27 Nov 2026" in summary(session, incident)
    (waiting,) = overview(session).waiting
    assert says in waiting.what
    assert (waiting.command, waiting.later) == (f"psfir rca new {incident.id}", not hurry)
    told = to_json(incident, clock.now(), found)["analysis"]
    assert isinstance(told, dict)
    assert told["day"] == "2026-11-27"


def test_once_there_is_a_document_the_next_step_is_another(session: Session, incident: Incident) -> None:
    """It is not laid out twice."""
    folder = session.root / "reviews"
    folder.mkdir()
    (folder / f"{incident.id}.md").touch()
    assert overview(session).waiting[0].command == f"psfir rca check {incident.id}"


@pytest.mark.parametrize(
    ("late", "says"),
    [(0, "in time"), (1, "late by 1 business day"), (3, "late by 3 business days")],
)
def test_what_was_published_waits_for_nobody_and_keeps_its_lateness(
    session: Session, incident: Incident, clock: StandingClock, late: int, says: str
) -> None:
    """Also a year later."""
    incident = publish(session, incident, late)
    clock.at = NOW + timedelta(days=365)
    assert overview(session).waiting == ()
    found = awaited(session, incident)
    assert found is not None
    assert found.line == f"published 2026-11-21, {says}"
    assert (found.pressing, found.too_late) == (False, False)


def test_what_was_published_does_not_answer_for_what_came_after(session: Session, incident: Incident) -> None:
    """Opened again, nothing is due; resolved again, another analysis is."""
    incident = reopen(session, publish(session, incident, 0))
    assert awaited(session, incident) is None
    found = awaited(session, resolve(session, incident))
    assert found is not None
    assert found.outstanding


def test_a_calendar_that_cannot_be_read_stops_nothing(session: Session, incident: Incident) -> None:
    """The page says that nobody can count the days, and why; the rest of it is there."""
    words = session.root / "psfir.yaml"
    calendars = "review:\n  calendars: {ours: {country: DE, closed_days: days.yaml}}\n  calendar: ours\n"
    words.write_text(words.read_text() + calendars)
    again = at_work(session.root)
    found = awaited(again, incident)
    assert found is not None
    assert "nobody can say when it is due: " in found.line
    assert "days.yaml" in found.line
    assert found.pressing
    assert again.incident(incident.id).id in "\n".join(head(incident, NOW, analysis=found))
