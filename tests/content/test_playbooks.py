"""The playbooks that ship: they load, they are enough for a night, and what they name exists."""

import re
from datetime import date
from pathlib import Path

import pytest

from psfir.domain.modes import PlanCase
from psfir.domain.people import Seat
from psfir.domain.playbook import Playbook
from psfir.domain.runbook import PSF_DEADLINE
from psfir.loading.playbook import load_playbook
from tests.docs.commands import flaw

NAMES = (
    "harmful-output",
    "data-leakage",
    "model-failure",
    "prompt-injection",
    "oversight-failure",
    "drift",
    "integration-failure",
    "vendor-outage",
)
SEATS = {Seat.COMMANDER, Seat.OPS_LEAD, Seat.COMMS_LEAD, Seat.SCRIBE}
NEVER_SAID = re.compile(
    r"went rogue|lied|probably|fully secure|never again|no one was|no data was|breach", re.IGNORECASE
)


@pytest.fixture(scope="module", params=NAMES)
def playbook(request: pytest.FixtureRequest, root: Path) -> Playbook:
    return load_playbook(root / "playbooks" / f"{request.param}.md")


def text_of(playbook: Playbook, root: Path) -> str:
    return (root / "playbooks" / f"{playbook.id}.md").read_text(encoding="utf-8")


def test_these_are_all_that_ship(root: Path) -> None:
    """No playbook ships that is not tested here."""
    assert {path.stem for path in (root / "playbooks").iterdir()} == set(NAMES)


def test_each_plan_case_has_its_playbook(root: Path) -> None:
    """Together they cover harmful output, data leakage and model failure."""
    covered = {case for name in NAMES for case in load_playbook(root / "playbooks" / f"{name}.md").covers}
    assert covered == set(PlanCase)


def test_the_checklist_is_short_enough_to_follow(playbook: Playbook) -> None:
    """Ten to fourteen steps, each one line."""
    assert 10 <= len(playbook.steps) <= 14
    assert [step.id for step in playbook.steps if not 20 <= len(step.text) <= 120] == []


def test_every_seat_has_its_part(playbook: Playbook) -> None:
    """Commander, ops lead, comms lead and scribe each have something to do, and nobody else does."""
    assert {step.seat for step in playbook.steps} == SEATS


def test_the_steps_stand_in_the_order_in_which_they_are_due(playbook: Playbook) -> None:
    """Nobody has to search the list for what comes next."""
    dues = [step.due for step in playbook.steps]
    assert dues == sorted(dues)


def test_the_first_step_stops_it(playbook: Playbook) -> None:
    """The first line is the kill, well inside the fifteen minutes, and the verdict is read before they end."""
    first = playbook.steps[0]
    assert "`psfir kill support-assistant" in first.text
    assert first.due <= PSF_DEADLINE / 3
    assert next(step.due for step in playbook.steps if step.id == "read-verdict") < PSF_DEADLINE


def test_the_first_word_goes_out_within_the_quarter_hour(playbook: Playbook) -> None:
    """The holding statement waits for no cause."""
    words = [step for step in playbook.steps if step.id == "first-word"]
    assert [(step.seat, step.due) for step in words] == [(Seat.COMMS_LEAD, 900.0)]


def test_every_step_has_words_to_say_and_a_detail(playbook: Playbook) -> None:
    """At three in the morning nobody makes up sentences; and each line has something behind it."""
    assert [step.id for step in playbook.steps if not step.say or len(step.detail) < 100] == []


def test_the_words_to_say_neither_guess_nor_promise(playbook: Playbook) -> None:
    """What is said outside holds no guess, no promise, no legal word and no machine as a person."""
    assert [step.say for step in playbook.steps if NEVER_SAID.search(step.say)] == []
    public = [step.say for step in playbook.steps if step.id in {"first-word", "scope-update"}]
    assert [say for say in public if "Next update at [time, with zone]" not in say] == []


def test_the_days_are_true(playbook: Playbook) -> None:
    """A rehearsal that has not been is not claimed, and one that was came no earlier than the writing."""
    assert playbook.last_reviewed >= date(2026, 11, 21)
    assert playbook.last_tested is None or playbook.last_tested >= date(2026, 11, 21)


def test_every_command_exists(playbook: Playbook, root: Path) -> None:
    """Each `psfir ...` of the page can be typed as it stands, once capitals are filled in."""
    commands = re.findall(r"`(psfir [^`]+)`", text_of(playbook, root))
    assert [flaw(command, whole=True) for command in commands if flaw(command, whole=True)] == []
    assert any("restore" in command for command in commands)


def test_every_gap_is_marked_and_none_is_left_over(playbook: Playbook, root: Path) -> None:
    """Gaps stand in square brackets; no other sign of an unfinished text is left."""
    text = text_of(playbook, root)
    assert not re.search(r"\{\w|<\w+>|\?\?|lorem", text)
    assert all(step.say.count("[") == step.say.count("]") for step in playbook.steps)
