"""The tree below all loaders: two readers that see the same, JSON read as JSON, sentences that can be printed."""

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from psfir.loading.nodes import LIST, MAP, Node, parse
from psfir.loading.problems import Problems
from psfir.loading.shapes import ANYTHING, BAD

SLOW, FAST = yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)
PIECES = st.sampled_from(
    [
        *("schema: psfir.runbook/1\n", "schema: psfir.playbook/1\n", "---\n", "...\n", "%YAML 1.2\n", "%TAG ! x\n"),
        *("- [ ] a | scribe | due 5m | x\n", '  say: "x"\n', "## Checklist\n", "## Details\n", "### a\n", "```\n"),
        *("id: a\n", "steps:\n", "  - ", "verify: []\n", "people:\n", "mode: disable\n", "{", "}", "[", "]", '"', "'"),
        *("&a ", "*a", "<<: ", "!!str ", "!%80 ", "? ", ": ", ", ", "|\n", ">-\n", "\t", "\n", "\r", "#"),
        *(r'"\ud800"', r'"\x1b"', "0x1F", "1e999", "007", "on", ".inf", "é", "\x85", "\ufeff", "\u202e", "\x00"),
        *("connections: {a: {kind: http, url: x}}\n", "  target: {connection: a}\n", "deadline: 1d1d\n"),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=25).map("".join)

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
TREES = st.recursive(
    LEAVES, lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=5), below), max_leaves=30
)


@given(text=TEXTS)
@settings(max_examples=300)
@pytest.mark.parametrize("loader", [SLOW, FAST])
def test_any_text_has_an_answer(text: str, loader: type[object]) -> None:
    """From the reader in C, and from the one in Python where libyaml is missing: a tree or sentences."""
    problems = Problems("x.yaml")
    node = parse(text, problems, loader=loader)
    assert node is None or isinstance(node, Node)
    assert all(str(problem).isprintable() for problem in problems.found)


def _plain(node: Node) -> object:
    """The tree as data, every scalar as its text."""
    if node.kind is MAP:
        return {key.text: _plain(value) for key, value in node.pairs}
    return [_plain(item) for item in node.items] if node.kind is LIST else node.text


@given(tree=TREES)
@settings(max_examples=300)
def test_both_readers_see_the_same_tree(tree: object) -> None:
    """Which of the two is installed changes nothing."""
    text = yaml.safe_dump(tree, allow_unicode=True)
    fast, slow = parse(text, Problems("x"), loader=FAST), parse(text, Problems("x"), loader=SLOW)
    assert (fast is None) == (slow is None)
    if fast is not None and slow is not None:
        assert _plain(fast) == _plain(slow)
        assert (fast.line, fast.column) == (slow.line, slow.column)


QUOTED = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(exclude_categories=["C"])),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text("abc<", max_size=5), below, max_size=4),
    max_leaves=20,
)


@given(value=QUOTED)
@settings(max_examples=300)
def test_json_is_read_as_json(value: object) -> None:
    """JSON is YAML: what is quoted stays a text, and numbers, flags and nothing stay what they are."""
    problems = Problems("x.yaml")
    node = parse(json.dumps(value, ensure_ascii=False), problems)
    assert node is not None, problems.found
    found = ANYTHING.check(node, problems)
    assert found is not BAD, problems.found
    assert found == value
    assert repr(found) == repr(value)


@given(word=st.text(), known=st.lists(st.text(), max_size=30))
@settings(max_examples=300)
def test_near_misses_can_be_printed(word: str, known: list[str]) -> None:
    """The names compared with come from files as well: on one line, in print, and not endless."""
    said = Problems("x.yaml").near(word, known)
    assert said.isprintable()
    assert len(said) < 1000
    assert Problems.shown(word).isprintable()
