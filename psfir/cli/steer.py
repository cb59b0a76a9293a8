"""Carry runs in threads while the main thread shows them and listens for Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Event, Thread

import click

from psfir.app.session import Session
from psfir.cli.desk import Desk, heard
from psfir.cli.live import View, Watched
from psfir.domain.run import RunFacts
from psfir.engine.kit import Control

FRAME = 0.12
ASK = "\nwhat now? [g]o on, go on in the [b]ackground, [s]top pulling further rungs"


def _all(works: Sequence[Callable[[], None]], done: Event) -> None:
    threads = [Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()


class Crew:
    """Runs under way. `run` blocks until all have ended or were let go of, and returns their facts in order."""

    def __init__(self, desk: Desk, session: Session, view: View, watched: Watched) -> None:
        self.control = Control()
        self.sent_back: list[str] = []
        self._desk = desk
        self._session = session
        self._view = view
        self._watched = watched
        self._failed: list[BaseException] = []

    def run(self, works: Sequence[Callable[[], RunFacts]]) -> list[RunFacts]:
        results: list[RunFacts | None] = [None] * len(works)
        done = Event()
        guarded = [partial(self._one, work, results, index) for index, work in enumerate(works)]
        Thread(target=_all, args=(guarded, done), name="psfir crew", daemon=True).start()
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
        if self._failed:
            raise self._failed[0]
        return [facts for facts in results if facts is not None]

    def _one(self, work: Callable[[], RunFacts], results: list[RunFacts | None], index: int) -> None:
        try:
            results[index] = work()
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread
            self._failed.append(error)

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
