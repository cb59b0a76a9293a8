"""The workspace of a range with several systems lints clean, and each system has its own of everything."""

from datetime import date
from pathlib import Path

import yaml

from psfir.app.catalog import installed_catalog
from psfir.app.lint import lint
from psfir.app.range_workspace import own_workspace, too_many
from psfir.app.session import Door, open_session


def test_each_system_has_runbooks_targets_and_ways_of_its_own(tmp_path: Path) -> None:
    """Nothing that one system's runbooks pull or look at is another's, and all of it lints clean."""
    home = own_workspace(tmp_path / "home", 3)
    report = lint(home, (), catalog=installed_catalog(), today=date(2026, 11, 21))
    assert [str(one) for one in report.problems] == []
    session = open_session(Door(env={"PSFIR_ME": "ada", "HOME": str(tmp_path)}), workspace=home)
    systems = ["support-assistant", "support-assistant-2", "support-assistant-3"]
    assert list(session.workspace.systems) == systems
    targets = [_targets(home, system) for system in systems]
    assert all(targets)
    assert not targets[0] & targets[1]
    assert not targets[1] & targets[2]
    assert not targets[0] & targets[2]


def _targets(home: Path, system: str) -> set[str]:
    """All that the runbooks of one system pull, as text."""
    found = set()
    for path in (home / "runbooks").glob("*.yaml"):
        book = yaml.safe_load(path.read_text())
        if book["system"] == system:
            found |= {str(rung["target"]) for step in book["steps"] for rung in step["ladder"]}
    return found


def test_a_second_person_can_sign(tmp_path: Path) -> None:
    """With a key that is made once, also where it was laid out without one; who has another key keeps that."""
    home = own_workspace(tmp_path / "home", 1)
    words, key = home / "psfir.yaml", home / ".psfir" / "ben.key"
    made = key.read_bytes()
    ben = yaml.safe_load(words.read_text())["people"]["ben"]
    assert ben["ssh_keys"] == [key.with_suffix(".key.pub").read_text().strip()]
    own_workspace(home, 1)
    assert key.read_bytes() == made
    key.unlink()
    before = words.read_text()
    own_workspace(home, 1)
    assert (words.read_text(), key.exists()) == (before, False)


def test_it_is_laid_out_once_and_grows_and_shrinks(tmp_path: Path) -> None:
    """A person's own words stay; a range with more systems adds what they need, one with fewer takes that away."""
    home = own_workspace(tmp_path, 1)
    words, books = home / "psfir.yaml", home / "runbooks"
    words.write_text(words.read_text().replace("Ada Example", "Ada Own"))
    first, files = words.read_text(), sorted(books.iterdir())
    own_workspace(tmp_path, 2)
    grown = words.read_text()
    own_workspace(tmp_path, 20)
    assert too_many(home, 2) == [f"support-assistant-{number}" for number in range(3, 21)]
    own_workspace(tmp_path, 2)
    assert (words.read_text(), too_many(home, 2)) == (grown, [])
    assert "Ada Own" in grown
    assert grown.count("  support-assistant-2:\n") == 1
    own_workspace(tmp_path, 1)
    assert (words.read_text(), sorted(books.iterdir())) == (first, files)


def test_a_further_system_that_somebody_altered_stays(tmp_path: Path) -> None:
    """By its runbook, or by its words; the others go."""
    home = own_workspace(tmp_path, 4)
    words, book = home / "psfir.yaml", home / "runbooks" / "support-assistant-3-disable.yaml"
    book.write_text(book.read_text() + "# ours\n")
    words.write_text(words.read_text().replace("  support-assistant-4:\n", "  support-assistant-4:\n    # ours\n"))
    before = {one.name for one in (home / "runbooks").glob("support-assistant-[34]-*")}
    own_workspace(tmp_path, 1)
    assert too_many(home, 1) == ["support-assistant-3", "support-assistant-4"]
    assert {one.name for one in (home / "runbooks").glob("support-assistant-[234]-*")} == before
