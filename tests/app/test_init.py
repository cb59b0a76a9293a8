"""A workspace is laid out whole, and nothing that is there is overwritten."""

from pathlib import Path

import pytest

from psfir.app.init import REFERENCE, lay_out
from psfir.errors import Refusal, UsageError
from psfir.loading.content import FOLDERS, files_of, shipped
from psfir.loading.workspace import load_workspace


def test_everything_that_ships_is_laid_out(tmp_path: Path) -> None:
    """psfir.yaml loads, and each content folder holds what the package holds."""
    laid = lay_out(tmp_path / "ops" / "psfir")
    assert load_workspace(laid.root / "psfir.yaml").systems
    for kind in FOLDERS:
        here = [path.relative_to(laid.root / kind) for path in files_of(laid.root, kind)]
        there = [path.relative_to(shipped(kind)) for path in files_of(shipped(kind).parent, kind)]
        assert here == [path for path in there if path.parts[0] != REFERENCE]
    assert laid.kept == ()
    assert laid.made[-1] == ".gitignore"
    assert laid.made[-2] == "psfir.yaml"


def test_the_reference_is_laid_out_instead(tmp_path: Path) -> None:
    """Its own psfir.yaml and runbooks, the playbooks that both share, and nothing of the tiny estate."""
    laid = lay_out(tmp_path / "ops", reference=True)
    there = shipped("runbooks") / REFERENCE
    assert {path.name for path in (laid.root / "runbooks").iterdir()} == {
        path.name for path in there.iterdir() if path.name != "psfir.yaml"
    }
    assert (laid.root / "psfir.yaml").read_bytes() == (there / "psfir.yaml").read_bytes()
    assert not (laid.root / ".psfir").exists()
    assert {path.name for path in files_of(laid.root, "playbooks")} == {
        path.name for path in files_of(shipped("playbooks").parent, "playbooks")
    }


def test_the_record_stays_out_of_the_repository(tmp_path: Path) -> None:
    """.gitignore names it once, behind what was there."""
    (tmp_path / ".gitignore").write_text("*.pyc")
    assert ".gitignore" in lay_out(tmp_path).made
    assert (tmp_path / ".gitignore").read_text() == "*.pyc\n.psfir/\n"
    (tmp_path / "psfir.yaml").unlink()
    assert ".gitignore" in lay_out(tmp_path).kept


def test_a_psfir_yaml_that_is_there_is_refused(tmp_path: Path) -> None:
    """Nothing at all is written then; an empty one counts as none."""
    words = tmp_path / "psfir.yaml"
    words.write_text("mine")
    with pytest.raises(Refusal, match="is there already"):
        lay_out(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["psfir.yaml"]
    words.write_text("")
    assert "psfir.yaml" in lay_out(tmp_path).made
    assert words.read_text()


def test_a_file_of_the_same_name_is_kept(tmp_path: Path) -> None:
    """It is said that it stayed."""
    own = next(files_of(shipped("playbooks").parent, "playbooks")).name
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / own).write_text("ours")
    assert lay_out(tmp_path).kept == (f"playbooks/{own}",)
    assert (tmp_path / "playbooks" / own).read_text() == "ours"


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    """A file stands where the folder was to be."""
    (tmp_path / "here").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        lay_out(tmp_path / "here" / "there")
