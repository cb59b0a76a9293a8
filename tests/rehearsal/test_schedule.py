"""What is to be rehearsed by when: by system, statement, changed runbook and real incident."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from psfir.rehearsal.schedule import About, Due, Estate, Real, replays, schedule
from tests.rehearsal.recorded import drill

TODAY = date(2026, 11, 21)
LATELY = date(2026, 11, 1)
LONG_AGO = date(2026, 6, 1)
ESTATE = Estate(("support-assistant",), {"all-off": "sha256:a"})


def due(*drills: dict[str, Any], estate: Estate = ESTATE, today: date = TODAY, every: int = 90) -> dict[str, Due]:
    return {one.name: one for one in schedule(drills, estate, today=today, every=every)}


def test_what_was_never_rehearsed_is_due_at_once() -> None:
    """Each system, and the statement that asks for rehearsals."""
    found = due(estate=Estate(("a", "b"), {}))
    assert [(one.about, one.name, one.late, one.last) for one in found.values()] == [
        (About.SYSTEM, "a", True, None),
        (About.SYSTEM, "b", True, None),
        (About.STATEMENT, "PSF 5", True, None),
    ]


@pytest.mark.parametrize(("days", "late"), [(0, False), (90, False), (91, True)])
def test_a_drill_lasts_ninety_days(days: int, late: bool) -> None:
    """Its last day included; for its systems and for its statements."""
    found = due(drill(LATELY), today=LATELY + timedelta(days=days))
    assert {name: one.late for name, one in found.items()} == {"support-assistant": late, "PSF 2": late, "PSF 5": late}
    assert found["support-assistant"].due == date(2027, 1, 30)


def test_the_newest_counts_wherever_it_stands() -> None:
    """Records are merged: order is no age."""
    assert due(drill(LATELY), drill(LONG_AGO))["support-assistant"].last == LATELY


def test_what_is_no_evidence_is_no_drill() -> None:
    """A practice run moves no date."""
    found = due(drill(LONG_AGO), drill(LATELY, counts=False))
    assert found["support-assistant"].last == LONG_AGO
    assert found["support-assistant"].late


def test_no_tabletop_shows_the_fifteen_minutes() -> None:
    """It counts for its system and for having rehearsed, never for statement 2, and rehearses no runbook."""
    found = due(drill(LATELY, level="tabletop", statements=[2, 4], runbooks={"all-off": "sha256:old"}))
    assert {name: one.last for name, one in found.items()} == {
        "support-assistant": LATELY,
        "PSF 2": None,
        "PSF 4": LATELY,
        "PSF 5": LATELY,
    }


def test_a_runbook_that_has_changed_is_due_again() -> None:
    """Until it is rehearsed as it is now; one that is gone, or never was rehearsed by itself, is not named."""
    changed = Estate((), {"all-off": "sha256:b", "other": "sha256:o"})
    found = due(drill(LATELY), estate=changed)["all-off"]
    assert (found.about, found.late, found.last, found.due) == (About.RUNBOOK, True, LATELY, TODAY)
    assert "all-off" not in due(drill(LATELY), drill(LATELY, runbooks={"all-off": "sha256:b"}), estate=changed)
    assert "all-off" not in due(drill(LATELY), estate=Estate((), {}))


def test_a_real_incident_is_to_be_replayed() -> None:
    """Within as many days of its end, by a scenario that was made of it."""
    real = Real("INC-20261001-k7q2xa", date(2026, 10, 1))
    estate = Estate((), {}, (), (real,))
    found = due(drill(LATELY), estate=estate)[real.id]
    assert (found.due, found.late) == (date(2026, 12, 30), False)
    assert due(estate=estate, today=date(2026, 12, 31))[real.id].late
    assert replays(real.id) == "replay-inc-20261001-k7q2xa"
    assert real.id not in due(drill(LATELY, scenario=f"{replays(real.id)}-2"), estate=estate)


def test_statements_that_scenarios_are_for_are_listed() -> None:
    """Also where none of them was ever played; the most urgent stand first."""
    estate = Estate(("support-assistant",), {}, (1, 4))
    found = list(due(drill(LATELY), estate=estate).values())
    assert [one.name for one in found] == ["PSF 1", "PSF 4", "support-assistant", "PSF 2", "PSF 5"]
