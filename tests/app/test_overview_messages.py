"""`psfir` alone names the messages that wait for somebody, and the audiences that wait for a message."""

from __future__ import annotations

from threading import Event

import pytest

from psfir.app.approve import find
from psfir.app.incident_view import flags
from psfir.app.overview import Waiting, overview
from psfir.app.settling import Found, settle
from psfir.comms.delivery import Watch
from psfir.domain.message import Audience
from psfir.domain.timeline import line
from psfir.errors import Refusal
from psfir.range.faulty import Fault, reset
from tests.app.newsroom import Newsroom


def waiting(newsroom: Newsroom, me: str = "alice") -> dict[str, Waiting]:
    return {one.what: one for one in overview(newsroom.session(me)).waiting}


def test_the_first_word_that_is_late(newsroom: Newsroom) -> None:
    """Until somebody has drafted one; then that one waits."""
    late = "public should have heard by 03:22Z"
    assert late not in waiting(newsroom)
    newsroom.later(minutes=11)
    incident = newsroom.table().incident.id
    assert waiting(newsroom)[late].command == f"psfir comms draft {incident} --audience public"
    newsroom.drafted()
    assert late not in waiting(newsroom)


def test_a_message_on_its_way(newsroom: Newsroom) -> None:
    """It waits for a yes of those who may give it, for sending, and then for nothing until the next is due."""
    name = newsroom.drafted()
    asked = waiting(newsroom)[f"{name} to public needs a yes as incident_commander"]
    assert (asked.mine, asked.command.startswith(f"psfir comms approve {name}")) == (True, True)
    of_others = waiting(newsroom, "emma")[f"{name} to public needs a yes as incident_commander"]
    assert of_others.whom.startswith("ask alice")
    newsroom.approve(name)
    assert waiting(newsroom)[f"{name} to public is cleared"].command.startswith(f"psfir comms send {name}")
    newsroom.send(name)
    assert not [what for what in waiting(newsroom) if name in what]
    newsroom.later(minutes=21)
    assert "public should have heard by 03:32Z" in waiting(newsroom)


def test_what_is_left_and_what_nobody_knows(newsroom: Newsroom) -> None:
    """Copies of a list that may go yet; a try without an answer."""
    stop = Event()
    name = newsroom.approved(Audience.CUSTOMERS)
    newsroom.send(name, watch=Watch(stop, lambda *_: stop.set()))
    assert f"2 copies of {name} to customers are left" in waiting(newsroom)
    other = newsroom.approved()
    newsroom.front.fault(Fault("lost", wire=reset))
    newsroom.send(other)
    unknown = waiting(newsroom)[f"nobody knows whether {other} to public went out"]
    assert unknown.command.startswith("psfir comms status")
    regulator = newsroom.drafted(Audience.REGULATOR)
    newsroom.approve(regulator, "emma")
    assert f"{regulator} to regulator is cleared for people to send" in waiting(newsroom)


def test_breaking_the_glass_stands_in_the_headline(newsroom: Newsroom) -> None:
    """For ever, as with a kill; and it is enough alone."""
    name = newsroom.drafted(more="Orders are safe.")
    newsroom.approve(name, break_glass=True, reason="nobody of comms can be reached")
    assert flags(newsroom.table().incident) == ("BREAK-GLASS by alice",)
    assert newsroom.send(name).delivery.out


def test_the_digest_of_a_message_says_where_it_is_approved(newsroom: Newsroom) -> None:
    """`psfir approve` is for plans."""
    name = newsroom.drafted()
    table = newsroom.table()
    digest = table.message(name).digest
    with pytest.raises(Refusal, match=f"is the digest of the message {name}") as told:
        find(table.session, digest[7:19])
    assert f"psfir comms approve {name}" in str(told.value)


def test_the_timeline_tells_it(newsroom: Newsroom) -> None:
    """In the order in which it happened, a sentence each."""
    name = newsroom.approved(Audience.CUSTOMERS)
    newsroom.mail.after = "drop"
    newsroom.send(name)
    newsroom.later(minutes=1)
    table = newsroom.table()
    settle(table, table.message(name), Found(sent=True, why="the log"))
    entries = newsroom.session().journal.read(newsroom.table().incident.id)
    said = [line(entry) for entry in entries if name in str(entry.data)]
    assert said[0].startswith(f"drafted {name} (customers holding, ordinary), ")
    assert said[1:] == [
        f"about to send {name} over mail to 3 people",
        f"{name} over mail: UNKNOWN, 3 unknown",
        f"{name} over mail: sent, looked by alice: the log; 3 lines went out",
    ]
