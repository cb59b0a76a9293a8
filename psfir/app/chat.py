"""What the Slack app needs of a workspace: its tokens, what it remembers, and who at Slack is whom.

A live app and a drill's never share a token: compared at the start, for either could else post in the other's name.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from psfir.app.bind import Bound
from psfir.app.carry import new_owner
from psfir.app.identity import by_slack
from psfir.app.session import LEASE, Door, Session, open_session
from psfir.app.store import record_folder
from psfir.domain.chat import ChatApp, Desk
from psfir.domain.values import frozen
from psfir.errors import RecordError, Refusal, UsageError
from psfir.records.chat import ChatMemory
from psfir.vendors.slack import Slack

LEADER = "slack"


@frozen
class Line:
    """One app of Slack's, live or of drills: its place, its connection, and a client of it."""

    app: ChatApp
    desk: Desk
    exercise: bool
    bound: Bound
    api: Slack


def line(session: Session, *, exercise: bool = False) -> Line:
    """The app that psfir.yaml names; refused where live and drill bear one token."""
    app = session.workspace.slack
    if app is None:
        raise UsageError("psfir.yaml has no slack block", todo="docs/slack.md shows one")
    exercise = exercise or session.post.exercise
    if exercise and app.exercise is None:
        raise UsageError("psfir.yaml names no Slack app for drills", todo="add slack.exercise, with its own connection")
    desk = app.exercise if exercise and app.exercise else app.live
    bound = session.binder.connection(desk.connection)
    _apart(session, app)
    return Line(app, desk, exercise, bound, Slack(bound))


def _apart(session: Session, app: ChatApp) -> None:
    """No token of one is a token of the other, under whatever name it is kept."""
    if app.exercise is None:
        return
    live, drill = session.binder.connection(app.live.connection), session.binder.connection(app.exercise.connection)
    for name in ("token", "app_token"):
        if live.refs.get(name) is None or drill.refs.get(name) is None:
            continue
        if live.secret(name) == drill.secret(name):
            what = f"the live app and the app of drills bear the same {name.replace('_', ' ')}"
            raise Refusal(what, todo="make a second app in Slack for drills: psfir slack manifest --exercise")


def memory(session: Session) -> ChatMemory:
    """What all processes of the app on this machine share."""
    return ChatMemory(record_folder(session.root, session.workspace) / "slack.sqlite3")


def opener(door: Door, root: Path) -> Callable[[str, bool], Session]:
    """Opens a session for a member of Slack, each time anew: who psfir.yaml names may change while the app runs."""

    def opened(member: str, killing: bool) -> Session:  # noqa: FBT001 - handed to as a Callable
        there = Door(door.env, "slack", door.warn, door.last_resort, killing, strangers=False)
        return open_session(there, workspace=root, who=lambda team: by_slack(team, member))

    return opened


class Turn:
    """Which of several processes on one record posts: one at a time, and another within seconds of its end."""

    def __init__(self, session: Session, *, exercise: bool) -> None:
        self._session = session
        self._name = f"{LEADER}:{'exercise' if exercise else 'live'}"
        self._owner = new_owner()

    def ours(self) -> bool:
        """Asked again and again: each time renews it. Without the record nobody can be asked, and nobody posts."""
        leases = self._session.leases
        try:
            return leases is not None and leases.acquire(self._name, self._owner, ttl=LEASE) is not None
        except RecordError:
            return False

    def give_back(self) -> None:
        leases = self._session.leases
        with suppress(RecordError):  # then it runs out by itself
            if leases is not None:
                leases.release(self._name, self._owner)
