"""Trap 16: nothing goes out twice. A real process is killed with SIGKILL at every write of a sending."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from psfir.app.clock import RealClock
from psfir.app.settling import Found, settle, unknown_of
from psfir.domain.message import Audience, Result
from psfir.errors import Refusal
from tests.app.incident_kit import NOW
from tests.app.newsroom import NAMES, Newsroom
from tests.app.workspaces import environment

CHILD = Path(__file__).with_name("comms_crash_child.py")
POSTS, MAILS = 2, 7
"""Writes of one post: its intention and its outcome. Of mails to two people: the list is laid, what failed is taken up
again, the intention, a mark for each of the two, the last one's note, the outcome."""

TOLD = {POSTS: (2,), MAILS: (5, 6)}
"""Before these writes the world has been told something: dying there is another death than behind the one before."""

PEOPLE = NAMES[:2]


def run_child(newsroom: Newsroom, at: int, when: str, name: str) -> subprocess.CompletedProcess[str]:
    env = {**environment(newsroom.root, "alice"), **newsroom.env}
    words = ["comms", "send", name, "--yes"]
    command = [sys.executable, str(CHILD), str(at), when, *words]
    return subprocess.run(command, cwd=newsroom.root, env=env, capture_output=True, text=True, timeout=60, check=False)


def boundaries(writes: int) -> Iterator[tuple[int, str]]:
    yield from ((at, "after") for at in range(1, writes + 1))
    yield from ((at, "before") for at in TOLD[writes])


@pytest.fixture(autouse=True)
def _today(newsroom: Newsroom) -> None:
    """The child has the real clock and boot, and so has whoever goes on with it."""
    newsroom.clock.at = newsroom.real_now()
    newsroom.clock.boot = RealClock().boot_id()
    assert newsroom.clock.at != NOW


def drafted(newsroom: Newsroom, audience: Audience) -> str:
    newsroom.mail.kept.clear()
    return newsroom.approved(audience)


def test_a_post(newsroom: Newsroom) -> None:
    """Once on the page, wherever it died: the next press finds it, or posts what is surely not there."""
    whole = run_child(newsroom, 0, "never", drafted(newsroom, Audience.PUBLIC))
    assert re.findall(r"writes (\d+)", whole.stderr) == [str(POSTS)], whole
    for at, when in boundaries(POSTS):
        name, before = drafted(newsroom, Audience.PUBLIC), posts(newsroom)
        assert run_child(newsroom, at, when, name).returncode == -signal.SIGKILL
        newsroom.later(seconds=90)
        with suppress(Refusal):  # it is on the record that it went out
            newsroom.send(name)
        assert posts(newsroom) == before + 1, f"died {when} {at}"
        assert newsroom.told(name).sent
        assert not newsroom.told(name).unknown


def posts(newsroom: Newsroom) -> int:
    return sum(len(one["incident_updates"]) for one in newsroom.posted)


def test_mails_to_a_list(newsroom: Newsroom) -> None:
    """Each at most once; who is without one is on the list of the unknown, by line, and there is one at most."""
    newsroom.affected(*PEOPLE)
    whole = run_child(newsroom, 0, "never", drafted(newsroom, Audience.CUSTOMERS))
    assert re.findall(r"writes (\d+)", whole.stderr) == [str(MAILS)], whole
    flaws = [flaw for at, when in boundaries(MAILS) if (flaw := die_and_carry_on(newsroom, at, when))]
    assert flaws == []


def die_and_carry_on(newsroom: Newsroom, at: int, when: str) -> str:
    """One death and what came after it; what is wrong, '' if nothing is."""
    name = drafted(newsroom, Audience.CUSTOMERS)
    died = run_child(newsroom, at, when, name)
    if died.returncode != -signal.SIGKILL:
        return f"{when} {at}: it lived: {died.stderr}"
    try:
        sent = newsroom.send(name)
        unknown = sent.counts.get("unknown", 0)
        right = (sent.delivery.result is Result.UNKNOWN) == bool(unknown)
    except Refusal as error:
        unknown, right = newsroom.table().talk.messages[name].unknown, "nothing is left to send" in str(error)
    table = newsroom.table()
    lines = [line for one in unknown_of(table, table.message(name)) for line in one.lines]
    without = [line for line, who in enumerate(PEOPLE, 1) if who not in newsroom.mailed]
    fine = max(Counter(newsroom.mailed).values()) == 1 and set(without) <= set(lines) and len(lines) <= 1
    if not (fine and right):
        return f"{when} {at}: mailed {newsroom.mailed}, unknown {lines}"
    return _settled(newsroom, name, lines, without)


def _settled(newsroom: Newsroom, name: str, lines: list[int], without: list[int]) -> str:
    """A person looks, and in the end everybody has one."""
    if lines:
        table = newsroom.table()
        settle(table, table.message(name), Found(sent=not without, why="the log", lines=lines))
    if without:
        newsroom.send(name)
    once = Counter(newsroom.mailed) == Counter(PEOPLE)
    return "" if once and not newsroom.told(name).unknown else f"in the end: {newsroom.mailed}"
