"""A rehearsal's session cannot tell anybody outside: what it is handed to send by holds nothing that could."""

from __future__ import annotations

import gc
from importlib.metadata import entry_points
from pathlib import Path
from threading import Event

import pytest

from psfir.app.exercise import ExercisePost
from psfir.app.messages import record, sheet, table
from psfir.app.messengers import bound
from psfir.app.own_copy import to_me
from psfir.app.post import LivePost
from psfir.app.sending import ready, send
from psfir.app.session import Session
from psfir.comms.choose import Wanted
from psfir.comms.delivery import Pace, Watch
from psfir.domain.message import EXERCISE, Audience, Destination, Phase, Result
from psfir.domain.modes import PlanCase
from psfir.domain.values import remade
from psfir.errors import Refusal
from psfir.messengers.outgoing import Outgoing
from psfir.testing import MESSAGE, cleared
from tests.app.newsroom import Newsroom

LIVE = tuple(one.load() for one in entry_points(group="psfir.messengers"))


def rehearsing(newsroom: Newsroom) -> Session:
    return remade(newsroom.session(), post=ExercisePost(newsroom.root / "drill"))


def held(thing: object) -> list[object]:
    """All that can be reached from it, but for modules and classes."""
    found: dict[int, object] = {}
    left = [thing]
    while left:
        one = left.pop()
        if id(one) in found or isinstance(one, type) or type(one).__name__ in {"module", "function", "method"}:
            continue
        found[id(one)] = one
        left += gc.get_referents(one)
    return list(found.values())


def test_it_holds_no_live_messenger_by_type(newsroom: Newsroom) -> None:
    """For no channel, and with nothing in reach that could make one."""
    assert LIVE
    session = rehearsing(newsroom)
    for channel in session.workspace.comms.channels.values():
        parts = [*held(bound(session, channel)), *held(session.post)]
        assert not [part for part in parts if isinstance(part, (*LIVE, Outgoing, LivePost))]
    assert not hasattr(session.binder, "messenger"), "the binder of levers makes no messenger"


def test_the_same_deeds_end_in_its_folder(newsroom: Newsroom) -> None:
    """Drafted, marked, approved and sent as in earnest; the page, the mail server and the real folder hear nothing."""
    name = drafted(newsroom)
    newsroom.approve(name)
    at = table(rehearsing(newsroom))
    prepared = ready(at, at.message(name))
    assert send(at, prepared, pace=Pace(), watch=Watch(Event())).delivery.result is Result.SENT
    with pytest.raises(Refusal, match="went out over status-page"):
        send(at, prepared, pace=Pace(), watch=Watch(Event()))
    (laid,) = (newsroom.root / "drill" / "status-page").iterdir()
    assert laid.read_text(encoding="utf-8").startswith(EXERCISE)
    assert (newsroom.posted, newsroom.mailed, (newsroom.root / "out").exists()) == ([], [], False)


def drafted(newsroom: Newsroom) -> str:
    at = table(rehearsing(newsroom))
    told = record(at, sheet(at, Wanted(Audience.PUBLIC, Phase.HOLDING, "en", PlanCase.DATA_LEAKAGE), {}))
    assert told.message is not None
    assert told.message.subject.startswith(EXERCISE)
    assert told.message.body.startswith(EXERCISE)
    return told.id


def test_what_it_drafted_is_refused_by_the_living(newsroom: Newsroom) -> None:
    """Also as a copy to oneself: each live messenger holds the mark against it by itself."""
    name = drafted(newsroom)
    newsroom.approve(name)
    with pytest.raises(Refusal, match="is the text of an exercise"):
        newsroom.send(name)
    at = newsroom.table()
    assert to_me(at, at.message(name)).result is Result.REFUSED
    assert (newsroom.posted, newsroom.mailed) == ([], [])


def test_what_is_in_earnest_is_refused_by_a_rehearsal(newsroom: Newsroom) -> None:
    """Nobody is to believe that it went out."""
    name = newsroom.approved()
    at = table(rehearsing(newsroom))
    with pytest.raises(Refusal, match="is in earnest, and this is a rehearsal"):
        ready(at, at.message(name))
    sink = ExercisePost(newsroom.root / "drill").messenger(at.session.workspace.comms.channels["status-page"])
    with pytest.raises(Refusal, match="does not say that it is an exercise"):
        sink.send(cleared(), Destination({}, "copy-1"), within=1)


def test_it_lays_a_copy_once_and_finds_it(tmp_path: Path, newsroom: Newsroom) -> None:
    """As the contract of messengers wants it."""
    channel = newsroom.session().workspace.comms.channels["mail"]
    sink, to = ExercisePost(tmp_path / "drill").messenger(channel), Destination({"address": "a@b.example"}, "copy-1")
    marked = cleared(remade(MESSAGE, subject=f"{EXERCISE} {MESSAGE.subject}"))
    assert sink.find(marked, to, within=1) is None
    assert sink.send(marked, to, within=1).result is Result.SENT
    assert sink.send(marked, to, within=1).result is Result.ALREADY_THERE
    assert sink.find(marked, to, within=1) is not None
    assert sink.about.each
