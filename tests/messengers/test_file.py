"""Texts in a folder: whole, by themselves, and never written over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from psfir.domain.message import Destination, Result
from psfir.messengers.file import File
from psfir.testing import MESSAGE, FakeConnection, cleared

WITHIN = 10.0
HERE = Destination({}, "copy-1")


def messenger(folder: Path) -> File:
    return File(FakeConnection("outbox", "folder", {"path": str(folder)}))


def test_a_file_says_what_it_is(tmp_path: Path) -> None:
    """Its name tells incident, audience, phase and language; it holds the subject and the text, for its owner alone."""
    delivery = messenger(tmp_path / "out").send(cleared(), HERE, within=WITHIN)
    (path,) = (tmp_path / "out").iterdir()
    assert path.name.startswith("INC-2026-11-21-a1b2-customers-holding-en-")
    assert path.read_text(encoding="utf-8") == f"{MESSAGE.subject}\n\n{MESSAGE.body}"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert (delivery.receipt, delivery.url) == (path.name, path.as_uri())


def test_the_subject_may_be_left_out(tmp_path: Path) -> None:
    """For a place that has a field of its own for it, or none."""
    messenger(tmp_path).send(cleared(), Destination({"subject": False}, "copy-1"), within=WITHIN)
    (path,) = tmp_path.iterdir()
    assert path.read_text(encoding="utf-8") == MESSAGE.body


def test_what_somebody_has_edited_stays(tmp_path: Path) -> None:
    """The same copy again is there already, whatever became of the file."""
    messenger(tmp_path).send(cleared(), HERE, within=WITHIN)
    (path,) = tmp_path.iterdir()
    path.write_text("edited", encoding="utf-8")
    again = messenger(tmp_path).send(cleared(), HERE, within=WITHIN)
    assert again.result is Result.ALREADY_THERE
    assert path.read_text(encoding="utf-8") == "edited"
    assert list(tmp_path.iterdir()) == [path]


def test_each_copy_of_each_text_has_a_file(tmp_path: Path) -> None:
    """Many at once, too; of one copy there is one."""
    made = messenger(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        keys = [f"copy-{n % 10}" for n in range(40)]
        told = list(pool.map(lambda key: made.send(cleared(), Destination({}, key), within=WITHIN), keys))
    assert sorted(one.result.value for one in told) == ["already_there"] * 30 + ["sent"] * 10
    assert len(list(tmp_path.iterdir())) == 10


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    """Whatever an incident or a language is called."""
    text = replace(MESSAGE, incident="../../etc/passwd", lang="../x")
    messenger(tmp_path / "out").send(cleared(text), HERE, within=WITHIN)
    assert [path.parent for path in tmp_path.rglob("*.txt")] == [tmp_path / "out"]


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    """A file stands in its place: nothing is laid, and the sentence says where."""
    (tmp_path / "out").write_text("")
    delivery = messenger(tmp_path / "out").send(cleared(), HERE, within=WITHIN)
    assert delivery.result is Result.FAILED
    assert "out cannot be written to" in delivery.says
