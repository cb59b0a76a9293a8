"""A playbook beside an incident: ticks, what is due, and files that cannot be read."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from psfir.app import playbook as app
from psfir.app.overview import overview
from psfir.app.session import Door, Session
from psfir.errors import Refusal, UsageError
from tests.app.incident_kit import StandingClock, at_work, lay_out, opened, plan, planned, ran

TEXT = """\
---
schema: psfir.playbook/1
id: harmful-output
title: It says something harmful
covers: [harmful_output]
last_reviewed: 2026-11-01
last_tested: null
---

## Checklist

- [ ] kill-first | ops_lead | due 3m | Switch it off
    say: "Off it goes."
- [ ] first-word | comms_lead | due 15m | Say something true
    say: "We have switched it off."

## Details

### kill-first

Off is a fact.

### first-word

Short.
"""


@pytest.fixture
def session(tmp_path: Path) -> Session:
    root = lay_out(tmp_path)
    (root / "playbooks").mkdir()
    (root / "playbooks" / "harmful-output.md").write_text(TEXT)
    return at_work(root)


def later(session: Session, minutes: float) -> Session:
    return replace(session, clock=StandingClock(session.clock.now() + timedelta(minutes=minutes)))


def test_due_counts_from_the_trigger(session: Session) -> None:
    """A step is overdue by the incident's clock, until it is ticked."""
    incident = opened(session, trigger_at=session.clock.now() - timedelta(minutes=4))
    book = app.load(session, "harmful-output")
    rows = app.checklist(book, incident, session.clock.now())
    assert [(row.step.id, row.overdue) for row in rows] == [("kill-first", True), ("first-word", False)]
    incident = app.tick(session, incident, book, "kill-first")
    rows = app.checklist(book, incident, later(session, 30).clock.now())
    assert [(row.tick.state if row.tick else None, row.overdue) for row in rows] == [("done", False), (None, True)]


def test_without_an_incident_nothing_is_due(session: Session) -> None:
    """A playbook can be read on a quiet day."""
    rows = app.checklist(app.load(session, "harmful-output"), None, session.clock.now())
    assert all(row.due_at is None and not row.overdue and row.tick is None for row in rows)


def test_a_step_is_ticked_once(session: Session) -> None:
    """Who did it is said to the second one; a skipped step may be done after all."""
    incident, book = opened(session), app.load(session, "harmful-output")
    incident = app.tick(session, incident, book, "kill-first", skip="it was off already")
    assert incident.ticks[-1].reason == "it was off already"
    with pytest.raises(Refusal, match="was skipped by asserted:alice"):
        app.tick(session, incident, book, "kill-first", skip="again")
    incident = app.tick(session, incident, book, "kill-first")
    with pytest.raises(Refusal, match="was done by asserted:alice"):
        app.tick(session, incident, book, "kill-first")
    assert [tick.state for tick in session.incident(incident.id).ticks] == ["skipped", "done"]


def test_what_is_not_there_is_refused_with_the_near_miss(session: Session) -> None:
    """Playbooks and steps both."""
    with pytest.raises(UsageError, match="did you mean harmful-output"):
        app.load(session, "harmfull-output")
    incident, book = opened(session), app.load(session, "harmful-output")
    with pytest.raises(UsageError, match="did you mean kill-first"):
        app.tick(session, incident, book, "kill-firs")
    with pytest.raises(UsageError, match="needs a reason"):
        app.tick(session, incident, book, "kill-first", skip=" ")


def test_ticking_needs_somebody_known(session: Session, tmp_path: Path) -> None:
    """Somebody unknown can read a playbook and not tick it."""
    incident = opened(session)
    nobody = at_work(tmp_path, "")
    with pytest.raises(Refusal, match="cannot note"):
        app.tick(nobody, incident, app.load(nobody, "harmful-output"), "kill-first")


def test_the_playbook_of_an_incident_is_its_runbooks_or_its_cases(session: Session) -> None:
    """What a runbook names comes first, else what covers the case; neither is none."""
    from psfir.domain.modes import PlanCase

    assert app.fitting(session, opened(session)) == ()
    covered = opened(session, case=PlanCase.HARMFUL_OUTPUT)
    assert [book.id for book in app.fitting(session, covered)] == ["harmful-output"]
    named = planned(session, opened(session), plan())
    assert [book.id for book in app.fitting(session, named)] == ["harmful-output"]


def test_a_broken_playbook_is_said_and_hides_nothing(session: Session) -> None:
    """`psfir` alone still answers, and warns."""
    (session.root / "playbooks" / "harmful-output.md").write_text("---\nid: harmful-output\nnonsense")
    planned(session, opened(session), plan())
    heard: list[str] = []
    door = Door(env={}, warn=heard.append)
    assert len(overview(replace(session, door=door)).open) == 1
    assert any("harmful-output cannot be read" in said for said in heard)


def test_commands_name_the_incidents_own_systems(session: Session) -> None:
    """Only inside commands, and only whole names; in an incident of the reference system nothing is changed."""
    path = session.root / "playbooks" / "harmful-output.md"
    command = "`psfir kill support-assistant --runbook support-assistant-off`"
    path.write_text(TEXT.replace("Switch it off", f"Switch the support-assistant off: {command}"))
    book = app.load(session, "harmful-output")

    def first(*systems: str) -> str:
        return app.checklist(book, opened(session, *systems), session.clock.now())[0].step.text

    ours = "Switch the support-assistant off: `psfir kill search --runbook support-assistant-off`"
    assert first("search") == ours
    assert first("search", "support-assistant") == book.steps[0].text
    assert app.checklist(book, None, session.clock.now())[0].step == book.steps[0]


def test_a_kill_ticks_the_step_that_is_the_kill(session: Session) -> None:
    """By its id or its command; climbing further is not done by it."""
    path = session.root / "playbooks" / "harmful-output.md"
    text = TEXT.replace("kill-first", "off").replace("Switch it off", "Off: `psfir kill support-assistant`")
    path.write_text(text.replace("Say something true", "More: `psfir kill support-assistant --climb`"))
    incident, late = opened(session), later(session, 60).clock.now()
    book = app.load(session, "harmful-output")
    assert [row.overdue for row in app.checklist(book, incident, late)] == [True, True]
    rows = app.checklist(book, ran(session, incident, plan()), late)
    assert [(row.overdue, row.left) for row in rows] == [(False, False), (True, True)]
    assert rows[0].run is not None
