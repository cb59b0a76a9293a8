"""When an analysis falls due: by the event that psfir.yaml names, and never before it."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from psfir.app.incident_deeds import close, false_alarm, merge, reopen, resolve
from psfir.domain.duties import CalendarWords, RcaRule, Starts
from psfir.domain.kinds import Kind
from psfir.review.holiday_calendar import calendar_of
from psfir.review.rca_clock import rca_due
from tests.app.incident_kit import NOW, StandingClock, at_work, lay_out, opened, plan, ran

HERE = calendar_of(CalendarWords(""), Path())


@pytest.mark.parametrize("start", Starts)
def test_the_event_that_the_rule_names_starts_the_days(tmp_path: Path, start: Starts) -> None:
    """Trigger on Saturday, declared and contained on Monday, resolved on Tuesday."""
    clock = StandingClock(NOW + timedelta(days=2))
    session = at_work(lay_out(tmp_path), clock=clock)
    incident = ran(session, opened(session, trigger_at=NOW), plan())
    clock.at += timedelta(days=1)
    incident = resolve(session, incident)
    due = rca_due(incident, RcaRule(start=start), HERE)
    assert due is not None
    days = {Starts.TRIGGERED: 27, Starts.DECLARED: 30, Starts.CONTAINED: 30, Starts.RESOLVED: 31}
    wanted = date(2026, 11, days[start]) if days[start] < 31 else date(2026, 12, 1)
    assert (due.day, due.started_by) == (wanted, start.value)


def test_nothing_is_due_before_its_start(tmp_path: Path) -> None:
    """An open incident has no due day by its resolution, and one that was opened again has none any more."""
    session = at_work(lay_out(tmp_path))
    incident = opened(session)
    assert rca_due(incident, RcaRule(), HERE) is None
    assert rca_due(incident, RcaRule(start=Starts.CONTAINED), HERE) is None
    incident = resolve(session, incident)
    assert rca_due(incident, RcaRule(), HERE) is not None
    assert rca_due(reopen(session, incident), RcaRule(), HERE) is None


def test_opened_again_the_days_begin_anew(tmp_path: Path) -> None:
    """With the second resolution, not with the first."""
    clock = StandingClock()
    session = at_work(lay_out(tmp_path), clock=clock)
    incident = resolve(session, opened(session))
    first = rca_due(incident, RcaRule(), HERE)
    clock.at += timedelta(days=10)
    incident = resolve(session, reopen(session, close(session, incident)))
    second = rca_due(incident, RcaRule(), HERE)
    assert first
    assert second
    assert (first.day, second.day) == (date(2026, 11, 27), date(2026, 12, 8))


def test_of_two_resolutions_the_first_counts(tmp_path: Path) -> None:
    """Two people without a common record say it, and their spools are merged."""
    clock = StandingClock()
    session = at_work(lay_out(tmp_path), clock=clock)
    incident = resolve(session, opened(session))
    clock.at += timedelta(days=10)
    session.record(session.draft(incident.id, Kind.RESOLVED, {"verdict": None, "anyway": False}))
    due = rca_due(session.incident(incident.id), RcaRule(), HERE)
    assert due
    assert due.day == date(2026, 11, 27)


@pytest.mark.parametrize("start", Starts)
def test_where_nothing_was_wrong_nothing_is_due(tmp_path: Path, start: Starts) -> None:
    """Of a false alarm, and of what was merged into another: that one has its own."""
    session = at_work(lay_out(tmp_path))
    alarm = false_alarm(session, opened(session))
    merged = merge(session, opened(session), into=opened(session))
    assert [rca_due(one, RcaRule(start=start), HERE) for one in (alarm, merged)] == [None, None]
