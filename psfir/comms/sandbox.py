"""Rendering a template's text: fields are put in their places, and nothing else can happen.

A template is written by colleagues and filled during an incident with what strangers may have typed. So its syntax is
held to a short list before anything runs; it runs in Jinja's sandbox all the same, and its output has a bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from psfir.domain.canon import Json
from psfir.domain.near import near
from psfir.domain.values import frozen
from psfir.errors import UsageError

LONGEST = 25_000
"""Of what is rendered: the longest body that a status page takes."""

_ALLOWED = (
    *(
        nodes.Template,
        nodes.Output,
        nodes.TemplateData,
        nodes.Name,
        nodes.If,
        nodes.For,
        nodes.Not,
        nodes.And,
        nodes.Or,
    ),
)
_WHAT = {
    nodes.Getattr: "attributes (a.b)",
    nodes.Getitem: "subscripts (a[b])",
    nodes.Call: "calls (a())",
    nodes.Filter: "filters (a | b)",
    nodes.Test: "tests (a is b)",
    nodes.Const: "constants",
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from",
    nodes.Extends: "extends",
    nodes.Macro: "macros",
    nodes.Assign: "set",
    nodes.AssignBlock: "set",
    nodes.Block: "blocks",
}


@frozen
class Fault:
    """What a template's text must not hold; `line` counts from 1 in that text."""

    line: int
    says: str


def faults(text: str, fields: Mapping[str, bool]) -> list[Fault]:
    """All that keeps a text from being rendered. `fields` says of each declared one whether it is a list."""
    try:
        tree = _environment().parse(text)
    except jinja2.TemplateSyntaxError as error:
        return [Fault(error.lineno or 1, f"is not a template here: {error.message}")]
    except RecursionError:
        return [Fault(1, "is nested deeper than anybody reads")]
    return sorted(_walk(tree, fields, frozenset()), key=lambda fault: fault.line)


def names(text: str) -> set[str]:
    """The fields that a sound text uses."""
    tree = _environment().parse(text)
    looped = {one.target.name for one in tree.find_all(nodes.For) if isinstance(one.target, nodes.Name)}
    return {one.name for one in tree.find_all(nodes.Name)} - looped


def render(text: str, values: Mapping[str, Json], *, longest: int = LONGEST) -> str:
    """The text with its fields filled; UsageError where one is missing, or where it grows beyond its bound."""
    parts: list[str] = []
    length = 0
    try:
        for part in _environment().from_string(text).generate(dict(values)):
            length += len(part)
            if length > longest:
                raise UsageError(f"the text grows beyond {longest:,} characters", todo="shorten what fills its fields")
            parts.append(part)
    except jinja2.UndefinedError as error:
        raise UsageError(f"nothing fills a field: {error.message}") from error
    except (jinja2.TemplateError, RecursionError) as error:
        raise UsageError(f"the text cannot be rendered: {error}") from error
    return "".join(parts)


def _environment() -> ImmutableSandboxedEnvironment:
    found = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # no HTML is made of it here: whoever shows it in a page escapes it there
    found.globals.clear()
    found.filters.clear()
    found.tests.clear()
    return found


def _walk(node: nodes.Node, fields: Mapping[str, bool], looped: frozenset[str]) -> Iterator[Fault]:
    if not isinstance(node, _ALLOWED):
        what = _WHAT.get(type(node), type(node).__name__.lower())
        yield Fault(node.lineno, f"{what} cannot stand in a template: it holds text, fields, if and for")
        return
    if isinstance(node, nodes.For):
        yield from _loop(node, fields, looped)
        return
    if isinstance(node, nodes.Name) and node.name not in fields and node.name not in looped:
        yield Fault(node.lineno, f"uses {node.name!r}, which is no field of its head; {near(node.name, fields)}")
    for child in node.iter_child_nodes():
        yield from _walk(child, fields, looped)


def _loop(node: nodes.For, fields: Mapping[str, bool], looped: frozenset[str]) -> Iterator[Fault]:
    """`for` goes over one declared list, whose length is bounded; never over a text's letters, never nested."""
    over, each = node.iter, node.target
    if not isinstance(over, nodes.Name) or not isinstance(each, nodes.Name) or node.test or node.recursive:
        yield Fault(node.lineno, "a loop is `for item in FIELD`, and no more")
        return
    if looped:
        yield Fault(node.lineno, "a loop stands in a loop")
    if over.name not in fields:
        yield Fault(node.lineno, f"goes over {over.name!r}, which is no field of its head; {near(over.name, fields)}")
    elif not fields[over.name]:
        yield Fault(node.lineno, f"goes over {over.name!r}, which is no list")
    if each.name in fields:
        yield Fault(node.lineno, f"calls its items {each.name!r}, which is a field")
    for child in (*node.body, *node.else_):
        yield from _walk(child, fields, looped | {each.name})
