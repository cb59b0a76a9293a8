"""One lever meets one fault of the matrix through a real socket: what it may say, what it must not, and in what time.

A reading fails for what it is. A pull ends as one of the words that are right for what the world became, within its
share, with a sentence that says what to do, and no secret in any of it.
"""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from psfir.domain.change import Held, Result
from psfir.domain.scrub import Scrubber
from psfir.errors import LeverError, NoAnswer
from psfir.range.front import Front
from psfir.testing.bad_world import Pulled, pointed, pull
from psfir.testing.matrix import DONE, LONG, NOT_DONE, Place, Row
from psfir.testing.stage import Stage
from psfir.testing.waiting import GRACE

PAUSE = 1.0
"""What the engine itself waits before it tries again, at most."""

READING = 0.2


def meet(stage: Stage, row: Row, *, pki: Path) -> None:
    """AssertionError with what is wrong about the lever. `pki` is a folder for a certificate that nobody trusts."""
    assert stage.secrets, "a stage says which secrets its connection hands out, so that it is seen that none gets out"
    if row.reading:
        _check_error(_read(stage, row, pki), row, stage)
    with Front(stage.upstream) as front:
        pulled = pull(stage, row, front=front, pki=pki)
    _check_outcome(pulled, row, stage)
    _check_truth(pulled, row, stage)
    _check_words(pulled, stage)


def _read(stage: Stage, row: Row, pki: Path) -> tuple[object, float]:
    """A reading on a wire that is wrong from the first request on: what it raised, and how long it took."""
    share = READING if row.share < LONG else row.share
    with Front(stage.upstream) as front, pointed(stage, row, front=front, pki=pki) as url:
        if row.fault:
            front.fault(row.fault(stage))
        lever = stage.lever(url)
        begun = perf_counter()
        try:
            said: object = lever.read(stage.target, within=share)
        except LeverError as error:
            said = error
        return said, perf_counter() - begun - share


def _check_error(said: tuple[object, float], row: Row, stage: Stage) -> None:
    error, over = said
    assert isinstance(error, row.reading), f"reading gave {error!r}: {error}"
    assert isinstance(error, LeverError), f"reading gave {error!r}"
    assert over < GRACE, f"reading took {over:.1f} s longer than it had"
    assert error.todo, f"reading says what happened and not what to do: {error}"
    assert _clean(f"{error!r} {error}", stage), f"a secret got out: {error}"


def _check_outcome(pulled: Pulled, row: Row, stage: Stage) -> None:
    outcome = pulled.facts.outcome
    assert outcome is not None, "the rung ended without an outcome"
    right = row.right(landed=stage.pulled())
    assert outcome.result in right, f"{outcome} is none of {sorted(right)}, pulled: {stage.pulled()}"
    more = row.retries * (row.share + PAUSE)
    assert pulled.over < more + GRACE, f"the rung took {pulled.over:.1f} s longer than its share"


def _check_truth(pulled: Pulled, row: Row, stage: Stage) -> None:
    """Nothing is called done that is not, nothing left undone that was begun, and looking afterwards tells."""
    assert pulled.facts.outcome, "the rung ended without an outcome"
    assert pulled.settled.outcome, "reading again gave no outcome"
    if row.place is Place.UNDONE:
        assert not stage.pulled(), "the stage's `undo` did not put the world back"
        assert pulled.held is Held.NOT_HELD, f"it was put back, and verify says {pulled.held}"
        return
    if not stage.pulled():
        assert pulled.results.isdisjoint(DONE), f"the world is as it was, the journal says {pulled.results}"
    if pulled.facts.outcome.result in NOT_DONE:
        assert stage.writes() == 0, f"{pulled.facts.outcome}, but the world has seen {stage.writes()} writes"
    if pulled.held is Held.HELD:
        assert stage.pulled(), "verify holds, and the world is as it was"
    if stage.pulled():
        assert pulled.settled.outcome.result in DONE, f"read again in peace it is {pulled.settled.outcome}"
    else:
        right = NOT_DONE | {Result.UNKNOWN}
        assert pulled.settled.outcome.result in right, f"the world is as it was, read again: {pulled.settled.outcome}"


def _check_words(pulled: Pulled, stage: Stage) -> None:
    """Each outcome is a sentence, each error says what to do, and no secret is in any of it."""
    assert all(pulled.words()), "an outcome without a sentence"
    assert pulled.settled.outcome, "reading again gave no outcome"
    if Result.UNKNOWN in pulled.results:
        assert "read again" in pulled.settled.outcome.says, f"not read again: {pulled.settled.outcome.says}"
    # What to do about a NoAnswer is to read again; the engine does that, and says so.
    silent = [e for e in pulled.errors if isinstance(e, LeverError) and not isinstance(e, NoAnswer) and not e.todo]
    assert not silent, f"says what happened and not what to do: {[str(error) for error in silent]}"
    told = " ".join([pulled.recorded(), *(f"{error!r} {error}" for error in pulled.errors)])
    assert _clean(told, stage), f"a secret got out: {told}"


def _clean(text: str, stage: Stage) -> bool:
    scrubber = Scrubber()
    for number, secret in enumerate(stage.secrets):
        scrubber.learn(secret, f"secret-{number}")
    return scrubber.text(text) == text
