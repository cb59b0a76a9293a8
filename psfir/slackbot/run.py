"""The running app: takes in, follows the record, posts. Several may run on one record; one of them posts.

Nothing that it needs to remember lives only here: it can be killed at any instant and started again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event, Thread
from typing import Any

from psfir.app.chat import Line, Turn, line, memory, opener
from psfir.app.session import Session
from psfir.contracts import Clock
from psfir.errors import PsfirError, RecordError, UsageError
from psfir.slackbot.incoming import Incoming
from psfir.slackbot.outgoing import Outgoing
from psfir.slackbot.painter import Painter
from psfir.slackbot.talk import House

LOOK = 0.2
"""Seconds between two looks at what waits: another process may have put it there."""

AGAIN = 2.0
TURN = 1.0
LANES = 6
_ASK = 10.0


class App:
    """`start` returns once it takes in; `stop` ends it. `socket` is None where deliveries come by HTTP."""

    def __init__(self, session: Session, *, exercise: bool = False, warn: Callable[[str], None]) -> None:
        self.line: Line = line(session, exercise=exercise)
        self.over = Event()
        self._session = session
        self._clock: Clock = session.clock
        self._warn = warn
        self._memory = memory(session)
        self.out = Outgoing(self._memory, self.line, warn)
        self.house = House(self.out, opener(session.door, session.root), session.clock, self._spawn)
        self.incoming = Incoming(self.house)
        self._turn = Turn(session, exercise=self.line.exercise)
        self._pause: dict[str, float] = {}
        self._busy: set[str] = set()
        self._threads = [Thread(target=one, name="psfir slack", daemon=True) for one in (self._post, self._follow)]
        self._mine = Event()
        self._turned = -TURN

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self.over.set()
        self.incoming.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(5)
        self._turn.give_back()
        self._memory.close()

    def _spawn(self, work: Callable[[], None]) -> None:
        """A kill has a thread of its own: it goes on whatever becomes of everything else here."""

        def carried() -> None:
            try:
                work()
            except PsfirError as error:
                self._warn(str(error))

        Thread(target=carried, name="psfir slack run", daemon=False).start()

    def _post(self) -> None:
        with ThreadPoolExecutor(LANES, "psfir slack lane") as pool:
            while not self._clock.wait(self.over, LOOK):
                self._take_turn()
                if not self._mine.is_set():
                    continue
                try:
                    for lane in self._memory.lanes():
                        if lane not in self._busy and self._clock.elapsed() >= self._pause.get(lane, 0.0):
                            self._busy.add(lane)
                            pool.submit(self._drain, lane)
                except RecordError as error:
                    self._warn(f"what is to be posted cannot be read: {error}")

    def _take_turn(self) -> None:
        """Asked once a second: each time is a write into the record, which a kill may be writing to."""
        now = self._clock.elapsed()
        if now - self._turned < TURN:
            return
        self._turned = now
        if self._turn.ours():
            self._mine.set()
        else:
            self._mine.clear()

    def _drain(self, lane: str) -> None:
        try:
            while self._memory.next(lane) is not None and not self.over.is_set():
                wait = self.out.step(lane)
                if wait > 0:
                    self._pause[lane] = self._clock.elapsed() + wait
                    return
        except Exception as error:  # noqa: BLE001 - one bad message must not end all posting
            self._warn(f"posting to {lane}: {type(error).__name__}: {error}")
            self._pause[lane] = self._clock.elapsed() + AGAIN
        finally:
            self._busy.discard(lane)

    def _follow(self) -> None:
        while not self.over.is_set():
            try:
                if self._mine.wait(LOOK):
                    self._paint()
            except Exception as error:  # noqa: BLE001 - showing must not end while deeds go on
                self._warn(f"the record cannot be shown, trying again: {type(error).__name__}: {error}")
                self._clock.wait(self.over, AGAIN)

    def _paint(self) -> None:
        """As long as it is our turn: each entry as it comes, all that is there at a time in one picture."""
        painter = Painter(self.house, self._session)
        painter.know()
        painter.paint()
        while self._mine.is_set() and not self._clock.wait(self.over, LOOK):
            if self._session.journal.heads()[0] > painter.seen:
                for entry in self._session.journal.read(after=painter.seen):
                    painter.take(entry)
            painter.paint()


def serve(app: App, *, port: int | None, say: Callable[[str], None]) -> None:
    """Take in until `app.over` is set: over Socket Mode, or by HTTP at this port of this machine."""
    from psfir.vendors.slack_bolt_app import BoltApp  # noqa: PLC0415 - slack-bolt takes 130 ms, and only this needs it

    who = hello(app.line)
    token, url = app.line.bound.secret("token"), app.line.api.url
    bolt = BoltApp(
        token or "",
        hear=app.incoming.hear,
        bot=str(who.get("user_id", "")),
        bot_id=str(who.get("bot_id", "")),
        team=str(who.get("team_id", "")),
        url=url,
    )
    with ExitStack() as stack:
        stack.callback(app.stop)
        if port is None:
            socket = bolt.socket(_secret(app.line, "app_token", "Socket Mode needs the app's own token"))
            socket.begin()
            stack.callback(socket.end)
        else:
            from psfir.vendors.slack_signed import Gate, Listener  # noqa: PLC0415 - as above

            secret = _secret(app.line, "signing_secret", "what Slack posts is let in by its signature alone")
            gate = Gate(secret, now=lambda: app.house.clock.now().timestamp())
            listener = stack.enter_context(Listener(gate, bolt.take, port=port))
            say(f"Slack reaches this app at http://127.0.0.1:{listener.port}/")
        app.start()
        kind = "drills" if app.line.exercise else "incidents"
        say(f"{who.get('user')} of {who.get('team')} is at work for {kind}; ^C ends it")
        app.over.wait()


def hello(line: Line) -> Mapping[str, Any]:
    """Who Slack says the app is. Without an answer it cannot start: its own messages could not be told apart."""
    return line.api.call("auth.test", {}, within=_ASK, writes=False)


def _secret(line: Line, name: str, why: str) -> str:
    found = line.bound.secret(name)
    if not found:
        raise UsageError(f"connection {line.desk.connection} names no {name}: {why}", todo="docs/slack.md")
    return found
