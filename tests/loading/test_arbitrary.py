"""Whatever stands in a file, a loader gives a value or a ContentError with sentences: never a traceback."""

from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from psfir.errors import ContentError
from psfir.loading.content import content_files, id_of
from psfir.loading.files import kind_of
from psfir.loading.playbook import load_playbook
from psfir.loading.runbook import load_runbook
from psfir.loading.settings import load_settings
from psfir.loading.workspace import load_workspace
from tests.loading.desk import BOOK, PLAY, REAL, WORDS, Works

LOADERS: dict[str, Any] = {
    "runbook": lambda path: load_runbook(path, REAL),
    "workspace": load_workspace,
    "playbook": load_playbook,
    "settings": load_settings,
}
SOUND = {"runbook": BOOK, "workspace": WORDS, "playbook": PLAY, "settings": "schema: psfir.settings/1\nme: ada\n"}
CANARY = "hunter2canary"
Tree: TypeAlias = Any
"""Whatever YAML can hold."""

few = settings(max_examples=25)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("arbitrary") / "x.yaml"


def _fine_or_sentences(place: Path, data: bytes, kind: str) -> tuple[str, ...]:
    """The sentences; each has a place, is one line, and fits a screen."""
    place.write_bytes(data)
    kind_of(place)
    id_of(place)
    try:
        LOADERS[kind](place)
    except ContentError as refused:
        problems = refused.problems
    else:
        return ()
    assert problems
    for problem in problems:
        assert problem.file == str(place)
        assert (problem.line == 0) == (problem.column == 0)
        assert 0 < len(problem.sentence.encode()) < 1000
        assert "\n" not in problem.sentence
    return tuple(problem.sentence for problem in problems)


kinds = pytest.mark.parametrize("kind", LOADERS)
NASTY = st.sampled_from(
    ["[", "{", "- ", "? ", ": ", "&a ", "*a", "!!python/name:os.system ", "<<: ", "---\n", "...\n", "%YAML 9\n", "\t",
     "\r\n", "\ufeff", '"', "'", "|\n", ">-\n", "# ", "null", "~", ".inf", "0x1F", "1_000", "2026-02-30", "\\uD800",
     "- [ ] a | b | c | d\n", "say: \n", "```\n", "## Checklist\n", "### \n", "---", "2001-01-01 00:00:00"]
)  # fmt: skip


@kinds
@few
@given(text=st.text(max_size=200) | st.lists(NASTY | st.text(max_size=8), max_size=20).map("".join))
def test_any_text(place: Path, kind: str, text: str) -> None:
    """Alone, and behind a first line that is right."""
    data = text.encode("utf-8", "surrogatepass")
    _fine_or_sentences(place, data, kind)
    head = SOUND[kind].split("\n## ")[0] + "\n"
    _fine_or_sentences(place, head.encode() + data, kind)


@kinds
@few
@given(data=st.binary(max_size=200))
def test_any_bytes(place: Path, kind: str, data: bytes) -> None:
    """Alone, and in the middle of a sound file."""
    _fine_or_sentences(place, data, kind)
    sound = SOUND[kind].encode()
    _fine_or_sentences(place, sound[:60] + data + sound[60:], kind)


@kinds
@few
@given(data=st.data())
def test_any_mutation_of_a_sound_file(place: Path, kind: str, data: st.DataObject) -> None:
    """Pieces cut out, doubled, moved or replaced."""
    text = SOUND[kind]
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 40)))
        put = data.draw(NASTY | st.just("") | st.just(text[start:end] * 2) | st.text(max_size=5))
        text = text[:start] + put + text[end:]
    _fine_or_sentences(place, text.encode("utf-8", "surrogatepass"), kind)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.dates() | st.datetimes()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
)


def _paths(value: Tree, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a structure."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in inner for found in _paths(one, (*path, key)))]


def _put(value: Tree, path: tuple[Any, ...], new: Tree) -> Tree:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _put(value[path[0]], path[1:], new)
    return copy


@kinds
@few
@given(data=st.data())
def test_any_structure(place: Path, kind: str, data: st.DataObject) -> None:
    """Anything that YAML can hold, anywhere in a sound file."""
    front = SOUND[kind].removeprefix("---\n").partition("---\n")
    tree = yaml.safe_load(front[0])
    path = data.draw(st.sampled_from(_paths(tree)))
    dumped = yaml.dump(_put(tree, path, data.draw(VALUES)), sort_keys=False, allow_unicode=True)
    text = f"---\n{dumped}---\n{front[2]}" if front[1] else dumped
    _fine_or_sentences(place, text.encode("utf-8", "surrogatepass"), kind)


HTTP = {"kind": "http", "url": "https://a.example", "token": "env:TOKEN", "headers": {"X-Key": "env:KEY"}}
SECRETS = st.sampled_from([CANARY, [CANARY], {CANARY: CANARY}, {"env": CANARY}, f"Bearer {CANARY}", f"ENV:{CANARY}"])


@few
@given(secret=SECRETS, where=st.sampled_from(["token", "headers", "header", "url", "password", "Token", "replicas"]))
def test_a_secret_written_out_is_in_no_sentence(place: Path, secret: Tree, where: str) -> None:
    """Under a key that takes references, under one that does not exist, and within an address."""
    link: dict[str, Any] = dict(HTTP)
    if where == "header":
        link["headers"] = {"X-Key": secret}
    elif where == "url":
        link["url"] = f"https://user:{secret}@a.example/"
    elif where == "replicas":
        link["replicas"] = [f"https://a.example/?key={secret}"]
    else:
        link[where] = secret
    words = {**yaml.safe_load(WORDS), "connections": {"gw": link}}
    sentences = _fine_or_sentences(place, yaml.dump(words, sort_keys=False).encode(), "workspace")
    assert sentences
    assert not any(CANARY in sentence for sentence in sentences)


@few
@given(text=st.text(max_size=100), name=st.sampled_from(["psfir.yaml", "runbooks/x.yaml", "playbooks/x.md"]))
def test_lint_takes_any_text(tmp_path_factory: pytest.TempPathFactory, text: str, name: str) -> None:
    """As psfir.yaml or among the content: a report, and the sound files keep their worst case."""
    works = Works(tmp_path_factory.mktemp("lint") / "works")
    (works.root / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    report = works.lint()
    assert report.errors >= 1
    assert {problem.file for problem in report.problems} == {name}
    assert list(report.budgets) == ["off"]
    assert content_files(works.root, "runbooks")["off"] == works.root / "runbooks" / "off.yaml"
