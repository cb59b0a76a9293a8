"""Targets, settings and expectations against what the lever, probe or capture says of itself.

This walks the tree and not the runbook's value, so that one misspelt key elsewhere hides nothing from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from psfir.domain import durations
from psfir.domain.about import About, Field, FieldType, LeverAbout, ProbeAbout
from psfir.domain.canon import Json
from psfir.domain.catalog import Catalog
from psfir.domain.pointer import is_pointer, likely
from psfir.domain.values import frozen
from psfir.errors import CatalogError
from psfir.loading.nodes import MAP, SCALAR, Node
from psfir.loading.problems import Problems
from psfir.loading.shapes import ANYTHING, BAD

CONNECTION = Field("connection", FieldType.TEXT, "the connection it is reached by")


@frozen
class _Part:
    """A rung, probe or capture as it stands in the file: the keys that name it, and that say what it is to become."""

    node: Node
    name: str
    words: str = ""


def check_parts(root: Node, catalog: Catalog, problems: Problems) -> None:
    """Every rung, probe and capture of a runbook."""
    ask: dict[str, Callable[[str], About]] = {"lever": catalog.lever, "probe": catalog.probe, "source": catalog.capture}
    known: dict[tuple[str, str], About | CatalogError] = {}
    for part in _parts(root):
        named = part.node.get(part.name)
        if named is None or named.kind is not SCALAR:
            continue  # told already
        key = (part.name, named.text)
        if key not in known:
            known[key] = _ask(ask[part.name], named.text)
        about = known[key]
        if isinstance(about, CatalogError):
            problems.add(named, str(about), rule="reference")
        else:
            _check_part(part, about, problems)


def _parts(root: Node) -> Iterator[_Part]:
    for step in root.each("steps"):
        yield from (_Part(rung, "lever", "set") for rung in step.each("ladder"))
    yield from (_Part(probe, "probe", "expect") for probe in root.each("verify"))
    yield from (_Part(capture, "source") for capture in root.each("capture"))


def _ask(ask: Callable[[str], About], name: str) -> About | CatalogError:
    try:
        return ask(name)
    except CatalogError as error:
        return error


def _check_part(part: _Part, about: About, problems: Problems) -> None:
    target = part.node.get("target")
    if target is not None and target.kind is MAP:
        check_fields((CONNECTION, *about.target), target, problems)
        _check_one_of(about, target, problems)
    wanted = _words(about)
    words = part.node.get(part.words) if part.words else None
    if words is not None and words.kind is MAP:
        check_fields(wanted, words, problems)
    elif words is None and any(field.required for field in wanted):
        names = ", ".join(field.name for field in wanted if field.required)
        problems.add(part.node, f"{about.name} needs the key {part.words!r} with {names}", rule="missing-key")


def _check_one_of(about: About, target: Node, problems: Problems) -> None:
    given = [name for name in about.one_of if target.get(name) is not None]
    if about.one_of and len(given) != 1:
        named = " and ".join(given) or "none of them"
        problems.add(target, f"the target of {about.name} names one of {', '.join(about.one_of)}; here it is {named}")


def _words(about: About) -> Sequence[Field]:
    if isinstance(about, LeverAbout):
        return about.settings
    return about.expect if isinstance(about, ProbeAbout) else ()


def check_fields(fields: Sequence[Field], node: Node, problems: Problems) -> None:
    """One block: unknown names, missing ones, wrong types."""
    known = {field.name: field for field in fields}
    given = set()
    for key, value in node.pairs:
        field = known.get(key.text)
        given.add(key.text)
        if field is None:
            meant = problems.near(key.text, known)
            problems.add(key, f"there is no field {problems.shown(key.text)} here; {meant}", rule="unknown-key")
        elif key.text != CONNECTION.name:  # whose own shape has looked at it
            _check_value(field, value, problems)
            if field.holds and not (field.unless and node.get(field.unless)) and not _holds(value, field.holds):
                problems.add(key, _missing(field), rule="placeholder", warning=True)
    for field in fields:
        if field.required and field.name not in given and field.name != CONNECTION.name:
            problems.add(node, f"the field {field.name!r} is missing: {field.line}", rule="missing-key")


def _holds(node: Node, text: str) -> bool:
    return text in node.text or any(_holds(one, text) for one in (*node.items, *(value for _, value in node.pairs)))


def _missing(field: Field) -> str:
    """What comes of it: the same is sent whatever the value is, and also to put it back."""
    says = f"{field.holds} stands nowhere in {field.name}: it sends the same whatever the value is"
    return f"{says}, also to put it back; write {field.holds}, or say {field.unless}" if field.unless else says


def _check_value(field: Field, node: Node, problems: Problems) -> None:
    if field.fields and node.kind is MAP:
        check_fields(field.fields, node, problems)
        return
    if field.type is FieldType.VALUES and node.kind is MAP:
        for key, _ in node.pairs:
            if key.text.startswith("/"):  # any other key is the name of a value at the top
                _check_pointer(key, problems)
    value: Any = ANYTHING.check(node, Problems(""))
    if value is BAD:
        return  # told already
    if field.choices and value not in field.choices:
        problems.add(node, f"{field.name} must be one of {', '.join(field.choices)}")
    elif field.type in _OF_TEXT and isinstance(value, str):
        _OF_TEXT[field.type](node, problems)
    elif not _FITS[field.type](value):
        hint = ": quote it" if field.type is FieldType.TEXT and node.kind is SCALAR and node.text else ""
        problems.add(node, f"{field.name} must be {_A.get(field.type, '')}{field.type.value}{hint}")


def _check_pointer(node: Node, problems: Problems) -> None:
    if is_pointer(node.text):
        return
    word, meant = problems.shown(node.text), problems.shown(likely(node.text))
    why = "~ is written ~0 in one" if node.text.startswith("/") else "each step of one begins with /"
    problems.add(node, f"{word} is no JSON pointer, {why}; did you mean {meant}?")


def _check_path(node: Node, problems: Problems) -> None:
    if not node.text.startswith("/"):
        problems.add(node, f"a path begins with /; did you mean {problems.shown('/' + node.text)}?")


_OF_TEXT: Mapping[FieldType, Callable[[Node, Problems], None]] = {
    FieldType.POINTER: _check_pointer,
    FieldType.PATH: _check_path,
}
"""Texts that have a shape of their own, and a sentence for it."""

_A: Mapping[FieldType, str] = {
    FieldType.TEXT: "a ",
    FieldType.WHOLE: "a ",
    FieldType.SPAN: "a ",
    FieldType.TEXTS: "a ",
    FieldType.OBJECT: "a ",
    FieldType.POINTER: "a ",
    FieldType.PATH: "a ",
    FieldType.VALUES: "a ",
}


def _span(value: Json) -> bool:
    try:
        return isinstance(value, str) and durations.seconds(value) >= 0
    except ValueError:
        return False


_FITS: Mapping[FieldType, Callable[[Json], bool]] = {
    FieldType.TEXT: lambda value: isinstance(value, str) and value != "",
    FieldType.WHOLE: lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    FieldType.FLAG: lambda value: isinstance(value, bool),
    FieldType.SPAN: _span,
    FieldType.TEXTS: lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
    FieldType.OBJECT: lambda value: isinstance(value, dict),
    FieldType.POINTER: lambda _: False,  # a text is looked at in _OF_TEXT
    FieldType.PATH: lambda _: False,  # so is this one
    FieldType.VALUES: lambda value: isinstance(value, dict),
    FieldType.ANY: lambda _: True,
}
