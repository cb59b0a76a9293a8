"""An incident as bands and marks, from its own record."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from psfir.app.session import Session
from psfir.charts.axis import Band, Chart, Mark, Tone
from psfir.charts.incident import Span, Traffic, chart
from psfir.domain.kinds import Kind
from tests.app.incident_kit import NOW, StandingClock, at_work, lay_out, opened, plan, planned, put_back, ran

PROOF = {"answers": 5, "untold": 0, "over": 4.0, "replicas": ["a"], "soaked": 0.0}


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return at_work(lay_out(tmp_path))


def later(session: Session, seconds: float) -> None:
    assert isinstance(session.clock, StandingClock)
    session.clock.at += timedelta(seconds=seconds)


def drawn(session: Session, *, start: float = 0, end: float = 60, more: tuple[Mark, ...] = ()) -> Chart:
    told = [(NOW + timedelta(seconds=mark.at), mark) for mark in more]
    span = Span(NOW + timedelta(seconds=start), NOW + timedelta(seconds=end), told)
    return chart(session.journal.read(), span, Traffic(), title="it")


def rows(shown: Chart, row: str) -> list[Band]:
    return [one for one in shown.bands if one.row == row]


def test_a_verdict_stands_until_the_next_one(session: Session) -> None:
    """Of a kill and of its restore; a rung that was put back is in the row of its step."""
    incident = opened(session)
    later(session, 10)
    incident = ran(session, incident, plan())
    later(session, 20)
    put_back(session, incident)
    shown = drawn(session)
    assert [(one.start, one.end, one.label, one.tone) for one in rows(shown, "verdict")] == [
        (10, 30, "CONTAINED", Tone.GOOD),
        (30, 60, "RESTORED", Tone.GOOD),
    ]
    assert [one.label for one in rows(shown, "stop")] == [
        "memory.switch: changed",
        "memory.switch put back: changed",
    ]
    assert [(one.at, one.label) for one in shown.marks][:2] == [(0, "trigger"), (0, "declared")]
    assert [one.label for one in shown.marks if one.at == 10] == ["kill begins", "verdict: contained"]


def test_the_marks_say_what_the_trigger_was_and_how_it_ended(session: Session) -> None:
    """A restore begins and ends; who resolved it is told last."""
    incident = opened(session, title="promises refunds")
    later(session, 10)
    incident = ran(session, incident, plan())
    later(session, 20)
    incident = put_back(session, incident)
    later(session, 5)
    session.record(session.draft(incident.id, Kind.RESOLVED, {"verdict": None}))
    found = [(one.at, one.label, one.tone) for one in drawn(session).marks]
    assert found[0] == (0, "trigger: promises refunds", Tone.BAD)
    assert found[-3:] == [
        (30, "restore begins", Tone.PLAIN),
        (30, "restore ended: restored", Tone.GOOD),
        (35, "resolved", Tone.GOOD),
    ]


def test_a_source_says_more_of_a_trigger_than_a_title(session: Session) -> None:
    """An alert that fired is what it was."""
    opened(session, title="promises refunds", source="alert 17")
    assert drawn(session).marks[0].label == "trigger: alert 17"


def test_another_try_of_a_rung_says_so(session: Session) -> None:
    """Two bands of one rung do not look alike."""
    incident = planned(session, opened(session), plan())
    where: dict[str, Any] = {"run": "run-1", "step": "stop", "rung": 0, "says": "", "found": None, "took": 1.0}
    for attempt in (1, 2):
        later(session, 5)
        ended: dict[str, Any] = {**where, "attempt": attempt, "result": "failed"}
        session.record(session.draft(incident.id, Kind.ENDED, ended))
    assert [one.label for one in rows(drawn(session), "stop")] == [
        "memory.switch: failed",
        "memory.switch (try 2): failed",
    ]


def test_a_rung_that_could_not_be_read_has_a_band_all_the_same(session: Session) -> None:
    """It failed before there was an intention: it began as long before its end as it took."""
    incident = planned(session, opened(session), plan())
    later(session, 20)
    where: dict[str, Any] = {"run": "run-1", "step": "stop", "rung": 0}
    ended: dict[str, Any] = {
        **where,
        "attempt": 1,
        "result": "failed",
        "says": "not reached",
        "found": None,
        "took": 5.0,
    }
    session.record(session.draft(incident.id, Kind.ENDED, ended))
    (band,) = rows(drawn(session), "stop")
    assert (band.start, band.end, band.label, band.tone) == (15, 20, "memory.switch: failed", Tone.BAD)


def test_a_rung_without_an_outcome_goes_on_to_the_end(session: Session) -> None:
    """Nobody knows what came of it."""
    incident = planned(session, opened(session), plan())
    change = plan().rungs[0].change
    assert change
    where: dict[str, Any] = {"run": "run-1", "step": "stop", "rung": 0, "attempt": 1, "change": change.to_json()}
    later(session, 20)
    session.record(session.draft(incident.id, Kind.INTENDED, where))
    (band,) = rows(drawn(session), "stop")
    assert (band.start, band.end, band.label, band.tone) == (20, 60, "memory.switch: no outcome", Tone.UNSURE)


def test_what_a_probe_saw_changes_with_the_worst_of_its_replicas(session: Session) -> None:
    """From one change to the next, and to the end of the run."""
    incident = opened(session)
    for seconds, held in ((5, "not_held"), (5, "could_not_tell"), (5, "held"), (5, "held")):
        later(session, seconds)
        sights: list[dict[str, Any]] = [
            {"replica": "a", "held": "held", "says": ""},
            {"replica": "b", "held": held, "says": ""},
        ]
        seen: dict[str, Any] = {"run": "run-1", "probe": "says-off", "sights": sights}
        session.record(session.draft(incident.id, Kind.SEEN, seen))
    later(session, 10)
    over: dict[str, Any] = {"run": "run-1", "verdict": "unknown", "soaked": False, "why": ""}
    session.record(session.draft(incident.id, Kind.RUN_ENDED, over))
    shown = drawn(session)
    assert [(one.start, one.end, one.label, one.tone) for one in rows(shown, "probe says-off")] == [
        (5, 10, "not held", Tone.BAD),
        (10, 15, "could not tell", Tone.UNSURE),
        (15, 30, "held", Tone.GOOD),
    ]


def test_only_what_lies_inside_is_drawn(session: Session) -> None:
    """What went on before begins at the beginning; marks outside are left out, and others may be added."""
    incident = opened(session)
    later(session, 10)
    ran(session, incident, plan())
    shown = drawn(session, start=20, end=40, more=(Mark(25, "LaunchDarkly is down", Tone.BAD), Mark(50, "later")))
    (band,) = rows(shown, "verdict")
    assert (band.start, band.end) == (0, 20)
    assert rows(shown, "stop") == []
    assert [(one.at, one.label) for one in shown.marks] == [(5, "LaunchDarkly is down")]
    assert shown.seconds == 20
