"""`psfir doctor` where all is well: on the range, whose addresses and credentials the vendors' own clients know."""

from __future__ import annotations

from pathlib import Path

import pytest

from psfir.app.doctor import Word, examine
from psfir.app.reach import greet
from psfir.app.session import Door, open_session
from psfir.errors import Busy
from psfir.range.estate import Range

WITHIN = 10.0


def door_of(whole: Range, home: Path) -> Door:
    return Door(env={"PSFIR_ME": "ada", "HOME": str(home), **whole.environment()})


def test_a_healthy_range_is_all_there(whole: Range, reference_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a cluster and of an AWS account too, which name no address that could be tried without their clients."""
    monkeypatch.setattr("psfir.app.doctor.REACH_SHARE", WITHIN)
    found = {one.name: one for one in examine(door_of(whole, reference_root), workspace=reference_root)}
    assert [one for one in found.values() if one.word is not Word.OK] == []
    assert found["connection prod-eu"].says.startswith("the cluster answers and knows its credential")
    assert found["connection aws-prod"].says.startswith("AWS takes its credential for arn:aws:sts::")


def test_a_part_that_is_down_has_failed(whole: Range, reference_root: Path) -> None:
    """Whether it is a cluster or an account: nobody could be killed there tonight."""
    session = open_session(door_of(whole, reference_root), workspace=reference_root)
    for part in ("kubernetes", "aws"):
        whole.reach(part)[0].wires.refuse()
    for name in ("prod-eu", "aws-prod"):
        assert greet(session.binder.connection(name), within=WITHIN)[0] == "failed"


def test_one_that_is_too_busy_to_answer_could_not_be_asked(
    whole: Range, reference_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there, and nothing is known of it: a word of its own."""

    def busy(*_: object) -> str:
        raise Busy("answered 429")

    session = open_session(door_of(whole, reference_root), workspace=reference_root)
    monkeypatch.setattr("psfir.app.reach.GREETED", {"kubernetes": busy})
    found = greet(session.binder.connection("prod-eu"), within=WITHIN)
    assert found == ("could_not_tell", "answered 429")


def test_a_credential_of_another_account_has_failed(whole: Range, reference_root: Path) -> None:
    """The connection names one, and would refuse to write on any other."""
    session = open_session(door_of(whole, reference_root), workspace=reference_root)
    bound = session.binder.connection("aws-prod")
    bound.settings = {**bound.settings, "account": "999999999999"}
    word, says = greet(bound, within=WITHIN)
    assert word == "failed"
    assert "of account 123456789012, and it names account 999999999999; use the right profile" in says
