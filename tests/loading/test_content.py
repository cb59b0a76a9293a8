"""Where content is found, and under which name: what a kill relies on."""

from pathlib import Path

import pytest

from psfir.errors import ContentError
from psfir.loading.content import FOLDERS, content_files, files_of, find_workspace, id_of, shipped
from psfir.loading.files import kind_of

IDS = {
    "id: off\n": "off",
    "id: 'off'\n": "off",
    'id: "off"  # why\n': "off",
    "id:   off # why\n": "off",
    "id: off\r\n": "off",
    "# id: other\nid: off\n": "off",
    "  id: deeper\nid: off\n": "off",
    "ids: other\nid: off\n": "off",
    "steps:\n  - id: deeper\n": "",
    "": "",
    "x" * 10_000 + "\nid: late\n": "",
}


@pytest.mark.parametrize(("text", "name"), IDS.items(), ids=range(len(IDS)))
def test_the_id_is_that_of_the_top_level(tmp_path: Path, text: str, name: str) -> None:
    """Quoted, commented or behind other keys; not that of a step, and not further down than anybody looks."""
    path = tmp_path / "x.yaml"
    path.write_bytes(text.encode())
    assert id_of(path) == name


KINDS = {
    "schema: psfir.runbook/1\n": "psfir.runbook/1",
    "\ufeffschema: psfir.runbook/1\n": "psfir.runbook/1",
    "\n# why\n\nschema: 'psfir.runbook/1' # x\r\n": "psfir.runbook/1",
    "---\nschema: psfir.playbook/1\n": "psfir.playbook/1",
    "id: off\nschema: psfir.runbook/1\n": "",
    "hello": "",
    "": "",
    "\x00\xff": "",
}


@pytest.mark.parametrize(("text", "kind"), KINDS.items(), ids=range(len(KINDS)))
def test_the_kind_is_what_the_first_line_says(tmp_path: Path, text: str, kind: str) -> None:
    """Behind comments, empty lines and a byte order mark; not what stands later."""
    path = tmp_path / "x.yaml"
    path.write_bytes(text.encode())
    assert kind_of(path) == kind


def test_files_go_by_their_id_wherever_they_lie(tmp_path: Path) -> None:
    """In folders below too; READMEs, hidden files and folders, and other suffixes are no content."""
    books = tmp_path / "runbooks"
    for name in ("b.yaml", "team/a.yaml", "README.md", ".hidden.yaml", ".git/c.yaml", "d.yml", "e.yaml~", "f.txt"):
        (books / name).parent.mkdir(parents=True, exist_ok=True)
        (books / name).write_text(f"id: of-{Path(name).stem}\n")
    assert content_files(tmp_path, "runbooks") == {"of-a": books / "team" / "a.yaml", "of-b": books / "b.yaml"}
    assert list(files_of(tmp_path, "playbooks")) == []


def test_a_file_without_an_id_goes_by_its_name(tmp_path: Path) -> None:
    """So that it can be asked for, and its problems be told."""
    (tmp_path / "drills").mkdir()
    (tmp_path / "drills" / "first.yaml").write_text("nothing")
    assert list(content_files(tmp_path, "drills")) == ["first"]


def test_a_file_without_an_id_takes_no_name_from_one_that_has_it(tmp_path: Path) -> None:
    """Whatever a broken file is called, the sound one of that id is found."""
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "off.yaml").write_text("broken")
    sound = tmp_path / "runbooks" / "z.yaml"
    sound.write_text("id: off\n")
    found = content_files(tmp_path, "runbooks")
    assert found["off"] == sound
    assert found.doubled == {}


def test_only_the_id_that_is_taken_twice_is_refused(tmp_path: Path) -> None:
    """It is an error that names both files, once it is asked for; the others can be had."""
    (tmp_path / "runbooks").mkdir()
    for name, told in (("a", "same"), ("b", "same"), ("c", "other")):
        (tmp_path / "runbooks" / f"{name}.yaml").write_text(f"id: {told}\n")
    found = content_files(tmp_path, "runbooks")
    assert list(found) == ["same", "other"]
    assert found["other"] == tmp_path / "runbooks" / "c.yaml"
    with pytest.raises(ContentError) as refused:
        found["same"]
    said = "runbooks/b.yaml:1:1: the id 'same' is taken by runbooks/a.yaml; ids are used once (psfir lint)"
    assert str(refused.value) == said


def test_the_workspace_is_the_nearest_one_upwards(tmp_path: Path) -> None:
    """From any folder in it; a folder called psfir.yaml is none."""
    (tmp_path / "psfir.yaml").write_text("")
    deep = tmp_path / "a" / "b"
    (deep / "psfir.yaml").mkdir(parents=True)
    assert find_workspace(deep) == tmp_path.resolve()
    assert find_workspace(Path("/proc")) is None


@pytest.mark.parametrize("kind", FOLDERS)
def test_what_ships_is_found(kind: str, root: Path) -> None:
    """In a checkout beside the package."""
    assert shipped(kind) == root / kind
    assert shipped(kind).is_dir()
