"""A case file can fail: what planning makes of a reading and what the file says have to be the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from psfir.levers.memory.switch import Switch
from psfir.testing import FakeConnection, check_case

START = "reading: {state: {on: true, model: large}}\nmode: disable\nset: {on: false}\n"
CHANGED = "change: {before: {on: true, model: large}, after: {on: false, model: large}}\n"
BAD = {
    "nothing: is already\n": "planning gives Change",
    "error: no such\n": "planning goes well",
    CHANGED.replace("large}}", "small}}"): "planning gives",
    CHANGED.replace("large}}", "large}, why: because}"): "it says",
    CHANGED.replace("large}}", "large}, detail: {a: 1}}"): "its detail is",
    CHANGED + "expect: {}\n": r"keys that say nothing: \['expect'\]",
    CHANGED + "mode: degrade\n": "a second time",
}


def check(folder: Path, text: str) -> None:
    (folder / "case.yaml").write_text(text, encoding="utf-8")
    check_case(Switch(FakeConnection("estate", "memory", {"path": "nowhere.json"})), folder / "case.yaml")


def test_what_fits_passes(tmp_path: Path) -> None:
    """The target may be left out: it is the example's own then."""
    check(tmp_path, START + CHANGED)
    check(tmp_path, START.replace("on: true", "on: false") + "nothing: already\n")


@pytest.mark.parametrize("end", BAD)
def test_what_does_not_fit_is_said(tmp_path: Path, end: str) -> None:
    """What planning gives, and which key of the file is none."""
    with pytest.raises(AssertionError, match=BAD[end]):
        check(tmp_path, START + end)
