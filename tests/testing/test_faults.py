"""The fault matrix can fail: a lever that takes a bad answer for a good one is found by the fault that brings it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from psfir.contracts import Lever, Target
from psfir.domain.change import Change, Held, Look, Outcome, Reading, Result
from psfir.errors import Denied, LeverError, NoAnswer
from psfir.levers.http.request import HttpRequest
from psfir.testing import MATRIX, FakeConnection, meet
from tests.levers.http.stage_request import TOKEN, RequestStage

ROWS = {row.name: row for row in MATRIX}


class Assumes(HttpRequest):
    """No answer is a good answer."""

    def apply(self, change: Change, *, within: float) -> Outcome:
        try:
            return super().apply(change, within=within)
        except NoAnswer:
            return Outcome(Result.CHANGED, "it was sent", change.after)


class GivesUp(HttpRequest):
    """No answer is taken for nothing done."""

    def apply(self, change: Change, *, within: float) -> Outcome:
        try:
            return super().apply(change, within=within)
        except NoAnswer:
            return Outcome(Result.FAILED, "it did not work")

    def verify(self, change: Change, *, within: float) -> Look:
        return Look(Held.COULD_NOT_TELL, "no idea")


class Optimist(HttpRequest):
    """To it everything always holds."""

    def verify(self, change: Change, *, within: float) -> Look:
        return Look(Held.HELD, "surely")


class Tells(HttpRequest):
    """It repeats what it was sent with."""

    def read(self, target: Target, *, within: float) -> Reading:
        try:
            return super().read(target, within=within)
        except Denied as error:
            raise Denied(f"{error.what} with {TOKEN}", where=error.where, todo=error.todo) from None


class Mute(HttpRequest):
    """It says what happened, and not what to do."""

    def read(self, target: Target, *, within: float) -> Reading:
        try:
            return super().read(target, within=within)
        except LeverError as error:
            raise type(error)(error.what) from None


TRIALS: Mapping[type[HttpRequest], tuple[str, str]] = {
    Assumes: ("hang, not applied", "is none of"),
    GivesUp: ("reset, applied", "is none of|but the world has seen"),
    Optimist: ("an undoing controller", "it was put back"),
    Tells: ("403", "a secret got out"),
    Mute: ("404", "not what to do"),
}


def staged(made: type[HttpRequest]) -> RequestStage:
    class On(RequestStage):
        def lever(self, url: str) -> Lever:
            return made(FakeConnection("assistant", "http", {"url": url}, {"token": TOKEN}))

    return On()


@pytest.mark.parametrize(("made", "trial"), TRIALS.items(), ids=[made.__name__ for made in TRIALS])
def test_a_careless_lever_is_found(made: type[HttpRequest], trial: tuple[str, str], tmp_path: Path) -> None:
    """Each way of taking a bad day for a good one fails on the fault that brings it; the honest lever passes it."""
    fault, says = trial
    with staged(made) as stage, pytest.raises(AssertionError, match=says):
        meet(stage, ROWS[fault], pki=tmp_path)


def test_a_stage_without_secrets_proves_nothing(tmp_path: Path) -> None:
    """Whether one gets out is not seen where none is named."""

    class Bare(RequestStage):
        secrets: tuple[str, ...] = ()  # type: ignore[assignment]  # its parent's is of one

    with Bare() as stage, pytest.raises(AssertionError, match="which secrets"):
        meet(stage, ROWS["403"], pki=tmp_path)


def test_a_certificate_is_made_once(tmp_path: Path) -> None:
    """The certificate is made once for a folder, and then used again."""
    for _ in range(2):
        with RequestStage() as stage:
            meet(stage, ROWS["unknown certificate"], pki=tmp_path)
    made = sorted(path.name for path in tmp_path.glob("*.pem"))
    assert made == ["ca.pem", "server.pem"]
