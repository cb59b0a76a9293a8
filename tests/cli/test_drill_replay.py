"""`psfir drill from-incident`: a real night as a scenario, without anybody's name in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from psfir.domain.kinds import Kind
from psfir.rehearsal.drill_file import load_drill
from psfir.rehearsal.expectation import Expects
from psfir.rehearsal.inject import At
from psfir.rehearsal.schedule import replays
from psfir.rehearsal.words import Level, Purpose
from tests.app.incident_kit import NOW, StandingClock, at_work, opened, plan, ran
from tests.cli.keyboard import Keyboard

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    return Keyboard(tmp_path, capsys, monkeypatch)


class Night:
    """An incident as it is recorded, minute by minute."""

    def __init__(self, desk: Keyboard) -> None:
        self.clock = StandingClock()
        self.session = at_work(desk.root, "alice", clock=self.clock)
        self.id = opened(self.session, title="Answers name other people's orders", trigger_at=NOW).id

    def at(self, minutes: float, kind: Kind, **data: Any) -> None:
        self.clock.at = NOW + timedelta(minutes=minutes)
        self.session.record(self.session.draft(self.id, kind, data))

    def note(self, minutes: float, text: str) -> None:
        self.at(minutes, Kind.NOTE, text=text, about="note")


def drafted(desk: Keyboard, tell: Callable[[Night], None]) -> tuple[Night, str]:
    """The file that is written of such a night."""
    night = Night(desk)
    tell(night)
    done = desk.ok("drill", "from-incident", night.id)
    assert "is written, a draft" in done.out
    return night, (desk.root / "drills" / f"{replays(night.id)}.yaml").read_text(encoding="utf-8")


def bad_night(night: Night) -> None:
    night.at(2, Kind.SEATED, seat="commander", person="alice")
    night.note(3, "Engineering sees nothing odd, says Bob")
    night.at(4, Kind.SEVERITY, severity="sev1")
    night.note(6, "Decision: off, whatever the cause")
    night.clock.at = NOW + timedelta(minutes=20)
    ran(night.session, night.session.incident(night.id), plan(), "run-1", verdict="not_contained")


def test_what_was_told_comes_again_and_what_was_done_is_expected(desk: Keyboard) -> None:
    """At the same offsets; deeds of that night are no injects, and it loads."""
    night, page = drafted(desk, bad_night)
    found = load_drill(desk.root / "drills" / f"{replays(night.id)}.yaml")
    assert (found.id, found.level, found.systems) == (replays(night.id), Level.TABLETOP, ("support-assistant",))
    assert [(one.trigger, one.purposes[0], one.shown.body) for one in found.injects] == [
        (At(0), Purpose.TRIGGER, "Answers name other people's orders"),
        (At(180), Purpose.REPORT, "Engineering sees nothing odd, says on call"),
        (At(240), Purpose.ESCALATION, "It is worse than it looked, and more people ask."),
        (At(1200), Purpose.ESCALATION, "It goes on: customers still get such answers."),
    ]
    kinds = [one.kind for one in found.expected.values()]
    assert kinds == [Expects.DECLARED, Expects.SEAT, Expects.CONTAINMENT, Expects.DECISION]
    assert found.expected["declared"].wanted.severity == "sev1"
    assert found.expected["stopped"].critical
    assert "Then: the kill begun after 20m, LATE: 15 min are asked for." in found.backstage.facts
    assert "Then: containment was never proven." in found.backstage.facts
    assert page.startswith(f"# A draft of what happened in {night.id}")


def test_it_lints_with_warnings_alone(desk: Keyboard) -> None:
    """No error, also by the linter as people call it; what is to be invented is said."""
    night, _ = drafted(desk, bad_night)
    name = replays(night.id)
    done = desk.ok("drill", "lint", name)
    assert "no inject contradicts another" in " ".join(done.out.split())
    desk.ok("drill", "show", name, "--spoil")


def test_no_person_host_secret_or_plot_stands_in_it(desk: Keyboard) -> None:
    """Staff become roles; what looks private is left out and counted, and so is what names a runbook or a command."""

    def tell(night: Night) -> None:
        night.note(1, "Alice told bob to call +49 30 1234567 about it")
        night.note(2, "It runs on db-7.internal")
        night.note(3, f"The token is {SECRET}")
        night.note(4, "Just run psfir kill support-assistant")
        night.note(5, "Pull memory.switch")
        night.note(6, "See <the page>")
        night.note(7, "Carol says: customers write in")
        night.note(600, "The next morning")

    night, page = drafted(desk, tell)
    for word in ("Alice", "alice", "bob", "Carol", "+49", "internal", SECRET, "psfir kill", "memory.switch", "<the"):
        assert word not in page.partition("\n\n")[2] + yaml.safe_dump(yaml.safe_load(page))
    assert "comms says: customers write in" in page
    assert desk.type("drill", "from-incident", night.id).code == 3
    (desk.root / "drills" / f"{replays(night.id)}.yaml").unlink()
    assert desk.ok("drill", "from-incident", night.id, "--json").json["left_out"] == 7


def test_an_incident_in_which_nothing_was_done_is_a_scenario(desk: Keyboard) -> None:
    """With the trigger alone, and what is asked for on any night."""
    _, page = drafted(desk, lambda _: None)
    told = yaml.safe_load(page)
    assert [one["id"] for one in told["injects"]] == ["trigger"]
    assert [one["id"] for one in told["expectations"]] == ["declared", "stopped"]


def test_messages_and_duties_are_expected_where_they_can_be_met(desk: Keyboard) -> None:
    """A template that is not there any more, or a clock that nobody knows, is not asked for."""

    def tell(night: Night) -> None:
        for minute, (name, audience) in enumerate((("M1", "customers"), ("M2", "press")), start=5):
            message = {"id": name, "audience": audience, "phase": "holding"}
            night.at(minute, Kind.DRAFTED, message=message, digest=name, **{"class": "A"})
            night.at(minute, Kind.SENT, message=name, channel="status", attempt=1, result="sent", says="")
        for clock in ("gdpr-33-1", "own-clock"):
            night.at(10, Kind.CLOCK_OPENED, clock=clock, digest="sha256:c")

    _, page = drafted(desk, tell)
    kinds = [one["kind"] for one in yaml.safe_load(page)["expectations"]]
    assert "clock" in kinds
    assert page.count("kind: clock") == 1
    shipped = any((desk.root / "comms_templates").glob("*")) if (desk.root / "comms_templates").exists() else False
    assert ("message" in kinds) is shipped
