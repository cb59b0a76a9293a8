"""Leading a drill: one thread that hears the facilitator and the players, lets happen what is due, and tells each."""

from __future__ import annotations

import json
import secrets
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from psfir.app.drill_run import Conductor
from psfir.app.drill_run_players import Heard, Player, Players
from psfir.app.drill_run_real import opened_in_earnest, real_words
from psfir.app.drill_run_record import played
from psfir.app.incident_deeds import Step, note, pick
from psfir.app.session import Door, Session
from psfir.domain.values import frozen
from psfir.errors import PsfirError, UsageError
from psfir.rehearsal import deeds
from psfir.rehearsal.log import LogEntry, LogKind
from psfir.rehearsal.orders import ORDERS, order, request, until
from psfir.rehearsal.scenario import Scenario
from psfir.rehearsal.told import line, page

LOOK = 0.25
"""Seconds between two looks into the record, which tells nobody that it has grown."""
KEY = "lead.key"


@frozen
class Seat:
    """Who leads. `say` is told every line; `drawn` is called whenever something may have changed.

    `heard` takes what is typed here and is no order: then it is done with.
    """

    by: str
    door: Door
    say: Callable[[str], None]
    drawn: Callable[[], None] = lambda: None
    heard: Callable[[str], bool] = lambda _: False


class Lead:
    """Of one drill, from here until it is over."""

    def __init__(self, conductor: Conductor, seat: Seat) -> None:
        self.conductor = conductor
        self.heard: SimpleQueue[Heard] = SimpleQueue()
        self.seat = seat
        self._typed: deque[str] = deque()
        self._wait: int | None = None
        self._key = secrets.token_urlsafe(16)
        self._players: list[Player] = []
        self._sessions: dict[str, Session] = {}

    def listen(self, lines: Iterable[str]) -> None:
        """Orders from somewhere that cannot be waited for together with all else."""

        def read() -> None:
            for one in lines:
                self.heard.put(Heard(None, {"line": one}))

        Thread(target=read, daemon=True).start()

    def run(self) -> None:
        """Until it is over, and everybody knows."""
        folder = self.conductor.folder
        path = folder.path / KEY
        path.write_text(self._key, encoding="ascii")
        path.chmod(0o600)
        with Players(folder.socket, self.heard) as players:
            self._players = players.all
            self._turn()
            while self.conductor.state.going:
                self._hear(min(LOOK, self.conductor.soon(self._wait)))
                self._turn()
        path.unlink(missing_ok=True)

    def _turn(self) -> None:
        """What is due, then what was typed, one after the other; then everybody sees it."""
        self._told(self.conductor.tick())
        while self._typed and not self._waits() and self.conductor.state.going:
            self._obey(self._typed.popleft(), self.seat.by, self._answer)
            self._told(self.conductor.tick())
        for player in [*self._players]:
            player.show(self.conductor.state, now=self.conductor.now)
        self.seat.drawn()

    def _waits(self) -> bool:
        """Whether the facilitator's lines wait for an instant of scenario time."""
        if self._wait is not None and 0 <= self._wait <= self.conductor.at:
            self._wait = None
        return self._wait is not None

    def _hear(self, within: float) -> None:
        try:
            heard = self.heard.get(timeout=max(within, 0.001))
        except Empty:
            return
        while True:
            self._take(heard)
            if self.heard.empty():
                return
            heard = self.heard.get()

    def _take(self, heard: Heard) -> None:
        player, said = heard.player, heard.said
        if player is None:
            self._typed.append(str(said["line"]))
        elif heard.gone:
            return
        elif player.leads:
            self._obey(str(said.get("line", "")), player.name, player.tell)
        else:
            self._asked(player, said)

    def _asked(self, player: Player, said: Mapping[str, Any]) -> None:
        try:
            player.answer(self._answered(player, said))
        except PsfirError as error:
            player.answer(error.what, refused=True, todo=error.todo)

    def _answered(self, player: Player, said: Mapping[str, Any]) -> str:
        if not player.role:
            return self._welcome(player, said)
        text = str(said.get("line", "")).strip()
        if self._real(text, player.name):
            return "the drill is broken off"
        self._says(text, player.role, player.name)
        return "noted"

    def _welcome(self, player: Player, said: Mapping[str, Any]) -> str:
        name = str(said.get("name", "")).strip()
        if not name:
            raise UsageError("who are you?", todo="--name NAME")
        player.name = name
        if said.get("key"):
            player.leads = secrets.compare_digest(str(said["key"]), self._key)
            return "you lead it together with others" if player.leads else "that is not its key"
        role = str(said.get("role", ""))
        joined = deeds.join(self.conductor.state, role, name)
        if name not in self.conductor.state.joined.get(role, ()):
            self._told([self.conductor.do(joined)])
        player.role = role
        return f"{name} is {role}"

    def says(self, text: str, role: str) -> None:
        """Whoever plays alone says something in one of the roles."""
        self._says(text, role, self.seat.by)

    def _says(self, text: str, role: str, name: str) -> None:
        asked = request(self.conductor.state, text, role=role, by=name)
        if asked.draft is not None:
            self._told([self.conductor.do(asked.draft)])
        if asked.note:
            if name not in self._sessions:
                self._sessions[name] = played(self.conductor.folder, self.seat.door, name)
            session = self._sessions[name]
            note(session, pick(session, "", Step.NOTE), asked.note)

    def _obey(self, text: str, by: str, answer: Callable[[str], None]) -> None:
        """One line of somebody who leads. What is wrong with it is said, and nothing is done."""
        text = text.strip()
        state = self.conductor.state
        try:
            if not text or text.startswith("#") or self._real(text, by):
                return
            if answer == self._answer and self.seat.heard(text):
                return
            if text == "show":
                answer("\n".join(page(state, self.conductor.at)))
            elif text == "help":
                answer("\n".join([*(says for says, _ in ORDERS.values()), "wait 5m, wait over: read no order before"]))
            elif text.partition(" ")[0] == "wait":
                self._wait = until(text)
            else:
                self._told([self.conductor.do(order(state, text, at=self.conductor.at, by=by))])
        except PsfirError as error:
            answer(f"refused: {error.what}{f' -> {error.todo}' if error.todo else ''}")

    def _real(self, text: str, by: str) -> bool:
        """The word that ends it at once, from anybody; and what is to be opened in earnest, if that was said."""
        said = real_words(text, self.conductor.scenario.safety.abort_word)
        if said is None:
            return False
        self._told([self.conductor.do(deeds.abort(self.conductor.state, by=by, why=said.why))])
        if said.system:
            opened = opened_in_earnest(self.conductor.folder, self.seat.door, said, by)
            self._answer(f"REAL WORLD: {opened.id} is open in the live record")
        return True

    def _told(self, news: Iterable[LogEntry]) -> None:
        for entry in news:
            if entry.kind is LogKind.FIRED:
                attach(self.conductor.scenario, entry.data["inject"], self.conductor.folder.path, self._home)
            self._answer(line(self.conductor.state, entry))

    @property
    def _home(self) -> Path:
        folder = self.conductor.folder
        return folder.path / "handed" if folder.home == folder.live else folder.home

    def _answer(self, text: str) -> None:
        self.seat.say(text)
        for player in [*self._players]:
            player.tell(text)


def attach(scenario: Scenario, inject: str, run: Path, home: Path) -> None:
    """What an inject brings along lies where players work, from when on it has come."""
    for name in scenario.inject(inject).shown.attachments:
        source, target = run / "attached" / name, home / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def key_of(run: Path) -> str:
    """By which a second facilitator is known. "" if nobody leads it."""
    path = run / KEY
    return path.read_text(encoding="ascii") if path.exists() else ""


def hello(**said: str) -> bytes:
    """The first line of whoever joins."""
    return json.dumps(said).encode() + b"\n"
