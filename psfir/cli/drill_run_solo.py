"""`psfir drill run --solo`: one person in one terminal, in all roles by turns. Nothing is given away."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from psfir.cli.desk import Desk
from psfir.cli.drill_run_join import environment, news
from psfir.errors import PsfirError

if TYPE_CHECKING:
    from psfir.app.drill_run import Conductor

_ORDERS = frozenset({"run", "pause", "speed", "hint", "end", "abort", "wait"})


def alone(desk: Desk, conductor: Conductor, *, lines: Iterable[str]) -> None:
    """Lines are said in the role to which the newest message went; `as ROLE` takes another."""
    from psfir.app.drill_run_lead import Lead, Seat
    from psfir.cli.drill_run import me

    seen: dict[str, set[tuple[str, int]]] = {}
    now = [next(iter(conductor.scenario.roles))]

    def look() -> None:
        """What came, once, whichever roles it went to."""
        from psfir.rehearsal.views import player_view

        read: set[tuple[str, int]] = seen.setdefault("", set())
        for role in conductor.scenario.roles:
            view = player_view(conductor.state, role, now=conductor.now).to_json()
            for text in news(view, read):
                desk.say(text)
                now[0] = role if text.startswith("[") else now[0]

    def heard(text: str) -> bool:
        """Whether it was a player's line; an order of the clock, a hint or the abort word is none."""
        word, _, rest = text.partition(" ")
        try:
            if word == "as":
                now[0] = rest if rest in conductor.scenario.roles else now[0]
                desk.say(f"you are {now[0]}; roles: {', '.join(conductor.scenario.roles)}")
            elif word == "psfir":
                _command(desk, conductor, text)
            elif word in _ORDERS or text.casefold().startswith(conductor.scenario.safety.abort_word.casefold()):
                return False
            else:
                leading.says(text, now[0])
        except PsfirError as error:
            desk.say(f"refused: {error.what}{f' -> {error.todo}' if error.todo else ''}")
        return True

    leading = Lead(conductor, Seat(me(), desk.door(), lambda _: None, drawn=look, heard=heard))
    leading.listen(lines)
    leading.run()


def _command(desk: Desk, conductor: Conductor, line: str) -> None:
    from psfir.cli.drill_run import me

    shell = {**os.environ, **environment(desk, conductor.folder, me())}
    sys.stdout.flush()
    subprocess.run([sys.executable, "-m", "psfir", *shlex.split(line)[1:]], env=shell, check=False)  # noqa: S603 - our own program
