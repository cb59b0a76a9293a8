"""`psfir drill schedule`, and the one line that the first page says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from psfir.app import incident_deeds as deeds
from psfir.domain.canon import digest_bytes
from psfir.loading.content import content_files
from tests.app.incident_kit import opened, plan, put_back, ran
from tests.cli.keyboard import Keyboard
from tests.rehearsal.recorded import drill, left_in_record


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    return Keyboard(tmp_path, capsys, monkeypatch)


def played(desk: Keyboard, days: int, **more: object) -> None:
    """So many days ago."""
    day = (datetime.now(UTC) - timedelta(days=days)).date()
    left_in_record(desk.session(), drill(day, **more))


def test_nothing_rehearsed_is_all_overdue(desk: Keyboard) -> None:
    """Exit code 1; the first page does not nag people who have not begun."""
    done = desk.type("drill", "schedule")
    assert done.code == 1
    assert "system support-assistant  overdue" in done.out
    assert "no drill that counts was recorded" in done.out
    assert "drill" not in desk.ok().out
    assert desk.ok("status", "--json").json["drills_overdue"] == []


def test_what_was_rehearsed_lately_is_not_due(desk: Keyboard) -> None:
    """By system and statement, with the day; a shorter span makes it late."""
    played(desk, 10, systems=["support-assistant", "search"])
    done = desk.ok("drill", "schedule")
    assert "0 overdue, 4 to come" in done.out
    assert "in 80 days" in done.out
    late = desk.type("drill", "schedule", "--every", "5", "--json")
    assert (late.code, {one["overdue"] for one in late.json["due"]}) == (1, {True})
    later = (datetime.now(UTC) + timedelta(days=200)).date().isoformat()
    assert desk.type("drill", "schedule", "--as-of", later).code == 1
    assert desk.type("drill", "schedule", "--as-of", "soon").code == 2
    assert "drill" not in desk.ok().out


def test_what_is_overdue_stands_on_the_first_page(desk: Keyboard) -> None:
    """In one line with its command, behind all that is open; status says it too, but not of one incident."""
    played(desk, 100)
    said = desk.ok().out
    assert "a drill is overdue: support-assistant, PSF 2, PSF 5 and 1 more" in " ".join(said.split())
    assert "next: psfir kill" in said
    assert "a drill is overdue" in desk.ok("status").out
    incident = opened(desk.session(), title="Something")
    assert "a drill is overdue" not in desk.ok("status", incident.id).out


def test_a_changed_runbook_is_due(desk: Keyboard) -> None:
    """As soon as its file is another one than that which was rehearsed."""
    (desk.root / "runbooks").mkdir(exist_ok=True)
    path = desk.root / "runbooks" / "all-off.yaml"
    path.write_text("schema: psfir.runbook/1\n")
    assert "all-off" in content_files(desk.root, "runbooks")
    played(desk, 1, systems=["support-assistant", "search"], runbooks={"all-off": digest_bytes(path.read_bytes())})
    desk.ok("drill", "schedule")
    path.write_text("schema: psfir.runbook/1\n# changed\n")
    assert "runbook all-off" in desk.type("drill", "schedule").out


def test_a_real_incident_is_to_be_replayed(desk: Keyboard) -> None:
    """Once it is over; a false alarm never."""
    session = desk.session()
    one = opened(session, title="It told of others' orders")
    deeds.resolve(session, put_back(session, ran(session, one, plan(), "run-1"), "run-1"))
    assert f"incident {one.id}" in desk.type("drill", "schedule").out
