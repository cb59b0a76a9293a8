"""Prompts in Slack, on local-slack: asked once, done by whose step it is, refused from strangers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from psfir.app.incident import Declared, declare
from psfir.app.incident_deeds import note
from psfir.app.incident_deeds import seat as seat_
from psfir.app.playbook import load, tick
from psfir.domain.incident import Incident
from psfir.domain.modes import PlanCase
from psfir.domain.people import Seat as Chair
from psfir.range.slack.console import TOKEN
from psfir.range.slack.lacking import Lacking
from psfir.range.slack.package import APP_TOKEN, SlackPackage
from psfir.slackbot.playbook import SKIPPED
from psfir.vendors.slack_heard import of_form
from tests.slackbot.seat import ADA, BEN, Seat, package, workspace

PLAYBOOK = """\
---
schema: psfir.playbook/1
id: harmful-output
title: Harmful output
covers: [harmful_output]
last_reviewed: 2026-11-01
last_tested: null
---

## Checklist

- [ ] look | ops_lead | due 30m | Look at what it says
    say: "I am looking at it now."
- [ ] vendor | ops_lead | due 40m | Call the vendor

## Details

### look

The log has it.

### vendor

Have the ids ready.
"""


@pytest.fixture(scope="module")
def slack() -> Iterator[SlackPackage]:
    with_ = package()
    try:
        yield with_
    finally:
        with_.stop()


@pytest.fixture
def seat(slack: SlackPackage, tmp_path: Path) -> Iterator[Seat]:
    with at(slack, tmp_path) as double:
        yield Seat(slack, double, workspace(tmp_path, double.url))


def at(slack: SlackPackage, root: Path) -> Lacking:
    slack.reset()
    (root / "playbooks").mkdir()
    (root / "playbooks" / "harmful-output.md").write_text(PLAYBOOK)
    return Lacking(slack.handle, tokens=(TOKEN, APP_TOKEN))


def begun(seat: Seat, minutes: float = 0, *chairs: tuple[Chair, str]) -> Incident:
    began = seat.session.clock.now() - timedelta(minutes=minutes)
    opened = declare(seat.session, ["assistant"], words=Declared(case=PlanCase.HARMFUL_OUTPUT, trigger_at=began))
    for chair, person in chairs:
        opened = seat_(seat.session, opened, seat=chair, person=person)
    return opened


def once(seat: Seat, room: str, *words: str) -> bool:
    texts = [str(one) for one in seat.all(room)]
    return all(sum(word in text for text in texts) == 1 for word in words)


def ticks(seat: Seat, incident: Incident) -> list[tuple[str, str, str, str]]:
    found = seat.session.incident(incident.id).ticks
    return [(one.step, one.state, one.reason, one.actor) for one in found]


def test_a_step_is_done_by_whose_it_is_and_the_next_is_asked(seat: Seat) -> None:
    """Ben is asked by name, with the words to say; his press is on record, and his buttons go."""
    incident = begun(seat, 0, (Chair.COMMANDER, "ada"), (Chair.OPS_LEAD, "ben"))
    with seat.app():
        room = seat.room(incident.id)
        step = seat.sees("Look at what it says", "I am looking at it now.", f"<@{BEN}>", channel=room)
        seat.press(step, "Done", user=BEN)
        seat.sees("look: done by ben", channel=room)
        seat.sees("Call the vendor", "Need help", channel=room)
        assert ticks(seat, incident) == [("look", "done", "", "verified:ben")]
        seat.press(step, "Done", user=ADA)  # the old button, on a screen that has not caught up
        seat.sees("Nothing was done by your press", channel=room)
        assert len(ticks(seat, incident)) == 1


def test_an_unmapped_member_ticks_nothing(slack: SlackPackage, tmp_path: Path) -> None:
    """And the step stays for whoever may: neither does it use up the press."""
    with at(slack, tmp_path) as double:
        seat = Seat(slack, double, workspace(tmp_path, double.url, ben="U0OTHER"))
        incident = begun(seat, 3, (Chair.OPS_LEAD, "ada"))
        with seat.app():
            room = seat.room(incident.id)
            step = seat.sees("Look at what it says", "Done", channel=room)
            seat.press(step, "Done", user=BEN)
            seat.press(step, "Need help", user=BEN)
            seat.press(seat.sees("I take it", channel=room), "I take it", user=BEN)
            refusals = "can read and do nothing else"
            seat.until(lambda: sum(refusals in str(one) for one in seat.all(room)) == 3, "three refusals")
            assert ticks(seat, incident) == []
            assert Chair.COMMANDER not in seat.session.incident(incident.id).seats
            seat.press(step, "Done")
            seat.sees("look: done by ada", channel=room)


def test_a_restart_asks_nothing_twice(seat: Seat) -> None:
    """Nor do two processes; what was met while no app ran is taken back when one starts."""
    incident = begun(seat, 14)
    asked = ("Nobody is incident commander.", "T+13 minutes", "No evidence was captured", "Look at what it says")
    with seat.app(), seat.app():
        room = seat.room(incident.id)
        for words in asked:
            seat.sees(words, channel=room)
    assert once(seat, room, *asked)
    for moment in ("first", "second"):
        with seat.app():
            note(seat.session, seat.session.incident(incident.id), f"after the {moment} restart")
            seat.sees(f"after the {moment} restart", channel=room)
    assert once(seat, room, *asked)
    assert not any("T+5" in str(one) or "T+10" in str(one) for one in seat.all(room))
    tick(seat.session, seat.session.incident(incident.id), load(seat.session, "harmful-output"), "look")
    with seat.app():
        seat.sees("look: done by ada", channel=room)
        seat.sees("Call the vendor", channel=room)


def test_somebody_takes_command(seat: Seat) -> None:
    """By one press, of the first; whoever comes second is told who has it."""
    incident = begun(seat, 3)
    with seat.app():
        room = seat.room(incident.id)
        prompt = seat.sees("Nobody is incident commander.", channel=room)
        seat.press(prompt, "I take it", user=BEN)
        seat.sees("ben is incident commander.", channel=room)
        seat.press(prompt, "I take it", user=ADA)
        seat.sees("is incident commander already", channel=room)
        assert seat.session.incident(incident.id).seats[Chair.COMMANDER] == "ben"


def filled_in(value: str, reason: str, key: str) -> dict[str, Any]:
    state = {"values": {"reason": {"reason": {"value": reason}}}}
    view = {"callback_id": SKIPPED, "private_metadata": value, "state": state}
    return {"user": {"id": BEN}, "trigger_id": key, "view": view}


def test_a_step_is_skipped_for_a_reason_and_help_is_called(seat: Seat) -> None:
    """An empty reason is none; who asks for help gets the detail, and the commander is told by name."""
    incident = begun(seat, 0, (Chair.COMMANDER, "ada"), (Chair.OPS_LEAD, "ben"))
    with seat.app() as app:
        room = seat.room(incident.id)
        step = seat.sees("Look at what it says", "Skip with reason", channel=room)
        seat.press(step, "Need help", user=BEN)
        seat.sees(f"<@{ADA}> <@{BEN}> *needs help*", channel=room)
        seat.sees("The log has it.", channel=room)
        assert "help is needed" in str(list(seat.session.incident(incident.id).notes))
        seat.press(step, "Skip with reason", user=BEN)
        view = seat.until(lambda: seat.double.forms and seat.double.forms[0])
        assert "Why is it not done?" in str(view)
        about = f"{incident.id} harmful-output look {room} "
        app.incoming.hear(of_form(filled_in(about, "  ", "k1"), "e1"))
        seat.sees("needs a reason", channel=room)
        app.incoming.hear(of_form(filled_in(about, "the log is gone", "k2"), "e2"))
        seat.sees("look: skipped by ben: the log is gone", channel=room)
        assert ticks(seat, incident) == [("look", "skipped", "the log is gone", "verified:ben")]


def test_the_playbook_is_shown_with_the_step_that_is_ones_own(seat: Seat) -> None:
    """In the incident's channel without a word; a playbook that nobody has is near another one."""
    incident = begun(seat, 0, (Chair.OPS_LEAD, "ben"))
    with seat.app():
        room = seat.room(incident.id)
        seat.type("playbook", user=BEN, channel=room)
        shown = seat.sees("[ ] Look at what it says", "[ ] Call the vendor", "The log has it.", channel=room)
        seat.press(shown, "Done", user=BEN)
        seat.sees("look is done.", channel=room)
        seat.type("playbook", user=BEN, channel=room)
        seat.sees("[x] Look at what it says", "Have the ids ready.", channel=room)
        seat.type("playbook harmful-outptu", user=BEN, channel=room)
        seat.sees("there is no playbook", channel=room)
