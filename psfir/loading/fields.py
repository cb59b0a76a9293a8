"""Targets, settings and expectations against what the lever, probe or capture says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from psfir.domain import durations
from psfir.domain.about import About, Field, FieldType
from psfir.domain.canon import Json
from psfir.domain.catalog import Catalog
from psfir.domain.near import near
from psfir.errors import CatalogError
from psfir.loading.files import Loaded
from psfir.loading.nodes import Node, Problems

_CONNECTION = Field("connection", FieldType.TEXT, "the connection it is reached by")


class _Abouts:
    """Asks the catalog once a name; an unknown or broken one is a problem where it is named."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._known: dict[str, About | CatalogError] = {}

    def get(self, name: str, ask: Callable[[str], About], node: Node) -> Any:
        key = f"{ask.__name__} {name}"
        if key not in self._known:
            try:
                self._known[key] = ask(name)
            except CatalogError as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, CatalogError):
            self._problems.add(node, str(found), rule="reference")
            return None
        return found


def check_parts(loaded: Loaded, catalog: Catalog) -> None:
    """Every rung, probe and capture of a runbook."""
    book, root, problems = loaded.value, loaded.root, loaded.problems
    abouts = _Abouts(problems)
    for s, step in enumerate(book.steps):
        for r, rung in enumerate(step.ladder):
            node = root.at("steps", s, "ladder", r)
            about = abouts.get(rung.lever, catalog.lever, node.at("lever"))
            if about:
                check_fields((_CONNECTION, *about.target), rung.target, node.at("target"), problems)
                check_fields(about.settings, rung.set, node.at("set"), problems)
    for p, use in enumerate(book.verify):
        node = root.at("verify", p)
        about = abouts.get(use.probe, catalog.probe, node.at("probe"))
        if about:
            check_fields((_CONNECTION, *about.target), use.target, node.at("target"), problems)
            check_fields(about.expect, use.expect, node.at("expect"), problems)
    for c, capture in enumerate(book.capture):
        node = root.at("capture", c)
        about = abouts.get(capture.source, catalog.capture, node.at("source"))
        if about:
            check_fields((_CONNECTION, *about.target), capture.target, node.at("target"), problems)


def check_fields(fields: Sequence[Field], given: Mapping[str, Json], node: Node, problems: Problems) -> None:
    """One block: unknown names, missing ones, wrong types."""
    known = {field.name: field for field in fields}
    for name, value in given.items():
        field = known.get(name)
        if field is None:
            problems.add(_key(node, name), f"there is no field {name!r} here; {near(name, known)}", rule="unknown-key")
        elif not _fits(field, value):
            what = f"one of {', '.join(field.choices)}" if field.choices else f"a {field.type.value}"
            problems.add(node.at(name), f"{name} must be {what}")
    for field in fields:
        if field.required and field.name not in given:
            problems.add(node, f"the field {field.name!r} is missing: {field.line}", rule="missing-key")


def _key(node: Node, name: str) -> Node:
    return next((key for key, _ in node.pairs if key.text == name), node)


def _fits(field: Field, value: Json) -> bool:
    if field.choices:
        return value in field.choices
    return _FITS[field.type](value)


def _span(value: Json) -> bool:
    try:
        return isinstance(value, str) and durations.seconds(value) >= 0
    except ValueError:
        return False


_FITS: dict[FieldType, Callable[[Json], bool]] = {
    FieldType.TEXT: lambda value: isinstance(value, str) and value != "",
    FieldType.WHOLE: lambda value: isinstance(value, int) and not isinstance(value, bool),
    FieldType.FLAG: lambda value: isinstance(value, bool),
    FieldType.SPAN: _span,
    FieldType.TEXTS: lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
    FieldType.OBJECT: lambda value: isinstance(value, dict),
    FieldType.ANY: lambda _: True,
}
