"""Files made to exhaust, to deceive or to break a reader: each is one clear sentence, in bounded time and memory."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from psfir.errors import ContentError
from psfir.loading.content import content_files, id_of
from psfir.loading.files import kind_of
from psfir.loading.nodes import DEEPEST, MOST, parse
from psfir.loading.playbook import load_playbook
from psfir.loading.problems import MOST as MOST_PROBLEMS
from psfir.loading.problems import Problems
from psfir.loading.runbook import load_runbook
from psfir.loading.text import LARGEST
from psfir.loading.workspace import load_workspace
from tests.loading.desk import BOOK, PLAY, WORDS, swapped

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
BOMBS = {
    "a billion laughs": (LAUGHS, "1:4: anchors (&name) are not used in psfir files: write it out"),
    "brackets": ("x: " + "[" * 100_000, f"1:{DEEPEST + 3}: is nested more than {DEEPEST} deep"),
    "braces": ("x: " + "{a: " * 100_000, f"is nested more than {DEEPEST} deep"),
    "dashes": ("- " * 100_000 + "x", f"1:{2 * DEEPEST + 1}: is nested more than {DEEPEST} deep"),
    "question marks": ("? " * 100_000, "1:3: a mapping cannot be a key"),
    "quotes": ('"' * 99_999, "is not YAML here"),
    "ampersands": ("&" * 100_000, "is not YAML here"),
    "exclamation marks": ("!" * 100_000, "tags (!name) are not used"),
    "percent signs": ("%" * 100_000, "is not YAML here"),
    "values": ("x: [" + "a," * MOST + "]", f"has more than {MOST:,} values up to here"),
    "documents": ("---\n" * 100_000, "a second document begins here"),
    "a long word": ("x" * 1_000_000, "must be a mapping that begins with `schema: psfir.runbook/1`"),
    "a long key": ("schema: psfir.runbook/1\n" + "k" * 1_000_000 + ": 1", "is not YAML here"),
    "a long key, asked for": ("schema: psfir.runbook/1\n? " + "k" * 1_000_000 + "\n: 1", "…'; there is: "),
    "a long number": (swapped(BOOK, {"10s": "1" * 900_000 + "s"}), "is not between 0.1s and 1d"),
    "a long exponent": (swapped(BOOK, {"{on: false}": "{on: 1e999999999}"}), "quote it"),
    "a long version": ("schema: psfir.runbook/" + "9" * 900_000, "is version"),
}


def _refused(tmp_path: Path, data: bytes | str, *, name: str = "off.yaml") -> ContentError:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    load: Any = load_playbook if path.suffix == ".md" else load_runbook
    with pytest.raises(ContentError) as refused:
        load(path)
    return refused.value


@pytest.mark.parametrize(("text", "sentence"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    """Of a length that fits a screen."""
    error = _refused(tmp_path, text)
    assert any(sentence in str(problem) for problem in error.problems), error.problems
    assert all(len(problem.sentence) < 500 for problem in error.problems)


@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
@pytest.mark.parametrize("name", ["a billion laughs", "brackets", "dashes", "documents"])
def test_both_readers_stop_at_the_same_place(name: str, loader: type[yaml.SafeLoader]) -> None:
    """Where libyaml is missing, the one written in Python is bounded just as well."""
    problems = Problems("x.yaml")
    assert parse(BOMBS[name][0], problems, loader=loader) is None
    assert BOMBS[name][1] in str(problems.found[0])


def test_deep_but_not_too_deep_is_read(tmp_path: Path) -> None:
    """The bound is not in the way of a request body with some levels."""
    inner = '{"a": ' * 30 + "1" + "}" * 30
    path = tmp_path / "off.yaml"
    path.write_text(swapped(BOOK, {"{on: false}": inner}))
    value: Any = load_runbook(path).steps[0].ladder[0].set
    for _ in range(30):
        value = value["a"]
    assert value == 1


ODD = {
    "NUL": ("\x00", "holds the invisible character U+0000 here: take it out"),
    "escape": ("\x1b[2J", "holds the invisible character U+001B here: take it out"),
    "backspace": ("\x08", "holds the invisible character U+0008 here: take it out"),
    "next line": ("\x85", "holds the invisible character U+0085 here: take it out"),
    "line separator": ("\u2028", "holds the invisible character U+2028 here: take it out"),
    "right to left": ("\u202e", "holds the invisible character U+202E here: take it out"),
    "isolate": ("\u2066", "holds the invisible character U+2066 here: take it out"),
    "lone carriage return": ("\r", "holds the invisible character U+000D here: take it out"),
    "no character": ("\uffff", "holds the invisible character U+FFFF here: take it out"),
}


@pytest.mark.parametrize(("sign", "sentence"), ODD.values(), ids=ODD)
@pytest.mark.parametrize(("name", "text"), [("off.yaml", BOOK), ("harm.md", PLAY)])
def test_what_cannot_be_seen_is_refused(tmp_path: Path, sign: str, sentence: str, name: str, text: str) -> None:
    """A file says the same to whoever reviews it as to psfir. The place is that of the sign."""
    old = "First this" if name.endswith("md") else "title: Off"
    error = _refused(tmp_path, swapped(text, {old: old + sign + "x"}), name=name)
    line = next(i for i, row in enumerate(text.split("\n"), 1) if old in row)
    assert [str(p) for p in error.problems] == [f"{tmp_path / name}:{line}:{len(old) + 1}: {sentence}"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize(("name", "text"), [("off.yaml", BOOK), ("harm.md", PLAY)])
def test_other_encodings_are_refused(tmp_path: Path, encoding: str, name: str, text: str) -> None:
    """One sentence at the first line, not a hundred about what was made of it."""
    (problem,) = _refused(tmp_path, text.encode(encoding), name=name).problems
    assert problem.line == 1
    assert "not UTF-8" in problem.sentence or "invisible character U+0000" in problem.sentence


def test_a_byte_that_is_not_utf_8_has_its_place(tmp_path: Path) -> None:
    """Line and column of the byte, and its offset for a hex editor."""
    data = BOOK.encode().replace(b"title: Off", b"title: Caf\xe9")
    (problem,) = _refused(tmp_path, data).problems
    assert (problem.line, problem.column) == (3, 11)
    assert problem.sentence == f"is not UTF-8 here (byte {data.index(0xE9)}): save the file as UTF-8"


@pytest.mark.parametrize("escape", [r"\uD800", r"\uDFFF", r"\U00110000", r"\xZZ"])
@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
def test_an_escape_that_is_no_character_is_refused(escape: str, loader: type[yaml.SafeLoader]) -> None:
    """A half character could not be written to the record."""
    problems = Problems("x.yaml")
    assert parse(f'a: "{escape}"', problems, loader=loader) is None
    assert len(problems.found) == 1


def test_a_hundred_problems_are_enough(tmp_path: Path) -> None:
    """Behind them one that says that there are more; and looking for near misses takes no minutes."""
    keys = "".join(f"unknown_key_number_{i}: 1\n" for i in range(20_000))
    error = _refused(tmp_path, BOOK + keys)
    assert len(error.problems) == MOST_PROBLEMS + 1
    assert error.problems[-1].sentence.endswith("put the others right first")


CHILD = """\
import resource, sys, time
from pathlib import Path
from psfir.errors import ContentError
from psfir.loading.{room} import load_{room} as load
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.process_time()
try:
    load(Path(sys.argv[1]))
except ContentError as error:
    said = str(error)
print(time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, said)
"""


def _cost(path: Path, room: str) -> tuple[float, float, str]:
    """Seconds of processor and MiB more, in a process of its own, and the first sentence."""
    words = [sys.executable, "-c", CHILD.format(room=room), str(path)]
    out = subprocess.run(words, capture_output=True, text=True, check=True, timeout=20).stdout
    seconds, kib, said = out.split(" ", 2)
    return float(seconds), float(kib) / 1024, said.strip()


@pytest.mark.parametrize("room", ["runbook", "playbook", "workspace", "settings"])
def test_fifty_megabytes_are_not_read(tmp_path: Path, room: str) -> None:
    """The file is measured first: no time, no memory."""
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(50 * LARGEST)
    seconds, more, said = _cost(path, room)
    assert said == f"{path}: is 50.0 MiB; psfir reads files up to 1 MiB"
    assert seconds < 0.5
    assert more < 5


@pytest.mark.parametrize("name", ["a billion laughs", "brackets", "values", "documents", "a long key, asked for"])
def test_a_bomb_costs_little(tmp_path: Path, name: str) -> None:
    """Seconds and megabytes stay in proportion to the file."""
    path = tmp_path / "bomb.yaml"
    path.write_text(BOMBS[name][0])
    seconds, more, _ = _cost(path, "runbook")
    assert seconds < 5
    assert more < 200


@pytest.mark.parametrize(
    "line", ["## Details\n", "### x\n", "- [ ] a | scribe | due 1m | t\n", "```\n", "  say: x\n", "- \n"]
)
def test_a_megabyte_of_one_line_in_a_playbook_costs_little(tmp_path: Path, line: str) -> None:
    """No step is compared with all others, however many there are."""
    head, _, _ = PLAY.partition("## Checklist\n")
    path = tmp_path / "harm.md"
    path.write_text(head + "## Checklist\n" + line * (900_000 // len(line)))
    seconds, more, _ = _cost(path, "playbook")
    assert seconds < 5
    assert more < 200


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Opening one without a writer would hang for ever."""
    for name, load in (("off.yaml", load_runbook), ("harm.md", load_playbook), ("psfir.yaml", load_workspace)):
        path = tmp_path / name
        os.mkfifo(path)
        with pytest.raises(ContentError, match="is not a file"):
            load(path)
        assert (kind_of(path), id_of(path)) == ("", "")


def test_a_device_that_never_ends_is_not_read(tmp_path: Path) -> None:
    """/dev/zero has no size and no end."""
    path = tmp_path / "off.yaml"
    path.symlink_to("/dev/zero")
    with pytest.raises(ContentError, match="is not a file"):
        load_runbook(path)
    assert (kind_of(path), id_of(path)) == ("", "")


def test_what_is_no_file_is_a_sentence(tmp_path: Path) -> None:
    """A folder, a link in a circle, a link to nothing, nothing at all."""
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "circle.yaml").symlink_to("circle.yaml")
    (tmp_path / "gone.yaml").symlink_to("nowhere")
    wanted = {
        "folder.yaml": "is not a file",
        "circle.yaml": "cannot be read: Too many levels of symbolic links",
        "gone.yaml": "cannot be read: No such file or directory",
        "nothing.yaml": "cannot be read: No such file or directory",
    }
    for name, sentence in wanted.items():
        with pytest.raises(ContentError) as refused:
            load_runbook(tmp_path / name)
        assert str(refused.value) == f"{tmp_path / name}: {sentence}"


def test_a_file_that_may_not_be_read_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As whoever is not root sees it."""
    path = tmp_path / "off.yaml"
    path.write_text(BOOK)

    def no(self: Path, *args: Any, **kwargs: Any) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", no)
    with pytest.raises(ContentError, match="cannot be read: Permission denied"):
        load_runbook(path)
    assert kind_of(path) == ""


def test_content_with_a_pipe_in_it_is_listed(tmp_path: Path) -> None:
    """One odd thing in the folder hides no runbook."""
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "off.yaml").write_text(BOOK)
    os.mkfifo(tmp_path / "runbooks" / "pipe.yaml")
    (tmp_path / "runbooks" / "folder.yaml").mkdir()
    (tmp_path / "runbooks" / "circle.yaml").symlink_to("circle.yaml")
    assert content_files(tmp_path, "runbooks")["off"] == tmp_path / "runbooks" / "off.yaml"


def test_a_workspace_with_thousands_of_people_is_read(tmp_path: Path) -> None:
    """What is large and sound is not refused."""
    people = "".join(f"  p{i}: {{name: P}}\n" for i in range(5_000))
    path = tmp_path / "psfir.yaml"
    path.write_text(swapped(WORDS, {"people:\n": "people:\n" + people}))
    assert len(load_workspace(path).team.people) == 5_002
