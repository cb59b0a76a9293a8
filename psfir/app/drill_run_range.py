"""The range of a drill: its own, in its own workspace, brought up for it and ended with it whatever happens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from psfir.app.drill_run_folder import RunFolder
from psfir.app.drill_run_home import DRILL
from psfir.app.drill_run_lay import range_needed
from psfir.app.range import Warn, find, folder_of
from psfir.app.range import end as end_range
from psfir.app.range_detach import Started, Watched, start
from psfir.errors import LeverError, PsfirError
from psfir.loading.workspace import load_workspace
from psfir.range.assistant.crew import Heard
from psfir.range.faults.order import Order
from psfir.range.runfile import held
from psfir.rehearsal.scenario import Scenario
from psfir.rehearsal.words import Level, Levers

_MEMORY = "memory"


class DrillRange:
    """Of one run. Without a range of its own, all that it is asked for is said to be nothing."""

    def __init__(self, run: RunFolder, scenario: Scenario, env: Mapping[str, str], warn: Warn) -> None:
        self._run = run
        self._scenario = scenario
        self._env = {name: value for name, value in env.items() if name not in {DRILL, "PSFIR_WORKSPACE"}}
        self._warn = warn

    @property
    def wanted(self) -> bool:
        """Levers of the range, and something on it: a workspace with nothing but a tiny estate has that beside it."""
        if self._scenario.level is Level.LIVE or self._scenario.safety.levers is not Levers.RANGE:
            return False
        connections = load_workspace(self._run.home / "psfir.yaml", overlay=None).connections.values()
        return range_needed(self._scenario) or any(one.kind != _MEMORY for one in connections)

    def up(self, coming: Heard) -> None:
        """LeverError if it does not come up. One that an earlier process left up is gone on with."""
        folder = folder_of(self._run.home, self._env)
        if not self.wanted or held(folder):
            return
        words = ["range", "up", "--json", "--quiet", "--workspace", str(self._run.home)]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        begun: Started = start(words, folder, Watched(self._warn, coming))
        if not begun.ready:
            raise LeverError(f"the range did not come up: {begun.told}", where=self._run.name)

    def environment(self) -> dict[str, str]:
        """What points a shell at it; nothing where there is none."""
        if not held(folder_of(self._run.home, self._env)):
            return {}
        return find(self._run.home, self._env, self._warn).client.environment()

    def faults(self, turned: Sequence[tuple[int, bool]]) -> None:
        """Begin and end those of the scenario, by their place in it. What is refused is told: the drill goes on."""
        for number, on in turned:
            one = self._scenario.faults[number]
            try:
                client = find(self._run.home, self._env, self._warn).client
                if on:
                    client.begin([Order(one.fault, one.settings)])
                else:
                    client.heal(one.fault)
            except PsfirError as error:
                self._warn(f"the fault {one.fault} could not be {'begun' if on else 'ended'}: {error}")

    def down(self) -> None:
        """By its own handle. Whatever is wrong is told."""
        if self._run.home == self._run.live or not held(folder_of(self._run.home, self._env)):
            return
        try:
            end_range(self._run.home, self._env, self._warn)
        except PsfirError as error:
            self._warn(f"the range of {self._run.name} did not end: {error}")

    @contextmanager
    def while_up(self, coming: Heard) -> Iterator[None]:
        try:
            self.up(coming)
            yield
        finally:
            self.down()
