"""What is shown in Slack mentions, links and formats nothing by itself, and is never beyond Slack's limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psfir.app.incident_deeds import note, seat
from psfir.domain.incident import Incident
from psfir.domain.modes import Severity
from psfir.domain.people import Person, Seat
from psfir.slackbot import blocks
from psfir.slackbot.blocks import Button, Message, Page, told
from psfir.slackbot.card import TOPIC, Shown, card, colour, topic
from psfir.slackbot.mrkdwn import code, cut, person, safe
from tests.app.incident_kit import at_work, lay_out, opened, plan, ran

NOW = datetime(2026, 11, 21, 3, 20, tzinfo=UTC)
EVIL = "<!channel> <@U0ADA> <https://evil.example|ok> @here https://evil.example/x evil.example *b* _i_ `c` ~s~\n> q"


def within_limits(message: Message) -> None:
    assert 0 < len(message.text) <= 4000
    assert len(message.blocks) <= 50
    for block in message.blocks:
        _block(block)


def _block(block: Mapping[str, Any]) -> None:
    if block["type"] == "section":
        assert 0 < len(block["text"]["text"]) <= 3000
    elif block["type"] == "header":
        assert 0 < len(block["text"]["text"]) <= 150
    elif block["type"] == "context":
        assert 1 <= len(block["elements"]) <= 10
        assert all(0 < len(one["text"]) <= 3000 for one in block["elements"])
    elif block["type"] == "actions":
        ids = [one["action_id"] for one in block["elements"]]
        assert 1 <= len(ids) <= 25
        assert len(set(ids)) == len(ids)
        assert all(len(one["value"]) <= 2000 and len(one["text"]["text"]) <= 75 for one in block["elements"])


def harmless(text: str) -> None:
    for bad in ("<!", "<@", "<http", "@here", "@channel", "://", "evil.example"):
        assert bad not in text


def test_nothing_that_somebody_typed_mentions_links_or_formats() -> None:
    """Also not what Slack would make a link of by itself; and it is one line."""
    text = safe(EVIL)
    harmless(text)
    assert not set("*`~\n") & set(text)
    assert "_i_" not in text
    assert "fall_back" in safe("the fall_back flag")
    assert safe("a < b & c > d") == "a &lt; b &amp; c &gt; d"


def test_a_command_stays_as_it_is_to_be_typed() -> None:
    """It ends up in somebody's terminal, so no sign is put into it, and no format can end it."""
    assert code("psfir approve ab12 --reason 'a.b@c'") == "`psfir approve ab12 --reason 'a.b@c'`"
    assert code("x` *bold*").count("`") == 2


def test_only_a_member_id_is_a_mention() -> None:
    """What stands under `slack:` of a person and is none is shown as their name."""
    assert person("U012AB3CD", "Ada") == "<@U012AB3CD>"
    assert person("!channel", "Ada") == "Ada"


@given(st.text(alphabet="a&<>;", max_size=60), st.integers(min_value=8, max_value=40))
def test_a_cut_never_leaves_half_a_sign(text: str, most: int) -> None:
    """`&am` would be shown as it stands."""
    short = cut(safe(text), most)
    assert len(short) <= most
    whole = short.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert "&" not in whole


@given(
    st.lists(st.text(max_size=400).map(lambda text: safe(text) * 12), max_size=120),
    st.text(max_size=300),
    st.integers(min_value=0, max_value=60),
)
def test_whatever_is_put_in_is_within_slacks_limits(lines: list[str], head: str, buttons: int) -> None:
    """Too many lines, too long ones, too many buttons, or nothing at all."""
    page = Page().head(head).lines(lines)
    page.buttons([Button("a", "label " * 30, str(at)) for at in range(buttons)])
    within_limits(page.message())


def test_buttons_stay_when_there_are_too_many_blocks() -> None:
    """They are what somebody has come for; the whole text goes into the thread."""
    page = Page()
    for at in range(80):
        page.lines([f"line {at}"])
    message = page.buttons([Button("psfir.kill", "Kill", "x")]).message()
    within_limits(message)
    assert message.blocks[-1]["type"] == "actions"
    assert "line 79" in message.over


def test_a_long_line_is_cut_and_known_whole() -> None:
    """Nothing is lost unseen."""
    message = told("x" * 5000)
    within_limits(message)
    assert message.over == "x" * 5000
    assert message.words()["text"]


def test_a_button_that_holds_too_much_is_an_error_of_ours() -> None:
    """A value is an id or a digest."""
    with pytest.raises(ValueError, match="more than Slack"):
        Page().buttons([Button("a", "b", "x" * (blocks.VALUE + 1))])


def huge(root: Path) -> Incident:
    """The largest one: dozens of systems, runs and rungs, every seat, and names that are as bad as can be."""
    lay_out(root)
    session = at_work(root)
    incident = opened(session)
    for number in range(8):
        one = plan(system=f"system-{number}-{'z' * 80}")
        steps = [replace(one.rungs[0], step=f"{EVIL}-{at}") for at in range(24)]
        whole = replace(one, rungs=tuple(steps))
        incident = ran(session, incident, whole, f"run-{number}", verdict="partial", end=False)
    for place in Seat:
        incident = seat(session, incident, seat=place, person="alice")
    incident = note(session, incident, EVIL * 40, about="title")
    return replace(incident, systems=tuple(f"system-{at}-{'x' * 60}" for at in range(90)))


def test_the_largest_card_is_within_slacks_limits(tmp_path: Path) -> None:
    """And nothing in it came through as a mention or a link."""
    incident = huge(tmp_path)
    people = {"alice": Person("alice", EVIL, slack="U0ADA")}
    steps = [(f"psfir kill {'y' * 900}", EVIL * 9) for _ in range(40)]
    message = card(incident, Shown(NOW, people, steps, exercise=True))
    within_limits(message)
    harmless(message.text.replace("<@U0ADA>", ""))
    assert "EXERCISE" in message.text
    assert len(topic(incident, NOW, exercise=True)) <= TOPIC
    harmless(topic(incident, NOW))


def test_the_card_says_what_somebody_who_comes_in_needs(tmp_path: Path) -> None:
    """Severity, verdict, clock with a word for the colour, seats, what runs, what is next; also in the text alone."""
    lay_out(tmp_path)
    incident = opened(at_work(tmp_path))
    now = incident.trigger_at + timedelta(minutes=4)
    text = card(incident, Shown(now, {}, [("psfir kill assistant", "nothing is contained")])).text
    for said in ("SEV2", "nothing contained", "T+04:00", "11:00 left of 15m", "GREEN", "NOBODY", "nothing runs"):
        assert said in text
    assert "`psfir kill assistant`" in text


@pytest.mark.parametrize(
    ("minutes", "word"), [(1, "GREEN"), (8, "AMBER"), (12, "RED"), (15, "RED, too late"), (600, "RED, too late")]
)
def test_the_colour_is_a_word(tmp_path: Path, minutes: int, word: str) -> None:
    """Not everybody sees a colour, and no reader aloud does."""
    lay_out(tmp_path)
    incident = opened(at_work(tmp_path))
    assert colour(incident, incident.trigger_at + timedelta(minutes=minutes)) == word


def test_the_topic_has_severity_verdict_and_time(tmp_path: Path) -> None:
    """It is what a list of channels shows."""
    lay_out(tmp_path)
    incident = replace(opened(at_work(tmp_path)), severity=Severity.SEV1)
    assert topic(incident, incident.trigger_at).startswith("SEV1 | nothing contained | triggered ")
