"""From a drill messages leave as in earnest, to everybody, and all of them end in its folder."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest

from psfir.app.drill_run_home import Home, confined
from psfir.app.exercise import ExercisePost
from psfir.app.init import lay_out
from psfir.app.messages import record, sheet, table
from psfir.app.sending import ready, send
from psfir.app.session import Session
from psfir.comms.choose import Wanted
from psfir.comms.delivery import Pace, Watch
from psfir.domain.message import Audience, Phase, Result
from psfir.domain.modes import PlanCase
from psfir.domain.system import Workspace
from psfir.domain.values import remade
from psfir.loading.workspace import load_workspace
from tests.app.newsroom import Newsroom

KINDS = {"smtp", "statuspage", "slack", "folder"}


def in_a_drill(root: Path, words: Workspace, *, levers: bool = False) -> Workspace:
    return confined(words, Home(root, "RUN-1", "EXERCISE", levers=levers), ())


def playing(newsroom: Newsroom) -> Session:
    session = newsroom.session()
    words = in_a_drill(newsroom.root, session.workspace)
    return remade(session, workspace=words, post=ExercisePost(newsroom.root / "sent"))


def test_nothing_of_where_a_channel_leads_is_left(newsroom: Newsroom) -> None:
    """Its connection is a kind and a name: no address, no secret, no file; and its list is of real people."""
    words = playing(newsroom).workspace
    assert newsroom.session().workspace.comms.channels.keys() <= words.comms.channels.keys()
    for one in words.connections.values():
        assert (dict(one.settings), dict(one.secrets), one.files) == ({}, {}, ())
    assert {one.list for one in words.comms.channels.values()} == {""}


@pytest.mark.parametrize("reference", [False, True])
def test_by_each_kind_of_channel_everybody_can_be_told(tmp_path: Path, *, reference: bool) -> None:
    """Also where psfir.yaml has no channel at all, as in a fresh workspace: players write to whom they must."""
    root = lay_out(tmp_path / "ws", reference=reference).root
    words = in_a_drill(root, load_workspace(root / "psfir.yaml"), levers=True)
    for audience in Audience:
        found = [words.connections[one.connection].kind for one in words.comms.of(audience)]
        assert set(found) == KINDS
        assert len(found) == len(KINDS), "where two lead to one audience, a player would have to say which"


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.CUSTOMERS])
def test_a_message_of_a_drill_is_sent_into_its_folder(newsroom: Newsroom, audience: Audience) -> None:
    """Over a channel that posts once in earnest, and over one that writes to a list."""
    at = table(playing(newsroom))
    told = record(at, sheet(at, Wanted(audience, Phase.HOLDING, "en", PlanCase.DATA_LEAKAGE), {}))
    newsroom.approve(told.id)
    at = table(playing(newsroom))
    prepared = ready(at, at.message(told.id))
    assert send(at, prepared, pace=Pace(), watch=Watch(Event())).delivery.result is Result.SENT
    (laid,) = (newsroom.root / "sent" / prepared.channel.name).iterdir()
    assert laid.read_text(encoding="utf-8").startswith("EXERCISE")
    assert (newsroom.posted, newsroom.mailed) == ([], [])
