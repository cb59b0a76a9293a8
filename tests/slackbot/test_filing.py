"""What people write in Slack comes onto the timeline once, by the emoji or a message's menu, and opens incidents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from psfir.app.incident import Declared, declare
from psfir.domain.incident import Incident
from psfir.range.slack.console import TOKEN
from psfir.range.slack.lacking import Lacking
from psfir.range.slack.package import APP_TOKEN, SlackPackage
from psfir.slackbot.filing import ADD, EMOJI, OPEN, OPENED
from psfir.vendors.slack_heard import of_event, of_form, of_press
from tests.slackbot.seat import ADA, BEN, HOME, Seat, package, workspace


@pytest.fixture(scope="module")
def slack() -> Iterator[SlackPackage]:
    with_ = package()
    try:
        yield with_
    finally:
        with_.stop()


@pytest.fixture
def seat(slack: SlackPackage, tmp_path: Path) -> Iterator[Seat]:
    slack.reset()
    with Lacking(slack.handle, tokens=(TOKEN, APP_TOKEN)) as double:
        yield Seat(slack, double, workspace(tmp_path, double.url, ben="U0OTHER"))


def begun(seat: Seat) -> Incident:
    return declare(seat.session, ["assistant"], words=Declared())


def said(seat: Seat, text: str, channel: str, user: str = ADA) -> dict[str, Any]:
    seat.control("message", user=user, channel=channel, text=text)
    return seat.sees(text, channel=channel)


def react(seat: Seat, message: dict[str, Any], user: str = ADA, name: str = EMOJI) -> None:
    where = {"channel": message["channel"], "ts": message["ts"]}
    seat.control("reaction", user=user, name=name, present=True, **where)


def notes(seat: Seat, incident: Incident) -> list[str]:
    return [str(one.text) for one in seat.session.incident(incident.id).notes]


def menu(message: dict[str, Any], callback: str, key: str) -> dict[str, Any]:
    inner = {"ts": message["ts"], "text": message["text"], "user": message["user"]}
    where = {"channel": {"id": message["channel"]}, "message_ts": message["ts"]}
    return {"callback_id": callback, "trigger_id": key, "user": {"id": ADA}, "message": inner, **where}


def test_an_emoji_files_a_message_once(seat: Seat) -> None:
    """By whom it was written; from the menu once more is told, another emoji and psfir's own messages say nothing."""
    incident = begun(seat)
    with seat.app() as app:
        room = seat.room(incident.id)
        card = seat.sees("nothing contained", channel=room)
        message = said(seat, "the vendor confirms it", room)
        for other in (message, card):
            react(seat, other, name="eyes" if other is message else EMOJI)
        react(seat, message, user=BEN)  # who is not named, and does not use it up
        seat.sees("can read and do nothing else", channel=room)
        react(seat, message)
        seat.sees("Filed on the timeline", channel=room)
        app.incoming.hear(of_press(menu(message, ADD, "t1"), "e1"))
        seat.sees("has filed this in", channel=room)
        assert notes(seat, incident) == ["ada in Slack: the vendor confirms it"]


def test_elsewhere_the_emoji_says_nothing_and_the_menu_files(seat: Seat) -> None:
    """The only open incident is meant; the emoji there is people's own."""
    incident = begun(seat)
    with seat.app() as app:
        seat.room(incident.id)
        message = said(seat, "customers write to us", HOME)
        other = said(seat, "lunch is at noon", HOME)
        item = {"channel": HOME, "ts": other["ts"]}
        event = {"type": "reaction_added", "user": ADA, "reaction": EMOJI, "item": item}
        app.incoming.take(of_event({"event": event}, "e0"))
        app.incoming.hear(of_press(menu(message, ADD, "t1"), "e1"))
        seat.sees("Filed on the timeline")
        assert notes(seat, incident) == ["ada in Slack: customers write to us"]


def test_an_incident_is_opened_from_a_message(seat: Seat) -> None:
    """Its words stand in the form, which asks for system and severity."""
    with seat.app() as app:
        message = said(seat, "it promises refunds", HOME)
        app.incoming.hear(of_press(menu(message, OPEN, "t1"), "e1"))
        view = str(seat.until(lambda: seat.double.forms and seat.double.forms[0]))
        assert "it promises refunds" in view
        chosen = {
            name: {name: {"selected_option": {"value": word}}}
            for name, word in {"system": "assistant", "severity": "sev1"}.items()
        }
        values = {**chosen, "title": {"title": {"value": "it promises refunds"}}}
        form = {"callback_id": OPENED, "private_metadata": f"{HOME} ", "state": {"values": values}}
        app.incoming.hear(of_form({"user": {"id": ADA}, "trigger_id": "t2", "view": form}, "e2"))
        seat.sees("Declared")
        (incident,) = seat.session.incidents()
        assert (incident.title, incident.severity.value) == ("it promises refunds", "sev1")
