"""A whole incident in Slack, on local-slack: declared, killed, noted, restored by two, closed; what a person sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.app.incident_deeds import note
from psfir.domain.incident import Status
from psfir.domain.kinds import Kind
from psfir.domain.verdict import Verdict
from psfir.range.slack.calls import rate_limited
from psfir.range.slack.console import TOKEN
from psfir.range.slack.lacking import Lacking
from psfir.range.slack.package import APP_TOKEN, SlackPackage
from tests.slackbot.seat import BEN, HOME, Seat, package, workspace


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
        yield Seat(slack, double, workspace(tmp_path, double.url))


def test_a_whole_incident(seat: Seat) -> None:
    """Nobody touches a terminal, and the record names who pressed, as Slack vouches for them."""
    with seat.app():
        seat.type("declare assistant sev1 It promises refunds")
        (incident,) = seat.until(seat.session.incidents)
        seat.sees("Declared", incident.id)
        room = seat.room(incident.id)
        card = seat.sees("SEV1", "It promises refunds", "nothing contained", channel=room)
        assert incident.declared_by == "verified:ada"
        seat.type("kill assistant", channel=room)
        plan = seat.sees("Kill assistant?", "Worst case", "Digest", channel=room)
        seat.press(plan, "Kill", user=BEN)
        seat.sees("CONTAINED", "has ended", channel=room)
        done = seat.session.incident(incident.id)
        assert done.verdict is Verdict.CONTAINED
        assert next(iter(done.runs.values())).actor == "verified:ben"
        assert seat.sees("SEV1", "GREEN, contained", channel=room)["ts"] == card["ts"]  # edited, not posted again
        seat.until(lambda: (room, card["ts"]) in seat.double.pins, "the pin")
        seat.until(lambda: any("CONTAINED" in text for _, text in seat.double.topics), "the topic")
        seat.type("note vendor says <!channel> https://evil.example", channel=room)
        noted = seat.sees("note:", "vendor says", channel=room)
        assert "<!channel>" not in str(noted)
        assert "https://evil" not in str(noted)
        seat.type("status", channel=room)
        seat.sees("Still standing", "psfir incident show", channel=room)
        seat.type("restore", channel=room)
        asked = seat.sees("Put back", "Digest", channel=room)
        for _ in range(2):  # one person's second yes adds nothing
            seat.press(asked, "Say yes, restore")
        seat.sees("1 of 2 people have said it", channel=room)
        assert seat.session.incident(incident.id).standing
        seat.press(seat.sees("Put back", "Digest", channel=room), "Say yes, restore", user=BEN)
        seat.until(lambda: not seat.session.incident(incident.id).standing, "the restore")
        for status in (Status.RESOLVED, Status.CLOSED):
            seat.until(lambda: not seat.session.incident(incident.id).running, "its end")
            seat.type("close", channel=room)
            _is(seat, incident.id, status)
    assert not seat.warned


def _is(seat: Seat, incident: str, status: Status) -> None:
    seat.until(lambda: seat.session.incident(incident).status is status, status)


def test_two_press_at_once_one_deed_both_told(seat: Seat) -> None:
    """And a press on a question that is settled is answered truthfully, however often."""
    with seat.app():
        seat.type("kill assistant")
        plan = seat.sees("Kill assistant?")
        seat.press(plan, "Kill")
        seat.press(plan, "Kill", user=BEN)
        seat.sees("Nothing more was done by your press")
        seat.sees("has ended")
        (incident,) = seat.session.incidents()
        assert len(incident.runs) == 1
        seat.press(plan, "Cancel", user=BEN)
        seat.until(lambda: sum("pressed already, by" in str(one) for one in seat.all()) == 2, "two answers")


def test_what_a_terminal_writes_shows_in_the_channel(seat: Seat) -> None:
    """Also what was written while no app ran, and nothing is told twice when one starts again."""
    with seat.app():
        seat.type("declare assistant")
        (incident,) = seat.until(seat.session.incidents)
        room = seat.room(incident.id)
        note(seat.session, incident, "typed at a terminal")
        seat.sees("typed at a terminal", channel=room)
    note(seat.session, seat.session.incident(incident.id), "typed while Slack slept")
    with seat.app():
        seat.sees("typed while Slack slept", channel=room)
    texts = [one.get("text", "") for one in seat.all(room)]
    assert sum("typed at a terminal" in text for text in texts) == 1
    assert sum("Still" in text or "Verdict" in text for text in texts) == 1  # one card


def test_an_unmapped_member_reads_and_does_nothing(slack: SlackPackage, tmp_path: Path) -> None:
    """Neither a declare nor a kill; the menu is theirs, and says so."""
    slack.reset()
    with Lacking(slack.handle, tokens=(TOKEN, APP_TOKEN)) as double:
        seat = Seat(slack, double, workspace(tmp_path, double.url, ben="U0OTHER"))
        with seat.app():
            seat.type("declare assistant", user=BEN)
            seat.sees("can read and do nothing else")
            seat.type("kill assistant", user=BEN)
            for label in ("Kill", "Cancel"):  # neither uses up the question, which others may answer
                seat.press(seat.sees("Kill assistant?"), label, user=BEN)
            seat.until(
                lambda: sum("can read and do nothing else" in str(one) for one in seat.all()) >= 2, "the refusal"
            )
            assert seat.sees("Kill assistant?")["blocks"][-1]["type"] == "actions"
            seat.type("", user=BEN)
            seat.sees("you can read, and do nothing else")
        assert not [entry for entry in seat.session.journal.read() if entry.kind != Kind.ABSORBED]


def test_a_form_that_comes_too_late_is_told(seat: Seat) -> None:
    """Slack lets one be opened for three seconds; psfir says so, and the plan stays."""
    seat.double.expired = True
    with seat.app():
        seat.type("kill assistant")
        seat.press(seat.sees("Kill assistant?"), "Edit")
        seat.sees("within 3 s of a press")
        assert seat.double.forms == []


def test_words_that_nobody_knows_get_a_sentence(seat: Seat) -> None:
    """With what was probably meant; and help lists them all."""
    with seat.app():
        seat.type("kil assistant")
        seat.sees("psfir knows no", "kill")
        seat.type("kill nonesuch")
        seat.sees("has no system")
        seat.type("help")
        seat.sees("/psfir restore [INC]")
        assert HOME


def test_a_connection_that_breaks_off_is_made_again(seat: Seat) -> None:
    """Nobody has to start the app anew, and what waits for the channel is not lost."""
    with seat.app():
        seat.until(lambda: seat.double.connected == 1, "the first connection")
        seat.double.drop()
        seat.until(lambda: seat.double.connected == 2, "the second connection")
        seat.type("declare assistant")
        seat.sees("Declared")


def test_a_kill_does_not_wait_for_slack(seat: Seat) -> None:
    """Every post is refused from the press on; the run ends, and all of it shows once Slack is back."""
    posts = ("/api/chat.postMessage", "/api/chat.update", "/api/chat.postEphemeral", "/api/conversations.create")
    with seat.app():
        seat.type("kill assistant")
        plan = seat.sees("Kill assistant?")
        seat.double.faults.fault(rate_limited(1), when=lambda asked: asked.path in posts)
        seat.press(plan, "Kill")
        (incident,) = seat.until(seat.session.incidents)
        run = seat.until(lambda: [r for r in seat.session.incident(incident.id).runs.values() if r.ended], "its end")
        assert run[0].verdict is Verdict.CONTAINED
        seat.double.faults.heal()
        seat.sees("CONTAINED", "has ended")
        card = seat.sees("GREEN, contained", channel=seat.room(incident.id))
    assert sum("Verdict" in str(one.get("blocks")) for one in seat.all(card["channel"])) == 1


def test_of_two_processes_one_posts_and_the_other_takes_over(seat: Seat) -> None:
    """Each entry shows once, and after the first has gone what comes still shows."""
    with seat.app():
        with seat.app():
            seat.type("declare assistant")
            (incident,) = seat.until(seat.session.incidents)
            room = seat.room(incident.id)
            note(seat.session, incident, "by one of two")
            seat.sees("by one of two", channel=room)
        note(seat.session, seat.session.incident(incident.id), "by the one that is left")
        seat.sees("by the one that is left", channel=room)
    texts = [one.get("text", "") for one in seat.all(room)]
    assert sum("by one of two" in text for text in texts) == 1
    assert len(seat.session.incidents()) == 1


def test_an_incident_in_a_thread_of_the_home_channel(slack: SlackPackage, tmp_path: Path) -> None:
    """The card opens it, and what is said in it is about its incident."""
    slack.reset()
    with Lacking(slack.handle, tokens=(TOKEN, APP_TOKEN)) as double:
        seat = Seat(slack, double, workspace(tmp_path, double.url, place="thread"))
        with seat.app():
            seat.type("declare assistant")
            card = seat.sees("nothing contained")
            (incident,) = seat.session.incidents()
            note(seat.session, incident, "seen by all")
            assert seat.sees("note:", "seen by all")["thread_ts"] == card["ts"]
        assert double.topics == []


def test_a_kill_that_takes_two_people(slack: SlackPackage, tmp_path: Path) -> None:
    """It waits for the second one's own button; whoever pressed first cannot be both."""
    slack.reset()
    with Lacking(slack.handle, tokens=(TOKEN, APP_TOKEN)) as double:
        seat = Seat(slack, double, workspace(tmp_path, double.url, people=2))
        with seat.app():
            seat.type("kill assistant")
            seat.press(seat.sees("Kill assistant?"), "Kill")
            waits = seat.sees("1 of 2 people have said yes", "Say yes")
            seat.press(waits, "Say yes")
            seat.sees("has said yes already")
            (incident,) = seat.session.incidents()
            assert incident.runs == {}
            seat.press(waits, "Say yes", user=BEN)
            seat.sees("CONTAINED", "has ended")
        approved = {one.actor.id for one in seat.session.incident(incident.id).approvals}
        assert approved == {"ada", "ben"}
