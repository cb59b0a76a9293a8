"""The stage that a demo plays on: each act is a command a person would type, run as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shlex import join, quote
from shutil import which
from sysconfig import get_path
from types import MappingProxyType
from typing import Any, NoReturn

from psfir.app.demo import FIRST, SECOND, SYSTEM, Demo
from psfir.app.session import Door, Session, open_session
from psfir.cli import leash, show
from psfir.cli.desk import Desk
from psfir.domain.incident import Incident
from psfir.domain.plan import Verb
from psfir.domain.values import frozen
from psfir.domain.verdict import Verdict
from psfir.domain.wording import short

DECLARE = ("incident", "declare", SYSTEM, "--case", "harmful_output", "--title", "promises refunds")
KILL = ("kill", SYSTEM, "--reason", "promises refunds", "--yes")


@frozen
class Act:
    """One command of the demo, why it is typed, by whom, and the exit code it must have."""

    why: str
    words: tuple[str, ...]
    who: str = FIRST
    code: int = 0


class Stage:
    """Plays acts as real commands in the demo's workspace. Under --json their output is kept quiet.

    `env` is laid over the environment they run in.
    """

    def __init__(self, desk: Desk, laid: Demo, env: Mapping[str, str] = MappingProxyType({})) -> None:
        self.acts: list[dict[str, Any]] = []
        self.laid = laid
        self._desk = desk
        self._env = env

    def play(self, act: Act) -> None:
        self._desk.say(f"\n{show.heading(act.why)}\n{show.dim(f'{act.who}$')} psfir {join(act.words)}")
        sys.stdout.flush()
        quiet = subprocess.DEVNULL if self._desk.json else None
        with leash.held() as theirs:
            done = subprocess.run(  # noqa: S603 - our own program, our own words
                [*leash.COMMAND, *act.words],
                cwd=self.laid.root,
                env={**os.environ, **self._env, "PSFIR_ME": act.who, "PSFIR_WORKSPACE": str(self.laid.root)},
                stdin=theirs,
                stdout=quiet,
                stderr=quiet,
                check=False,
                process_group=0,  # ^C is for the demo, which then ends the command; alone it would go on
            )
        self.acts.append({"who": act.who, "command": join(act.words), "exit": done.returncode, "wanted": act.code})

    @property
    def failed(self) -> bool:
        return any(act["exit"] != act["wanted"] for act in self.acts)

    def session(self) -> Session:
        return open_session(Door(env={**os.environ, **self._env}), workspace=self.laid.root)

    def incident(self) -> Incident:
        """The one this demo has opened: the newest."""
        return self.session().incidents()[-1]


@contextmanager
def ended_whole() -> Iterator[None]:
    """Told to end, or without its terminal, the demo leaves as it does on ^C: with all that it has started."""
    before = {one: signal.signal(one, _leave) for one in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _leave(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def resolved(incident: Incident) -> Act:
    """So that the next demo in this folder, and whoever tries things there, begins with nothing open."""
    return Act("It is over, says who leads it.", ("incident", "resolve", incident.id), who=SECOND)


def second_yes(laid: Demo, incident: Incident) -> Act:
    """The other person signs, so that the record can tell them from the first at the same keyboard."""
    restores = [plan for plan in incident.plans.values() if plan.verb is Verb.RESTORE]
    digest = short(restores[-1].digest) if restores else "none"
    if laid.key:
        words = ("approve", digest, "--sign", str(laid.key.relative_to(laid.root)), "--yes")
        return Act(f"{SECOND.capitalize()} looks at the plan and signs.", words, who=SECOND)
    loud = ("approve", digest, "--break-glass", "--reason", "a demo where no SSH key can be made", "--yes")
    return Act("Nobody can sign here: break the glass, loudly.", loud)


def way_here() -> list[str]:
    """What makes a shell find this psfir, where it would find another one or none."""
    script = Path(get_path("scripts")) / "psfir"
    found = which("psfir")
    if not script.is_file() or (found and Path(found).resolve() == script.resolve()):
        return []
    return [f"export PATH={quote(str(script.parent))}:$PATH"]


def outcome(stage: Stage) -> dict[str, Any]:
    """What came of it, for programs; `good` where every act ended as it should and all of it is back."""
    incident = stage.incident()
    kill = incident.last_kill(SYSTEM)
    verdict = kill.verdict if kill else Verdict.UNKNOWN
    return {
        "workspace": str(stage.laid.root),
        "incident": incident.id,
        "verdict": verdict.value,
        "restored": not incident.standing,
        "good": not stage.failed and verdict is Verdict.CONTAINED and not incident.standing,
        "acts": stage.acts,
    }
