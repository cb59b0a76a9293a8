"""The board of many runs on a terminal: a dozen lines in counts, drawn anew twice a second whatever happens."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from psfir.cli.board import Drawing
from psfir.cli.fleet import head, rows, wrong
from psfir.cli.live import Watched
from psfir.domain.entries import Entry
from psfir.domain.plan import Plan
from psfir.domain.tally import Tally, tally
from psfir.domain.wording import plain

FRAME = 0.5
WIDE = 20
_STYLES = {"verdict": "bold", "soaking": "cyan"}


class FleetBoard(Drawing):
    """Like the board of a few, without a line for each."""

    def __init__(self, watched: Watched, plans: Sequence[Plan]) -> None:
        self._watched = watched
        self._plans = plans
        self._drawn = 0.0
        super().__init__()

    def add(self, entry: Entry) -> None:
        self._watched.add(entry)

    def tick(self) -> None:
        if self.held or self._watched.clock.elapsed() - self._drawn >= FRAME:
            self._drawn = self._watched.clock.elapsed()
            super().tick()

    def close(self) -> None:
        super().tick()
        super().close()

    def render(self) -> RenderableType:
        now = tally(list(self._watched.runs.values()), self._plans)
        parts = [Text(head(self._watched, self._plans), style="bold"), self._bar(now)]
        parts += [Text.assemble((f"  {name:<9}", "dim"), (text, _STYLES.get(name, ""))) for name, text in rows(now)]
        parts += [Text(f"  {plain(text)}", style="yellow", overflow="ellipsis", no_wrap=True) for text in wrong(now)]
        return Group(*parts)

    def _bar(self, now: Tally) -> Text:
        done = now.held * WIDE // now.steps if now.steps else WIDE
        return Text(f"  [{'#' * done}{'.' * (WIDE - done)}]  {now.ended} of {len(self._plans)} ended")
