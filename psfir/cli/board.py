"""The live board on a terminal: rungs, probes, clock and verdict, redrawn in place and left standing at the end."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from psfir.cli.desk import coloured, deafen
from psfir.cli.live import Watched
from psfir.domain import differences, durations
from psfir.domain.change import Held, Result
from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.plan import PlannedRung, Verb
from psfir.domain.run import RunFacts, RungFacts
from psfir.domain.timeline import line, proof
from psfir.domain.wording import plain
from psfir.engine.pull import Act, toward

_HELD = {
    Held.HELD: ("held", "green"),
    Held.NOT_HELD: ("NOT HELD", "red"),
    Held.COULD_NOT_TELL: ("cannot tell", "yellow"),
}
_RESULT = {
    Result.CHANGED: "yellow",
    Result.ALREADY_SO: "yellow",
    Result.REFUSED: "red",
    Result.FAILED: "red",
    Result.UNKNOWN: "magenta",
}
_VERDICT = {"contained": "bold green", "partial": "bold yellow", "not_contained": "bold red", "unknown": "bold yellow"}
_LAST = {Kind.RUN_RESUMED, Kind.LATE, Kind.REREAD, Kind.EVIDENCE, Kind.NO_EVIDENCE}
NARROW = 70


class Drawing:
    """What is drawn in place, and left standing at the end. Its subclass says what."""

    def __init__(self) -> None:
        # Without colours rich would still write bold and dim; without a colour system it writes no such code at all.
        self.console = Console(highlight=False, color_system="auto" if coloured() is None else None)
        self.held = False
        self._live = self._begun()

    def render(self) -> RenderableType:
        raise NotImplementedError

    def tick(self) -> None:
        if self.held:
            self.held = False
            self._live = self._begun()
        self.draw()

    def hold(self) -> None:
        """Take the frame away: what is said meanwhile stands where it stood, and the next frame below it."""
        self.held = True
        self._live.transient = True
        self._live.stop()

    def close(self) -> None:
        self.tick()
        try:
            self._live.stop()
        except OSError:
            deafen()

    def draw(self) -> None:
        if self.held:
            return
        try:
            self._live.update(self.render(), refresh=True)
        except OSError:
            deafen()  # the terminal is gone; the run is not

    def _begun(self) -> Live:
        """A new one each time: one that is started again would draw over what was said while it was held."""
        live = Live(console=self.console, auto_refresh=False, transient=False, vertical_overflow="visible")
        live.start()
        return live


class Board(Drawing):
    """Redrawn on every entry and every tick."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._said: dict[str, list[str]] = {}
        super().__init__()

    def add(self, entry: Entry) -> None:
        run = self._watched.add(entry)
        if run is not None:
            if entry.kind in _LAST:
                self._said.setdefault(run.id, []).append(line(entry))
            self.draw()

    def render(self) -> RenderableType:
        return Group(*(part for run in list(self._watched.runs.values()) for part in self._run(run)))

    def _run(self, run: RunFacts) -> list[RenderableType]:
        parts: list[RenderableType] = [self._head(run), self._rungs(run)]
        if run.seen:
            parts.append(self._probes(run))
        parts += [Text(f"  {said}", style="dim") for said in self._said.get(run.id, [])[-4:]]
        parts.append(self._foot(run))
        return parts

    def _head(self, run: RunFacts) -> Text:
        book, age = run.plan.runbook, self._watched.age(run)
        text = Text(f"{run.verb.value} {book.system}", style="bold")
        text.append(f"  {book.mode.value}  " if run.verb is Verb.KILL else "  ", style="dim")
        if run.verb is Verb.KILL:
            left = book.deadline - age
            said = f"{durations.clock(left)} left" if left >= 0 else f"LATE by {durations.clock(-left)}"
            text.append(f"T+{durations.clock(age)}", style="bold")
            text.append(f"  {said}", style="dim" if left >= 0 else "bold red")
        return text

    def _rungs(self, run: RunFacts) -> Table:
        table = Table.grid(padding=(0, 2))
        step = ""
        for planned in run.plan.rungs:
            facts = run.rungs.get((planned.step, planned.index))
            state, style = self._state(run, planned, facts)
            name = plain(planned.step.rpartition("/")[2]) if planned.step != step else ""
            step = planned.step
            row: list[RenderableType] = [
                f"  {name}",
                f"{planned.index + 1} {planned.rung.lever}",
                Text(state, style=style),
            ]
            says = Text(self._says(run, planned, facts), style="dim", overflow="ellipsis", no_wrap=True)
            table.add_row(*(row if self.console.width < NARROW else [*row, says]))
        return table

    def _state(self, run: RunFacts, planned: PlannedRung, facts: RungFacts | None) -> tuple[str, str]:
        if facts is None:
            waiting = "not needed" if run.step_held(planned.step) or run.ended else "waiting"
            return waiting, "dim"
        if facts.outcome is None:
            return "pulling ...", "cyan"
        word = facts.outcome.result.value.replace("_", " ")
        if facts.look is None:
            return word, _RESULT[facts.outcome.result]
        held, style = _HELD[facts.look.held]
        return f"{word}, {held}", style

    def _says(self, run: RunFacts, planned: PlannedRung, facts: RungFacts | None) -> str:
        if facts and facts.outcome and facts.outcome.result not in {Result.CHANGED, Result.ALREADY_SO}:
            return plain(facts.outcome.says)
        if facts and facts.change:
            change = toward(facts.change, Act(run.verb.value) if run.verb is Verb.RESTORE else Act.APPLY)
            return "; ".join(differences.lines(change.before, change.after))
        return plain(planned.unreadable)

    def _probes(self, run: RunFacts) -> Table:
        table = Table.grid(padding=(0, 2))
        for probe, sights in run.seen.items():
            for replica, (held, says) in sights.items():
                word, style = _HELD[held]
                row: list[RenderableType] = [f"  probe {probe}", plain(replica), Text(word, style=style)]
                more = Text(plain(says), style="dim", overflow="ellipsis", no_wrap=True)
                table.add_row(*(row if self.console.width < NARROW else [*row, more]))
        return table

    def _foot(self, run: RunFacts) -> Text:
        if not run.verdicts:
            return Text("  no verdict yet" if run.verb is Verb.KILL else "", style="dim")
        last = run.verdicts[-1]
        word = last.verdict.value.replace("_", " ").upper()
        text = Text(f"  {word}", style=_VERDICT[last.verdict.value])
        text.append(f"  {proof(last.proof.to_json())}")
        if run.soaking is not None and run.ended is None and last.phase == "probes":
            text.append(f"   soaking {durations.show(run.soaking)}: does it stay off?", style="cyan")
        if last.why:
            text.append(f"\n  {plain(last.why)}", style="yellow")
        return text
