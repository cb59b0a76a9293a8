"""Players of a script: they wait for what reaches them, do what it says, and the record shows it as psfir writes it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from psfir.app.init import lay_out
from psfir.cli.main import main
from psfir.domain.kinds import Kind
from psfir.domain.values import frozen
from psfir.records.sqlite import SqliteJournal
from psfir.rehearsal import deeds
from psfir.rehearsal.clock import SECOND
from psfir.rehearsal.scenario import Scenario
from psfir.rehearsal.state import Stage
from psfir.rehearsal.views import PlayerView, player_view
from tests.rehearsal.runs import Drill

Shapes = Mapping[str, Mapping[str, Any]]
"""By kind of entry: what the record held of it, when the deed was really done."""

_OUTBOX = "  outbox: {kind: folder, path: outbox}\n"
_CHANNEL = "\ncomms:\n", "\ncomms:\n  channels: {paste: {connection: outbox, audiences: [public]}}\n"
_REACH = 7.0
"""Nobody acts on the full minute, so that nothing falls on one instant with what is planned."""
_SOAK = 270.0
_TICK = 60.0


@frozen
class Line:
    """One deed of a script, so many seconds after an inject."""

    inject: str
    after: float
    deed: str
    words: tuple[str, ...]


def read_script(script: str) -> list[Line]:
    rows = [row.split() for row in script.splitlines() if row]
    return [Line(row[0], float(row[1]) * 60 + _REACH, row[2], tuple(row[3:])) for row in rows]


def done_once(folder: Path) -> Shapes:
    """Every deed of scripts done once, by its own command, on the tiny estate."""
    lay_out(folder)
    book = folder / "runbooks" / "support-assistant-disable.yaml"
    book.write_text(book.read_text().replace("soak: 2s", "soak: 100ms").replace("every: 250ms", "every: 10ms"))
    words = folder / "psfir.yaml"
    words.write_text(words.read_text().replace("\nconnections:\n", f"\nconnections:\n{_OUTBOX}").replace(*_CHANNEL))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PSFIR_WORKSPACE", str(folder))
        patch.setenv("HOME", str(folder))

        def typed(me: str, *words: str) -> None:
            patch.setenv("PSFIR_ME", me)
            patch.setattr(sys, "stdin", StringIO())
            said = StringIO()
            with redirect_stdout(said), redirect_stderr(said), pytest.raises(SystemExit) as ended:
                main(list(words))
            assert not ended.value.code, said.getvalue()

        typed("ada", "kill", "support-assistant", "--yes")
        typed("ada", "incident", "severity", "sev1")
        typed("ada", "incident", "seat", "commander", "ben")
        typed("emma", "clocks", "open", "gdpr-33-1", "--why", "names of customers")
        for me in ("dan", "emma"):
            typed(me, "comms", "approve", "--all", "--yes")
        typed("cleo", "comms", "draft", "--audience", "public", "--phase", "holding", "--case", "data_leakage")
        with SqliteJournal(folder / ".psfir" / "record.sqlite3") as journal:
            name = next(one.data["message"]["id"] for one in journal.read() if one.kind == Kind.DRAFTED and one.data)
        typed("ben", "comms", "approve", name, "--yes")
        typed("ada", "incident", "note", "A note")
        typed("cleo", "comms", "send", name, "--yes", "--channel", "paste")
    with SqliteJournal(folder / ".psfir" / "record.sqlite3") as journal:
        return {one.kind: one.data for one in journal.read() if one.data is not None}


class Team:
    """Plays a scenario to its end. `solo`: one person has all roles."""

    def __init__(self, scenario: Scenario, script: str, shapes: Shapes, *, solo: bool = False) -> None:
        self.drill = Drill(scenario)
        self.views: list[PlayerView] = []
        self._lines = read_script(script)
        self._shapes = shapes
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0
        for number, role in enumerate(scenario.roles):
            self.drill.do(deeds.join(self.drill.state, role, "sam" if solo else f"player {number}"))
        self.drill.tick()

    def play(self) -> Drill:
        """A minute at a time, and at the instant of each deed."""
        planned: set[str] = set()
        while not self.drill.state.over:
            self._plan(planned)
            coming = min((at for at, _, _ in self._due), default=self.drill.now + _TICK)
            self.drill.wait(max(min(coming - self.drill.now, _TICK), 0.0))
            for at, number, deed in sorted(self._due, key=lambda one: one[:2]):
                if at <= self.drill.now and not self.drill.state.over:
                    self._due = [one for one in self._due if one[1] != number]
                    deed()
                    self.drill.tick()
            self.views.extend(self._looked())
        return self.drill

    def _plan(self, planned: set[str]) -> None:
        """What the script has for each inject that came since."""
        for name, stands in self.drill.state.injects.items():
            if stands.stage is Stage.FIRED and name not in planned:
                planned.add(name)
                for line in self._lines:
                    if line.inject == name:
                        self._later(max(stands.at / SECOND + line.after, self.drill.now), self._deed(line))

    def _later(self, at: float, deed: Callable[[], None]) -> None:
        self._number += 1
        self._due.append((at, self._number, deed))

    def _looked(self) -> Iterator[PlayerView]:
        state = self.drill.state
        for role in state.scenario.roles:
            yield player_view(state, role, now=self.drill.real)

    def _deed(self, line: Line) -> Callable[[], None]:
        return lambda: getattr(self, f"_{line.deed}")(line.inject, line.words)

    def _happens(self, kind: Kind, **changed: Any) -> None:
        self.drill.happens(kind, **{**self._shapes[kind], **changed})

    def _declare(self, _inject: str, words: Sequence[str]) -> None:
        self._happens(Kind.SEVERITY, severity=words[0])

    def _seat(self, _inject: str, words: Sequence[str]) -> None:
        self._happens(Kind.SEATED, seat=words[0])

    def _note(self, _inject: str, words: Sequence[str]) -> None:
        self._happens(Kind.NOTE, text=" ".join(words))

    def _clock(self, _inject: str, words: Sequence[str]) -> None:
        self._happens(Kind.CLOCK_OPENED, clock=words[0])

    def _pull(self, _inject: str, _words: Sequence[str]) -> None:
        self._happens(Kind.INTENDED, run="by hand")

    def _answer(self, inject: str, words: Sequence[str]) -> None:
        state = self.drill.state
        shown = state.scenario.inject(inject).shown
        assert shown.poll is not None
        role = next(role for role in state.scenario.roles if shown.for_role(role))
        self.drill.do(deeds.answer(state, inject, role, [shown.poll.options[int(words[0]) - 1]], by=role))

    def _tell(self, _inject: str, words: Sequence[str]) -> None:
        name, digest = f"MSG-{self._number}-{len(self.drill.record)}", f"sha256:{len(self.drill.record)}"
        message = {**self._shapes[Kind.DRAFTED]["message"], "id": name, "audience": words[0], "phase": words[1]}
        self._happens(Kind.DRAFTED, message=message, digest=digest)
        self._happens(Kind.APPROVED, approval={**self._shapes[Kind.APPROVED]["approval"], "digest": digest})
        self._happens(Kind.SENT, message=name)

    def _kill(self, _inject: str, words: Sequence[str]) -> None:
        """Evidence, a rung, a verdict in half a minute, and another one after the soak."""
        run, book = f"run {len(self.drill.record)}", f"support-assistant-{words[0]}"
        plan = {**self._shapes[Kind.PLANNED]["plan"], "digest": run}
        plan["runbook"] = {**plan["runbook"], "id": book}
        self._happens(Kind.PLANNED, plan=plan)
        self._happens(Kind.RUN_STARTED, run=run, plan=run)
        self._happens(Kind.EVIDENCE, run=run)
        self._happens(Kind.INTENDED, run=run)
        at_once, *later = words[1:] or ("contained",)
        self._later(self.drill.now + 30, self._seen(run, "probes", at_once))
        self._later(self.drill.now + _SOAK, self._seen(run, "soak", *(later or [at_once])))

    def _seen(self, run: str, phase: str, verdict: str) -> Callable[[], None]:
        return lambda: self._happens(Kind.VERDICT, run=run, phase=phase, verdict=verdict)
