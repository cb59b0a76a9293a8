"""The published JSON Schemas say what the loaders say, as far as a schema can."""

from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from psfir.loading.files import KINDS
from psfir.loading.jsonschema import SHAPES, schema_of
from psfir.loading.nodes import MAP, SCALAR, Node, parse
from psfir.loading.problems import Problems
from psfir.loading.scalars import BAD as REFUSED
from psfir.loading.scalars import Span, scalar

Tree: TypeAlias = Any
"""Whatever YAML can hold."""

HERE = Path(__file__).parent
BEYOND = {
    # What a schema cannot say: positions, references, other files, and how YAML was written.
    "schema-not-first", "duplicate-key", "duplicate-key-deep", "merge-key", "anchor", "alias", "tag", "tag-str",
    "two-documents", "list-as-key", "tab", "tab-behind-a-key", "unclosed", "bad-indent", "empty", "only-comment",
    "unknown-lever", "unknown-probe", "unknown-capture", "unknown-target-field", "field-of-wrong-type",
    "unclear-word", "unclear-word-in-a-probe", "octal", "huge-number", "within-zero", "within-endless",
    "unknown-role", "unknown-owner", "role-defined-and-used", "two-of-one-person", "unknown-name", "no-connection",
}  # fmt: skip


def _plain(node: Node) -> Tree:
    """A tree as JSON, by YAML 1.2's rules."""
    if node.kind is SCALAR:
        return scalar(node, Problems("x"))
    if node.kind is MAP:
        return {key.text: _plain(value) for key, value in node.pairs}
    return [_plain(item) for item in node.items]


def _json(path: Path) -> Tree:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        text = text.removeprefix("---\n").partition("\n---\n")[0] + "\n"
    root = parse(text, Problems(path.name))
    assert root is not None
    return _plain(root)


def _kind(path: Path) -> str:
    return next(kind for kind in KINDS if path.name.startswith(kind))


@pytest.mark.parametrize("kind", SHAPES)
def test_each_is_a_schema(kind: str) -> None:
    """Of the draft it names."""
    schema = schema_of(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"psfir.{kind}/1"
    assert schema["title"]


@pytest.mark.parametrize("path", sorted((HERE / "good").iterdir()), ids=lambda path: path.name)
def test_what_loads_is_valid(path: Path) -> None:
    """Every key of every kind, as the good files have them."""
    assert [error.message for error in Draft202012Validator(schema_of(_kind(path))).iter_errors(_json(path))] == []


def test_what_ships_is_valid(root: Path) -> None:
    """The runbooks, the playbooks' front matter and the workspace that init lays out."""
    shipped = {
        "runbook": sorted((root / "runbooks").glob("*.yaml")),
        "playbook": [path for path in sorted((root / "playbooks").glob("*.md")) if path.name != "README.md"],
        "workspace": [root / "psfir" / "app" / "workspace" / "psfir.yaml"],
    }
    for kind, paths in shipped.items():
        assert paths
        for path in paths:
            assert list(Draft202012Validator(schema_of(kind)).iter_errors(_json(path))) == [], path


BAD = sorted(p for p in (HERE / "bad").iterdir() if p.suffix == ".yaml" and p.stem.partition("-")[2] not in BEYOND)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_what_is_refused_for_its_structure_is_not_valid(path: Path) -> None:
    """An editor marks it before lint does."""
    assert not Draft202012Validator(schema_of(_kind(path))).is_valid(_json(path))


def test_what_a_schema_cannot_say_is_listed_truly() -> None:
    """No name in the list of exceptions is left over."""
    assert {path.stem.partition("-")[2] for path in (HERE / "bad").glob("*.yaml")} >= BEYOND


def test_a_secret_reference_is_all_that_a_schema_takes() -> None:
    """A token that is written out is refused in the editor."""
    schema = schema_of("connections")
    link = {"kind": "http", "url": "https://a.example", "token": "env:TOKEN"}
    value: dict[str, Any] = {"schema": "psfir.connections/1", "connections": {"gw": link}}
    assert Draft202012Validator(schema).is_valid(value)
    link["token"] = "hunter2"
    assert not Draft202012Validator(schema).is_valid(value)


PIECES = ("1", "30", "007", "1.5", ".", ".5", "-", " ", "d", "h", "m", "s", "ms", "S", "\n", "\u0663", "\uff15")


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(max_size=6))
@example("")
@example("1d2h3m4s5ms")
@example("15m15m")
@example("30s1m")
@example("5s\n")
@example("\u0663s")
def test_a_span_is_one_to_the_schema_too(text: str) -> None:
    """An editor and the loader take the same texts for spans of time, bounds apart."""
    schema = Span(0, float("inf")).schema()
    # A schema's regular expressions are JavaScript's, where `$` is the end and never before a last line break.
    schema["pattern"] = schema["pattern"].removesuffix("$") + r"\Z"
    loaded = Span(0, float("inf")).check(Node(SCALAR, 1, 1, text), Problems("x"))
    assert Draft202012Validator(schema).is_valid(text) == (loaded is not REFUSED)
