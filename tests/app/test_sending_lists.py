"""A message to a list: each gets one copy, and what may have gone out is for a person to settle."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from threading import Event

import pytest

from psfir.app.comms_status import set_cadence
from psfir.app.outbox import outbox_path
from psfir.app.settling import Found, settle, unknown_of
from psfir.comms.delivery import Pace, Watch
from psfir.comms.mailing import AWAY
from psfir.domain.message import Audience, Delivery, Result
from psfir.errors import ContentError, Refusal, UsageError
from psfir.records.outbox import Copy
from tests.app.newsroom import NAMES, Newsroom


def first(word: str, times: int) -> Iterator[str]:
    """What the server says to the first so many."""
    return chain(repeat(word, times), repeat(""))


def approved(newsroom: Newsroom) -> str:
    return newsroom.approved(Audience.CUSTOMERS)


def test_each_gets_one_by_itself(newsroom: Newsroom) -> None:
    """One who stands there twice gets one, and who has it is nobody else's to see."""
    newsroom.affected(*NAMES, "# a note", "", NAMES[0].upper())
    name = approved(newsroom)
    sent = newsroom.send(name)
    assert (sent.delivery.result, sent.counts) == (Result.SENT, {"sent": 3})
    assert newsroom.mailed == list(NAMES)
    assert {mail["To"] for mail in newsroom.mail.mails} == set(NAMES)
    with pytest.raises(Refusal, match="nothing is left to send: 3 sent"):
        newsroom.send(name)


def test_the_record_has_no_address(newsroom: Newsroom) -> None:
    """Only how many, and the digest of the list; the addresses lie in a folder for their owner alone."""
    name = approved(newsroom)
    newsroom.send(name)
    said = "".join(str(entry.data) for entry in newsroom.session().journal.read())
    assert not [one for one in NAMES if one in said]
    path = outbox_path(newsroom.table(), newsroom.told(name), "mail")
    assert path.parent.stat().st_mode & 0o077 == 0
    (sending,) = newsroom.told(name).sendings
    assert (sending.recipients, sending.counts) == (3, {"sent": 3})


def test_who_is_greylisted_gets_it_later(newsroom: Newsroom) -> None:
    """The others do not wait for them."""
    waits: list[float] = []
    said = first("451 4.7.1 greylisted", 1)
    newsroom.mail.at["RCPT"] = lambda _: next(said)
    sent = newsroom.send(approved(newsroom), watch=Watch(Event(), wait=waits.append))
    assert sent.counts == {"sent": 3}
    assert newsroom.mailed == [NAMES[1], NAMES[2], NAMES[0]]
    assert waits == [60.0]


def test_who_is_put_off_for_ever_is_given_up(newsroom: Newsroom) -> None:
    """Loudly, after five tries; sending again tries them anew, and nobody else."""
    newsroom.mail.at["RCPT"] = lambda who: "451 4.7.1 greylisted" if who == NAMES[0] else ""
    name = approved(newsroom)
    sent = newsroom.send(name)
    assert (sent.delivery.result, sent.counts) == (Result.FAILED, {"sent": 2, "failed": 1})
    newsroom.mail.at.clear()
    assert newsroom.send(name).counts == {"sent": 3}
    assert newsroom.mailed == [NAMES[1], NAMES[2], NAMES[0]]


def test_who_is_refused_stays_refused(newsroom: Newsroom) -> None:
    """There is no such mailbox: it is counted, and the others have it."""
    newsroom.mail.at["RCPT"] = lambda who: "550 5.1.1 no such user" if who == NAMES[1] else ""
    sent = newsroom.send(approved(newsroom))
    assert (sent.delivery.result, sent.counts) == (Result.SENT, {"sent": 2, "refused": 1})
    assert sent.refused == (2,)


def test_dropped_after_the_text_is_unknown_and_nobodys_to_repeat(newsroom: Newsroom) -> None:
    """A person looks, line by line; those that did not go out go then."""
    newsroom.mail.after = "drop"
    name = approved(newsroom)
    sent = newsroom.send(name)
    assert (sent.delivery.result, sent.counts) == (Result.UNKNOWN, {"unknown": 3})
    newsroom.mail.after = ""
    with pytest.raises(Refusal, match="nothing is left to send: 3 unknown"):
        newsroom.send(name)
    at = newsroom.table()
    (unknown,) = unknown_of(at, at.message(name))
    assert (unknown.channel, unknown.lines) == ("mail", (1, 2, 3))
    with pytest.raises(UsageError, match="nothing is unknown of line 9"):
        settle(at, at.message(name), Found(sent=True, why="x", lines=(9,)))
    one = settle(at, at.message(name), Found(sent=False, why="the log", lines=(2,)))
    assert (one.counts, one.says) == (
        {"pending": 1, "unknown": 2},
        "looked by alice: the log; line 2 did not go out",
    )
    assert newsroom.send(name).counts == {"sent": 1, "unknown": 2}
    settled = settle(newsroom.table(), newsroom.told(name), Found(sent=True, why="the log"))
    assert (settled.counts, settled.unknown, settled.out) == ({"sent": 3}, False, True)
    assert newsroom.mailed == [*NAMES, NAMES[1]]


def test_a_server_that_is_away_costs_no_copy_its_tries(newsroom: Newsroom) -> None:
    """After some in a row the others are left as they are, and go once it is back."""
    newsroom.affected(*(f"c{number}@example.com" for number in range(9)))
    name = approved(newsroom)
    url = newsroom.mail.url
    words = newsroom.root / "psfir.yaml"
    whole = words.read_text(encoding="utf-8")
    words.write_text(whole.replace(url, "smtp://127.0.0.1:1"), encoding="utf-8")
    sent = newsroom.send(name)
    assert sent.counts == {"later": AWAY, "pending": 9 - AWAY}
    words.write_text(whole, encoding="utf-8")
    assert newsroom.send(name).counts == {"sent": 9}


def test_stopped_in_the_middle_it_goes_on_later(newsroom: Newsroom) -> None:
    """The copy that is on its way is finished, the others stay in the outbox."""
    stop = Event()

    def after(_copy: Copy, _delivery: Delivery) -> None:
        stop.set()

    name = approved(newsroom)
    sent = newsroom.send(name, watch=Watch(stop, after))
    assert (sent.delivery.result, sent.counts) == (Result.FAILED, {"sent": 1, "pending": 2})
    assert newsroom.told(name).left == 2
    assert newsroom.send(name).counts == {"sent": 3}
    assert newsroom.mailed == list(NAMES)


def test_a_further_mail_stands_with_the_first_that_the_same_person_got(newsroom: Newsroom) -> None:
    """Each with their own; whoever got none yet begins with this one, and the third goes on from the first."""
    newsroom.affected(*NAMES[:2])
    newsroom.send(approved(newsroom))
    newsroom.affected(*NAMES)
    newsroom.send(approved(newsroom))
    newsroom.send(approved(newsroom))
    mails = newsroom.mail.mails
    ids = {mail["To"]: [one["Message-ID"] for one in mails if one["To"] == mail["To"]] for mail in mails}
    answers = {mail["To"]: [one["References"] for one in mails if one["To"] == mail["To"]] for mail in mails}
    assert answers == {name: [None, *[ids[name][0]] * (len(ids[name]) - 1)] for name in NAMES}
    assert [len(ids[name]) for name in NAMES] == [3, 3, 2]
    assert mails[-1]["In-Reply-To"] == ids[NAMES[2]][0]


@pytest.mark.parametrize("kept", [0, 5000], ids=["no database", "damaged inside"])
def test_a_list_that_is_damaged_is_no_hindrance(newsroom: Newsroom, kept: int) -> None:
    """What was sent before keeps nobody from what is to be sent now: these mails begin anew, each once."""
    name = approved(newsroom)
    newsroom.send(name)
    path = outbox_path(newsroom.table(), newsroom.told(name), "mail")
    path.write_bytes(path.read_bytes()[:kept] + b"\xff" * 20_000)
    for beside in ("-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    assert newsroom.send(approved(newsroom)).counts == {"sent": 3}
    assert [mail["References"] for mail in newsroom.mail.mails] == [None] * 6


def test_a_list_that_is_gone_is_no_hindrance(newsroom: Newsroom) -> None:
    """It was discarded after its time: further mails begin anew."""
    name = approved(newsroom)
    newsroom.send(name)
    outbox_path(newsroom.table(), newsroom.told(name), "mail").unlink()
    newsroom.send(approved(newsroom))
    assert [mail["References"] for mail in newsroom.mail.mails] == [None] * 6


def test_what_is_left_may_need_a_new_yes(newsroom: Newsroom) -> None:
    """And can get one, although some have it already."""
    stop = Event()
    newsroom.later(hours=3)
    set_cadence(newsroom.table(), Audience.CUSTOMERS, every=4 * 3600.0, why="nothing new")
    name = approved(newsroom)
    newsroom.send(name, watch=Watch(stop, lambda *_: stop.set()))
    newsroom.later(minutes=61)
    with pytest.raises(Refusal, match="still needs a yes"):
        newsroom.send(name)
    newsroom.approve(name)
    assert newsroom.send(name).counts == {"sent": 3}
    with pytest.raises(Refusal, match="went out at"):
        newsroom.approve(name)


def test_not_faster_than_it_was_asked(newsroom: Newsroom) -> None:
    """Two a second."""
    begun = newsroom.clock.now()
    newsroom.send(approved(newsroom), pace=Pace(rate=2.0))
    assert (newsroom.clock.now() - begun).total_seconds() == pytest.approx(1.5)


def test_a_list_that_changed_since_is_refused(newsroom: Newsroom) -> None:
    """Who was on it when sending began is who gets it."""
    stop = Event()
    name = approved(newsroom)
    newsroom.send(name, watch=Watch(stop, lambda *_: stop.set()))
    newsroom.affected(*NAMES, "dia@example.com")
    with pytest.raises(Refusal, match="the list has changed since sending began"):
        newsroom.send(name)
    newsroom.affected(*NAMES)
    assert newsroom.send(name).counts == {"sent": 3}


def test_an_outbox_that_is_gone_is_not_laid_anew(newsroom: Newsroom) -> None:
    """Nobody could tell who has it."""
    stop = Event()
    name = approved(newsroom)
    newsroom.send(name, watch=Watch(stop, lambda *_: stop.set()))
    outbox_path(newsroom.table(), newsroom.told(name), "mail").unlink()
    with pytest.raises(Refusal, match="nobody can tell who has"):
        newsroom.send(name)
    assert newsroom.mailed == [NAMES[0]]


def test_bad_lines_send_nothing_and_are_all_told(newsroom: Newsroom) -> None:
    """By their line, never by what stands there."""
    newsroom.affected(NAMES[0], "nobody", NAMES[1], "a@b@c", "x <x@example.com>")
    name = approved(newsroom)
    with pytest.raises(ContentError) as told:
        newsroom.send(name)
    assert [problem.line for problem in told.value.problems] == [2, 4, 5]
    assert "put 3 lines right: nothing was sent" in str(told.value)
    assert "nobody" not in str(told.value)
    assert not newsroom.mailed
    assert not newsroom.told(name).sendings


def program(newsroom: Newsroom, text: str, *, allow: bool = True) -> Path:
    """A list that this program says."""
    tool = newsroom.root / "who"
    tool.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    tool.chmod(0o700)
    newsroom.write(
        "command: crm",
        connections=f"  crm: {{kind: command, argv: [{tool}]}}",
        more=f"commands: {{allow: [{tool}]}}" if allow else "",
    )
    return tool


def test_a_program_may_say_who(newsroom: Newsroom) -> None:
    """One that psfir.yaml allows, one address a line; it is told by its verb what it is asked for."""
    program(
        newsroom,
        'test "$1" = recipients && grep -q \'"list":"affected"\' && printf "ada@example.com\\nben@example.com\\n"',
    )
    assert newsroom.send(approved(newsroom)).counts == {"sent": 2}
    assert newsroom.mailed == list(NAMES[:2])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("printf 'ada@example.com\\n'; exit 3", "is no list: its program ended with 3"),
        ("printf 'ada@example.com\\nx y\\n'", "answer of crm:2"),
        ("exit 0", "names nobody"),
        ("printf '\\377@example.com\\n'", "is not written in UTF-8"),
    ],
)
def test_a_program_that_says_no_whole_list(newsroom: Newsroom, text: str, says: str) -> None:
    """Nobody is written to."""
    program(newsroom, text)
    with pytest.raises(ContentError, match=says):
        newsroom.send(approved(newsroom))
    assert not newsroom.mailed


def test_a_program_that_nobody_allowed(newsroom: Newsroom) -> None:
    """It is not run."""
    tool = program(newsroom, "touch was-run; printf 'ada@example.com\\n'", allow=False)
    with pytest.raises(Refusal, match=r"psfir\.yaml does not allow this program"):
        newsroom.send(approved(newsroom))
    assert not tool.with_name("was-run").exists()
