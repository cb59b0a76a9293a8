"""What a drill came to, line by line: points by the scenario's own numbers, a rating by its bands, capped by the worst.

Whole numbers throughout: hundredths of a point, percent rounded down. The same scenario and log give the same score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from psfir.domain.values import frozen
from psfir.rehearsal.expectation import Expectation
from psfir.rehearsal.scenario import Scoring
from psfir.rehearsal.state import DrillState
from psfir.rehearsal.words import Axis, Level, Met, Rating

_WHOLE = 100
_WORST_LAST = (Rating.P, Rating.S, Rating.M, Rating.U)
_UNCOUNTED = frozenset({Met.WAIVED, Met.UNASKED})


@frozen
class Line:
    """One expectation: what it could bring, what it brought, and why. Hundredths of a point."""

    expectation: str
    title: str
    axis: Axis
    objective: str
    met: Met
    late: bool
    critical: bool
    possible: int
    earned: int
    says: str


@frozen
class Cap:
    """A critical expectation that leaves no better rating than this."""

    expectation: str
    rating: Rating
    says: str


@frozen
class Rated:
    """Points of some lines. `rating` is None where nothing was asked."""

    possible: int
    earned: int
    percent: int
    rating: Rating | None


@frozen
class Score:
    """`whole` is before the caps, `rating` after them. `practice` says why it is no evidence; empty, it is some."""

    lines: tuple[Line, ...]
    whole: Rated
    rating: Rating | None
    axes: Mapping[Axis, Rated]
    objectives: Mapping[str, Rated]
    caps: tuple[Cap, ...]
    practice: tuple[str, ...]
    shows: str

    @property
    def counts(self) -> bool:
        """Whether it is evidence that procedures are rehearsed."""
        return not self.practice


def score(state: DrillState) -> Score:
    """Of a run that goes on still, how it stands: what is open brings nothing yet."""
    scoring = state.scenario.scoring
    lines = tuple(_line(state, one) for one in state.scenario.expected.values())
    caps = tuple(_caps(lines, scoring))
    whole = _rated(lines, scoring)
    ratings = [whole.rating, *(cap.rating for cap in caps)] if whole.rating else []
    objectives = {one.id: [line for line in lines if line.objective == one.id] for one in state.scenario.objectives}
    return Score(
        lines=lines,
        whole=whole,
        rating=max((one for one in ratings if one), key=_WORST_LAST.index, default=None),
        axes={axis: _rated([line for line in lines if line.axis is axis], scoring) for axis in Axis},
        objectives={name: _rated(of, scoring) for name, of in objectives.items()},
        caps=caps,
        practice=practice(state),
        shows=state.scenario.level.shows,
    )


def practice(state: DrillState) -> tuple[str, ...]:
    """Every reason why this run is no evidence that procedures are rehearsed."""
    reasons = {
        "the scenario says that it does not count": not state.scenario.counts_as_evidence,
        "its time did not run at the speed of real time": state.clock.compressed,
        "it was broken off": state.aborted,
        "it is not over": not state.over,
    }
    return tuple(says for says, so in reasons.items() if so)


def proves_deadline(state: DrillState) -> bool:
    """Whether it shows that containment takes less than 15 minutes: levers pulled, and real time all along."""
    return state.scenario.level is not Level.TABLETOP and not practice(state)


def _line(state: DrillState, one: Expectation) -> Line:
    stands, scoring = state.expectations[one.id], state.scenario.scoring
    possible = 0 if stands.met in _UNCOUNTED else one.weight * _WHOLE
    credit = {Met.MET: _WHOLE, Met.PARTIAL: scoring.partial}.get(stands.met, 0)
    hints = sum(given.inject == one.inject for given in state.hints) if one.inject else 0
    kept = max(_WHOLE - hints * scoring.hint_penalty, 0)
    earned = possible * credit * kept // (_WHOLE * _WHOLE)
    return Line(
        expectation=one.id,
        title=one.title,
        axis=one.axis,
        objective=one.objective,
        met=stands.met,
        late=stands.late,
        critical=one.critical,
        possible=possible,
        earned=earned,
        says=_says(stands.met, late=stands.late, hints=hints if earned else 0, scoring=scoring),
    )


def _says(met: Met, *, late: bool, hints: int, scoring: Scoring) -> str:
    if met in _UNCOUNTED:
        return "nobody was asked for it" if met is Met.UNASKED else "waived: it does not count"
    word = "too late" if late else met.value
    worth = f", worth {scoring.partial} %" if met is Met.PARTIAL else ""
    counted = f"{hints} hint{'' if hints == 1 else 's'}"
    return f"{word}{worth}{f', less {hints * scoring.hint_penalty} % for {counted}' if hints else ''}"


def _caps(lines: Iterable[Line], scoring: Scoring) -> Iterable[Cap]:
    for line in lines:
        if not line.critical:
            continue
        if line.met is Met.MISSED or line.late:
            how = "too late" if line.late else "missed"
            yield Cap(line.expectation, scoring.missed_cap, f"critical and {how}: {scoring.missed_cap} at best")
        elif line.met is Met.PARTIAL:
            says = f"critical and only partly met: {scoring.partial_cap} at best"
            yield Cap(line.expectation, scoring.partial_cap, says)


def _rated(lines: Iterable[Line], scoring: Scoring) -> Rated:
    counted = list(lines)
    possible, earned = sum(one.possible for one in counted), sum(one.earned for one in counted)
    if not possible:
        return Rated(0, 0, 0, None)
    percent = _WHOLE * earned // possible
    reached = (rating for rating in _WORST_LAST if percent >= scoring.bands.get(rating, 0))
    return Rated(possible, earned, percent, next(reached))
