"""How long it took: the first instant, in whole seconds of scenario time, of each thing that a team is timed by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from psfir.domain.entries import Entry
from psfir.domain.kinds import Kind
from psfir.domain.verdict import Verdict
from psfir.rehearsal.clock import SECOND
from psfir.rehearsal.evaluate import Fact, facts
from psfir.rehearsal.state import DrillState

_OUT = frozenset({"sent", "already_there"})


def times(state: DrillState, entries: Iterable[Entry]) -> dict[str, int | None]:
    """None for what did not happen. Only what a probe has proven is contained."""
    found = facts(entries, state.clock, state.started) if state.started is not None else ()
    return {name: _first(found, fits) for name, fits in _MARKS.items()}


def _first(found: Sequence[Fact], fits: Callable[[Fact], bool]) -> int | None:
    return next((fact.at // SECOND for fact in found if fits(fact)), None)


_MARKS: Mapping[str, Callable[[Fact], bool]] = {
    "declared": lambda fact: fact.kind == Kind.DECLARED,
    "decided": lambda fact: fact.kind == Kind.NOTE and str(fact.data.get("text", "")).casefold().startswith("decision"),
    "contained": lambda fact: fact.kind == Kind.VERDICT and fact.data["verdict"] == Verdict.CONTAINED,
    "first_message": lambda fact: fact.kind == Kind.SENT and fact.data["result"] in _OUT,
}
