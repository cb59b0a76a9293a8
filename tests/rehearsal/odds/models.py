"""Small models for tests: all is quick and certain unless a test says otherwise."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from psfir.rehearsal.odds.model import Climb, Model, People, Pull, Short, Spread, Watch

AT_ONCE = Spread(1e-6, 0.1)


def people(**fields: object) -> People:
    """Everybody answers at once, and nobody is away."""
    stages = ("detect", "acknowledge", "declare", "decide", "approve", "second_yes", "away", "break_glass")
    times: dict[str, Any] = dict.fromkeys(stages, AT_ONCE)
    quick = People(**times, bad_hour=0.0, away_chance=0.0, away_chance_bad=0.0)
    return replace(quick, **fields)  # type: ignore[arg-type]  # the fields of a test are what the test says


def pull(name: str, spread: Spread = AT_ONCE, *, share: float = 60.0, fails: float = 0.0, **more: object) -> Pull:
    return replace(Pull(name, share, 1, spread, fails), **more)  # type: ignore[arg-type]  # the same


def watch(name: str, **more: object) -> Watch:
    quick = Watch(name, AT_ONCE, AT_ONCE, times=1, every=0.0, within=60.0, each=5.0, blind=0.0)
    return replace(quick, **more)  # type: ignore[arg-type]  # the same


def model(*steps: Climb, watches: Sequence[Watch] = (), **fields: object) -> Model:
    """A deadline of fifteen minutes; what is not given takes no time and never fails."""
    climbs = steps or (Climb("only", (pull("only 1"),)),)
    plain = Model(
        title="made-up",
        deadline=900.0,
        people=people(),
        plan=Short(AT_ONCE, 5.0),
        captures=(),
        steps=tuple(climbs),
        watches=tuple(watches),
        reread=Short(AT_ONCE, 5.0),
        events={},
        fail=AT_ONCE,
        hangs=0.0,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]  # the same
