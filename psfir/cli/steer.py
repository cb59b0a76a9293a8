"""Carry runs beside the main thread, which shows them and listens for Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event, Thread

import click

from psfir.app.session import Session
from psfir.cli.desk import Desk, heard
from psfir.cli.live import View, Watched
from psfir.domain.run import RunFacts
from psfir.engine.hands import Hands
from psfir.engine.kit import Control
from psfir.engine.work import Answer, Work

FRAME = 0.12
ASK = "\nwhat now? [g]o on, go on in the [b]ackground, [s]top pulling further rungs"


class Crew:
    """Runs under way. `run` blocks until all have ended or were let go of, and returns their facts in order."""

    def __init__(self, desk: Desk, session: Session, view: View, watched: Watched) -> None:
        self.control = Control()
        self.broken: list[BaseException] = []
        self._desk = desk
        self._session = session
        self._view = view
        self._watched = watched

    def run(self, works: Sequence[Work[RunFacts]], *, joined: Work[list[RunFacts]] | None = None) -> list[RunFacts]:
        """Our own runs, and those of another process that are only watched. One that breaks takes no other with it."""
        done = Event()
        answers: list[Answer[list[RunFacts]]] = []
        every = [*map(_alone, works), *([joined] if joined else [])]
        Thread(target=self._carry, args=(every, answers, done), name="psfir crew", daemon=True).start()
        # A terminal that is closed must not take a kill with it: the run goes on unheard.
        hang_up = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        # Whoever ends us politely gets what `b` gets: the run goes on in a process of its own.
        ended = signal.signal(signal.SIGTERM, lambda *_: self.control.let_go.set())
        try:
            self._wait(done)
        finally:
            signal.signal(signal.SIGHUP, hang_up)
            signal.signal(signal.SIGTERM, ended)
            self._view.close()
        errors = [answer.error for answer in answers if answer.error is not None]
        if errors and len(errors) == len(answers):
            raise errors[0]
        for error in errors:
            self.broken.append(error)
            self._desk.warn(f"one run could not be carried to its end: {error}")
        return [facts for answer in answers for facts in answer.value or ()]

    def _carry(self, works: Sequence[Work[list[RunFacts]]], answers: list[Answer[list[RunFacts]]], done: Event) -> None:
        try:
            answers += Hands(self._session.clock).all(works)
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread
            answers.append(Answer(error=error))
        finally:
            done.set()

    def _wait(self, done: Event) -> None:
        while True:
            try:
                while not done.wait(FRAME):
                    self._view.tick()
                return
            except KeyboardInterrupt:
                try:
                    self._interrupted(done)
                except KeyboardInterrupt:
                    self.control.let_go.set()

    def _interrupted(self, done: Event) -> None:
        """The first Ctrl-C asks; one while it asks lets go. Nothing is left half recorded either way."""
        if self._soaking():
            self.control.leave_soak.set()
            self._view.hold()
            heard("\nleaving the soak; `psfir verify` finishes it", err=True)
            return
        choice = "b"
        if self._desk.interactive:
            self._view.hold()
            try:
                choice = click.prompt(
                    ASK, type=click.Choice(["g", "b", "s"]), default="g", err=True, show_choices=False
                )
            except (click.Abort, KeyboardInterrupt):
                choice = "b"
        if choice == "s":
            self.control.stop_pulling.set()
            heard("no further rung will be pulled; what was pulled is still verified", err=True)
        elif choice == "b":
            self.control.let_go.set()
            heard("letting go at the next record ...", err=True)

    def _soaking(self) -> bool:
        runs = list(self._watched.runs.values())
        return bool(runs) and all(run.soaking is not None or run.ended is not None for run in runs)


def _alone(work: Work[RunFacts]) -> Work[list[RunFacts]]:
    return [(yield from work)]


def into_background(session: Session, incident: str) -> Path:
    """Hand a run that was let go of to a process of its own; the answer is where that one writes."""
    import subprocess  # only a run that goes on without us needs a process of its own

    folder = session.root / ".psfir" / "runs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = folder / f"{incident}.log"
    with log.open("ab") as out:
        subprocess.Popen(  # noqa: S603 - our own program, a fixed argument list
            [sys.executable, "-m", "psfir", "resume", incident, "--json", "-w", str(session.root)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=dict(os.environ),
        )
    return log


def let_go(runs: Sequence[RunFacts]) -> list[RunFacts]:
    """Those that have not ended."""
    return [run for run in runs if run.ended is None]
