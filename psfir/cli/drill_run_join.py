"""`psfir drill join`: a player's terminal. It is sent what its role may know, and has nothing else to show."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from queue import SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import click

from psfir.cli.desk import Desk, common
from psfir.errors import UsageError

if TYPE_CHECKING:
    import socket

    from psfir.app.drill_run_folder import RunFolder

EPILOG = """\b
Examples:
  psfir drill join --role comms --name cleo
  eval "$(psfir drill join RUN-20261121-k7q2xa --role on-call --name ada --env)"

\b
Lines: answer 3 2, ack 3, decide ..., consult WHO: ..., note ..., psfir ... as on any night, and the abort word.

Exit codes: 0 it is over, or the variables are printed; 1 it was broken off; 2 no such run or role; 3 refused."""
_AGAIN = 0.2


@click.command("join", epilog=EPILOG)
@click.argument("name", metavar="[RUN]", default="")
@click.option("--role", default="", metavar="ROLE", help="Which role you play.")
@click.option("--name", "me", default="", metavar="YOU", help="Who you are: your id of psfir.yaml. Default PSFIR_ME.")
@click.option("--env", "variables", is_flag=True, help="Print what makes this shell one of the drill, and leave.")
@common
def join(desk: Desk, *, name: str, role: str, me: str, variables: bool) -> int:
    """Play in a drill that somebody leads: see what comes, answer, decide. It joins again by itself."""
    from psfir.cli.drill_run import found

    folder = found(desk, name)
    me = me or os.environ.get("PSFIR_ME", "").strip()
    if not me:
        raise UsageError("who are you?", todo="--name YOU, or set PSFIR_ME")
    if role not in folder.about["roles"]:
        raise UsageError(f"there is no role {role!r}", todo=f"--role {', '.join(folder.about['roles'])}")
    if variables:
        shell = environment(desk, folder, me)
        desk.result("drill.join", {"env": shell})
        for one, value in shell.items():
            desk.say(f"export {one}={shlex.quote(value)}", verbatim=True)
        return 0
    return Client(desk, folder, {"role": role, "name": me}).play(_typed())


def environment(desk: Desk, folder: RunFolder, me: str) -> dict[str, str]:
    """What makes a shell one of the drill, and of no other world. A live drill is played in the live one."""
    from psfir.app.drill_run_home import BANNER, DRILL, home_of
    from psfir.app.drill_run_range import DrillRange
    from psfir.app.range_shell import exported

    if folder.home == folder.live:
        return {"PSFIR_ME": me}
    home = home_of(folder.home)
    banner = home.banner if home else ""
    ground = DrillRange(folder, folder.scenario(), os.environ, desk.warn).environment()
    points = exported(ground) if ground else {}
    return {**points, DRILL: str(folder.home), "PSFIR_WORKSPACE": str(folder.home), BANNER: banner, "PSFIR_ME": me}


class Client:
    """One process of a player, or of a second facilitator, at the facilitator's socket."""

    def __init__(self, desk: Desk, folder: RunFolder, hello: Mapping[str, str]) -> None:
        self._desk = desk
        self._folder = folder
        self._hello = hello
        self._heard: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        self._link: socket.socket | None = None
        self._seen: set[tuple[str, int]] = set()
        self._over = ""
        self._left = False

    def play(self, lines: Iterable[str]) -> int:
        """Until it is over. What is typed while nobody leads it waits."""
        Thread(target=self._read, args=(lines,), daemon=True).start()
        Thread(target=self._listen, daemon=True).start()
        waiting: list[str] = []
        while not self._over and not self._left:
            word, said = self._heard.get()
            if word == "line":
                waiting.append(said)
            elif word == "said":
                self._show(said)
            while self._link is not None and waiting:
                self._say(waiting.pop(0))
        self._desk.event("result", {"schema": "psfir.out.drill.join/1", "over": self._over})
        return 1 if self._over == "aborted" else 0

    def _read(self, lines: Iterable[str]) -> None:
        for one in lines:
            self._heard.put(("line", one))

    def _listen(self) -> None:
        """Joins again whenever whoever led it is gone, until it is over."""
        from psfir.app.clock import RealClock
        from psfir.app.drill_run_lead import hello, key_of
        from psfir.app.drill_run_players import connect

        clock, nobody = RealClock(), Event()
        while not self._over:
            try:
                link = connect(self._folder.socket)
            except OSError:
                if self._ended():
                    return
                clock.wait(nobody, _AGAIN)
                continue
            more = {"key": key_of(self._folder.path)} if "role" not in self._hello else {}
            with link, link.makefile("rb") as stream:
                try:
                    link.sendall(hello(**self._hello, **more))
                    self._link = link
                    self._heard.put(("here", None))
                    for raw in stream:
                        self._heard.put(("said", json.loads(raw)))
                except OSError:
                    pass  # it is joined again
                finally:
                    self._link = None

    def _ended(self) -> bool:
        """Nobody leads it: whether that is because it is over. Only the kind of the last entry is looked at."""
        from psfir.rehearsal.log import LogKind

        last = self._folder.log()[-1:]
        over = {LogKind.ENDED: "over", LogKind.ABORTED: "aborted"}.get(last[0].kind) if last else None
        if over is not None:
            self._heard.put(("said", {"gone": over}))
        return over is not None

    def _show(self, said: Mapping[str, Any]) -> None:
        self._desk.event("heard", said)
        if "gone" in said:
            self._over = said["gone"]
        elif "view" in said:
            self._view(said["view"])
        elif "refused" in said:
            todo = f" -> {said['todo']}" if said.get("todo") else ""
            self._desk.say(f"refused: {said['refused']}{todo}")
            self._left = not self._seen and "role" in self._hello
        else:
            self._desk.say(str(said.get("told", said.get("said", ""))))

    def _view(self, view: Mapping[str, Any]) -> None:
        """What is new in it. The first time, also who one is and what may be known."""
        for text in news(view, self._seen):
            self._desk.say(text)
        if view["over"]:
            self._desk.say(f"{view['banner']}: the drill is {view['over']}")
            self._over = view["over"]

    def _say(self, line: str) -> None:
        if line.startswith("psfir "):
            self._command(line)
            return
        if self._link is not None and line.strip():
            try:
                self._link.sendall(json.dumps({"line": line}).encode() + b"\n")
            except OSError:
                self._heard.put(("line", line))  # it is joined again, and says it then

    def _command(self, line: str) -> None:
        """As on any night, in the drill."""
        shell = {**os.environ, **environment(self._desk, self._folder, self._hello["name"])}
        sys.stdout.flush()
        subprocess.run([sys.executable, "-m", "psfir", *shlex.split(line)[1:]], env=shell, check=False)  # noqa: S603 - our own program


def news(view: Mapping[str, Any], seen: set[tuple[str, int]]) -> Iterator[str]:
    """What a player has not read yet, which from then on they have."""
    from psfir.rehearsal.told import shown

    if ("view", 0) not in seen:
        seen.add(("view", 0))
        yield view["banner"]
        yield f"{view['title']}: you are {view['role']}. {view['brief']}".rstrip()
        if view["summary"]:
            yield view["summary"]
        yield f"say {view['abort_word']} when it gets real"
    for one in view["injects"]:
        if ("inject", one["number"]) not in seen:
            seen.add(("inject", one["number"]))
            yield ""
            yield shown(one)
    for number, one in enumerate(view["hints"]):
        if ("hint", number) not in seen:
            seen.add(("hint", number))
            yield f"a hint for [{one['number']}]: {one['text']}"


def shared(desk: Desk, folder: RunFolder, me: str, *, lines: list[str] | None = None) -> int:
    """A second facilitator: orders go to the process that leads it, and what it tells comes back."""
    return Client(desk, folder, {"name": me}).play(_typed() if lines is None else lines)


def _typed() -> Iterator[str]:
    from psfir.cli.drill_run import typed

    return typed()
