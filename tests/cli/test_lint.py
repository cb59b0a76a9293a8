"""`psfir lint`: sentences, formats, exit codes, and what it needs: files, and nothing else."""

import os
from pathlib import Path

import pytest

from psfir.domain.budget import worst_case
from psfir.domain.durations import seconds
from psfir.loading.runbook import load_runbook
from tests.cli.keyboard import Done, Keyboard, on_a_terminal
from tests.loading.desk import BOOK, Works, swapped

DIES = {"title: Bot, owner: ben": "title: Bot, owner: bem"}
LATE = {"set: {on: false}\n        within: 10s": "set: {on: false}\n        within: 16m"}


class Linter:
    """A sound workspace as the current folder, and somebody who lints it."""

    def __init__(self, works: Works, keyboard: Keyboard) -> None:
        self.works = works
        self._keyboard = keyboard

    def lint(self, *words: str) -> Done:
        return self._keyboard.type("lint", *words)


@pytest.fixture
def at(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Linter:
    keyboard = Keyboard(tmp_path / "other", capsys, monkeypatch)
    monkeypatch.delenv("PSFIR_WORKSPACE")
    works = Works(tmp_path / "works")
    monkeypatch.chdir(works.root)
    return Linter(works, keyboard)


def test_a_sound_workspace(at: Linter) -> None:
    """Nothing on standard error, the critical path of its runbook in aligned columns, and exit code 0."""
    done = at.lint()
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "\noff  at worst 2m5s of 15m\n"
        "        5s  plan                      all rungs read side by side\n"
        "       30s  approval                  one yes at the prompt\n"
        "       20s  step stop                 memory.switch 10s + memory.switch 10s\n"
        "       10s  unknown rungs read again  before the probes, and before the verdict\n"
        "        1m  probe memory              5 in a row\n"
        "\n3 files, 0 errors, 0 warnings\n"
    )


def test_the_shares_add_up_to_the_total(at: Linter) -> None:
    """What is printed line by line is what the run will count."""
    lines = at.lint().out.splitlines()
    shares = [seconds(line.split()[0]) for line in lines if line.startswith("   ")]
    book = load_runbook(at.works.root / "runbooks" / "off.yaml")
    assert sum(shares) == worst_case(book).total == seconds("2m5s")


def test_problems_stand_at_their_place(at: Linter) -> None:
    """`file:line:column: sentence`, warnings said to be such, and exit code 1."""
    at.works.words(DIES)
    at.works.book({"expect: {state: {on: false}}": "expect: {state: {on: false}}\n    soak: 0s"})
    done = at.lint()
    assert done.code == 1
    owner, soak = done.out.splitlines()[:2]
    assert owner == "psfir.yaml:10:28: the owner 'bem' is nobody under people; did you mean ben?"
    never = "the probe 'memory' does not soak: a controller that turns it back on would not be noticed"
    assert soak == f"runbooks/off.yaml:23:11: warning: {never}"
    assert done.out.endswith("\n3 files, 1 error, 1 warning\n")


def test_over_the_deadline_is_refused_with_the_path(at: Linter) -> None:
    """Every share is in the sentence, and the runbook has no worst case below it."""
    at.works.book(LATE)
    done = at.lint()
    assert done.code == 1
    path = "plan 5s + approval 30s + step stop 16m10s (memory.switch 16m + memory.switch 10s)"
    rest = "unknown rungs read again 10s + probe memory 1m"
    assert done.out.splitlines()[0] == (
        f"runbooks/off.yaml:1:1: the worst case is 17m55s, over the deadline of 15m: {path} + {rest}"
    )
    assert "at worst" not in done.out


def test_warnings_alone_are_no_failure_unless_strict(at: Linter) -> None:
    """0 by default, 1 under --strict, and the same words."""
    at.works.play({"last_reviewed: 2026-01-31": "last_reviewed: 2020-01-31"})
    loose, strict = at.lint(), at.lint("--strict")
    assert (loose.code, strict.code) == (0, 1)
    assert loose.out == strict.out
    assert "playbooks/harm.md:6:16: warning: was last reviewed " in loose.out


def test_one_file_of_many(at: Linter) -> None:
    """Only what is named is reported, against all the others."""
    at.works.words(DIES)
    at.works.book({"playbook: harm": "playbook: ham"})
    done = at.lint("runbooks/off.yaml")
    assert done.out.splitlines()[0] == ("runbooks/off.yaml:7:11: there is no playbook 'ham'; did you mean harm?")
    assert "psfir.yaml" not in done.out
    assert done.out.endswith("\n1 file, 1 error, 0 warnings\n")


def test_a_folder_stands_for_its_files(at: Linter) -> None:
    """The current one and the workspace's own for all."""
    assert at.lint("playbooks").out == "1 file, 0 errors, 0 warnings\n"
    assert at.lint(".").out == at.lint().out == at.lint(str(at.works.root)).out


@pytest.mark.parametrize("words", [("nowhere.yaml",), ("runbooks", "nowhere"), ("nowhere/off.yaml",)])
def test_a_path_that_is_not_there_is_no_clean_report(at: Linter, words: tuple[str, ...]) -> None:
    """A slip in a CI file would otherwise check nothing, for ever, and say so with a 0."""
    done = at.lint(*words)
    assert (done.code, done.out) == (2, "")
    assert f"there is no {words[-1]}" in done.err


def test_a_folder_without_content_is_no_clean_report(at: Linter) -> None:
    """The same for a folder that holds nothing to check."""
    (at.works.root / "docs").mkdir()
    done = at.lint("docs")
    assert (done.code, done.out) == (2, "")
    assert "docs holds nothing of the workspace" in done.err


def test_outside_of_any_workspace(at: Linter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2, and what to do."""
    monkeypatch.chdir(tmp_path)
    done = at.lint()
    assert (done.code, done.out) == (2, "")
    assert "no psfir.yaml here or in any folder above" in done.err
    assert at.lint("-w", "gone").code == 2


def test_the_workspace_can_be_named(at: Linter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By option, by environment, or by a file in it; files are named as seen from the current folder."""
    at.works.words(DIES)
    monkeypatch.chdir(tmp_path)
    for words in (("-w", "works"), ("works",), (str(tmp_path / "works"),), ("works/psfir.yaml",)):
        assert at.lint(*words).out.startswith("works/psfir.yaml:10:28: the owner"), words
    monkeypatch.setenv("PSFIR_WORKSPACE", str(tmp_path / "works"))
    assert at.lint().out.startswith("works/psfir.yaml:10:28: the owner")
    monkeypatch.chdir(at.works.root / "runbooks")
    assert at.lint().out.startswith("../psfir.yaml:10:28: the owner")


def test_files_are_all_it_needs(at: Linter, monkeypatch: pytest.MonkeyPatch) -> None:
    """No record, no identity, no secret, and nothing is written: CI has none of them."""
    monkeypatch.delenv("PSFIR_ME")
    remote = "  gw: {kind: http, url: 'https://a.b', token: env:NONE}\n"
    at.works.words({"connections:\n": f"connections:\n{remote}"})
    before = sorted(at.works.root.rglob("*"))
    assert at.lint("--strict").code == 0
    assert sorted(at.works.root.rglob("*")) == before


def test_a_broken_workspace_file_hides_nothing_else(at: Linter) -> None:
    """psfir.yaml is no YAML, and the runbook's own mistakes are still told; references to it are not made up."""
    at.works.write("psfir.yaml", "schema: psfir.workspace/1\nname: [\n")
    at.works.book({"mode: disable": "mode: disabel"})
    lines = at.lint().out.splitlines()
    assert lines[0].startswith("psfir.yaml:3:1: is not YAML here: ")
    assert lines[1] == "runbooks/off.yaml:5:7: 'disabel' is none of these; did you mean disable?"
    assert lines[-1] == "3 files, 2 errors, 0 warnings"


def test_a_name_with_escapes_does_nothing_to_the_terminal(at: Linter) -> None:
    """Neither a file's name nor what stands in it is obeyed."""
    at.works.write("runbooks/\x1b[2Jx\n.yaml", swapped(BOOK, {"title: Off": "titel: Off"}))
    done = at.lint()
    assert done.code == 1
    assert "\x1b" not in done.out
    assert "runbooks/ [2Jx .yaml:3:1: a runbook has no key 'titel'; did you mean title?" in done.out


def test_a_name_that_is_no_text_is_printed(at: Linter) -> None:
    """In every format, whatever bytes the file system holds."""
    path = os.fsencode(at.works.root / "runbooks") + b"/caf\xe9.yaml"
    try:
        Path(os.fsdecode(path)).write_text(swapped(BOOK, {"title: Off": "titel: Off"}))
    except OSError:
        pytest.skip("this file system takes no such name")
    for style in ("text", "json", "github", "sarif"):
        done = at.lint("--format", style)
        assert done.code == 1, done.err
        assert "titel" in done.out
        done.out.encode()


def test_colour_is_for_a_terminal(at: Linter) -> None:
    """And the words are the same without it."""
    at.works.book({"expect: {state: {on: false}}": "expect: {state: {on: false}}\n    soak: 0s"})
    assert "\x1b" not in at.lint().out
    shown = on_a_terminal(at.works.root, "lint")
    assert shown.code == 0
    assert "\x1b[33mwarning: \x1b[0m" in shown.out


def test_without_colour_where_asked(at: Linter) -> None:
    """NO_COLOR is heeded."""
    at.works.words(DIES)
    assert "\x1b[3" not in on_a_terminal(at.works.root, "lint", NO_COLOR="1").out
