"""YAML as a small tree that knows where everything stands, built from events so that no input can exhaust the machine.

PyYAML's own composer recurses in C: a file of 100,000 opening brackets ends the interpreter. Events come one by one, so
depth and count are bounded here, and it is several times faster as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from psfir.loading.problems import Problems

DEEPEST = 50
MOST = 200_000

SCALAR, LIST, MAP = "scalar", "list", "mapping"

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Node:
    """A scalar with its `text`, a list with its `items`, a mapping with its `pairs`. Lines and columns count from 1."""

    __slots__ = ("column", "items", "kind", "line", "pairs", "plain", "text")

    def __init__(self, kind: str, line: int, column: int, text: str = "", *, plain: bool = False) -> None:
        self.kind = kind
        self.line = line
        self.column = column
        self.text = text
        self.plain = plain
        self.items: list[Node] = []
        self.pairs: list[tuple[Node, Node]] = []

    def get(self, key: str) -> Node | None:
        """The value of a key of a mapping."""
        return next((value for name, value in self.pairs if name.text == key), None)

    def each(self, key: str) -> list[Node]:
        """The items of the list at a key of a mapping; none where there is no list."""
        found = self.get(key)
        return found.items if found else []

    def names(self, key: str) -> dict[str, Node] | None:
        """What the mapping at a key of a mapping holds, by name; None where there is no mapping to look names up in."""
        found = self.get(key)
        return {name.text: value for name, value in found.pairs} if found and found.kind is MAP else None

    def at(self, *path: str | int) -> Node:
        """The node at a path, or the deepest one on the way to it: a place to point at."""
        node = self
        for part in path:
            if isinstance(part, int):
                following = node.items[part] if part < len(node.items) else None
            else:
                following = node.get(part)
            if following is None:
                return node
            node = following
        return node


def parse(text: str, problems: Problems, *, first_line: int = 1, loader: Any = _LOADER) -> Node | None:
    """The root of the tree; None where the text is no YAML that psfir takes, with the reason among the problems."""
    try:
        return _Builder(problems, first_line).build(yaml.parse(text, Loader=loader))
    except _Refused:
        return None
    except yaml.YAMLError as error:
        _explain(error, text, problems, first_line)
        return None
    except ValueError:  # the slow reader, on an escape that stands for no character
        problems.add(Node(SCALAR, first_line, 1), "holds an escape that stands for no character")
        return None


class _Refused(Exception):
    """The problem is recorded; reading on makes no sense."""


class _Builder:
    """Builds the tree on a stack of its own."""

    def __init__(self, problems: Problems, first_line: int) -> None:
        self._problems = problems
        self._shift = first_line
        self._root: Node | None = None
        self._stack: list[Node] = []
        self._keys: list[Node | None] = []
        self._seen: list[dict[str, Node]] = []
        self._documents = 0
        self._count = 0

    def build(self, events: Iterator[Any]) -> Node | None:
        for event in events:
            name = type(event).__name__
            if name == "ScalarEvent":
                self._scalar(event)
            elif name == "MappingStartEvent":
                self._open(event, MAP)
            elif name == "SequenceStartEvent":
                self._open(event, LIST)
            elif name in {"MappingEndEvent", "SequenceEndEvent"}:
                self._close()
            elif name == "AliasEvent":
                self._refuse(event, "aliases (*name) are not used in psfir files: write it out")
            elif name == "DocumentStartEvent":
                self._documents += 1
                if self._documents > 1:
                    self._refuse(event, "a second document begins here; one file holds one")
        return self._root

    def _scalar(self, event: Any) -> None:
        self._bare(event, implicit=event.implicit[0] or event.implicit[1])
        mark = event.start_mark
        plain = event.style is None or event.style == ""
        if not plain and any("\ud800" <= sign <= "\udfff" for sign in event.value):
            raise ValueError("half a character")
        self._put(Node(SCALAR, mark.line + self._shift, mark.column + 1, event.value, plain=plain))

    def _open(self, event: Any, kind: str) -> None:
        self._bare(event, implicit=event.implicit)
        mark = event.start_mark
        node = Node(kind, mark.line + self._shift, mark.column + 1)
        self._put(node)
        if len(self._stack) >= DEEPEST:
            self._refuse(event, f"is nested more than {DEEPEST} deep")
        self._stack.append(node)
        self._keys.append(None)
        self._seen.append({})

    def _close(self) -> None:
        self._stack.pop()
        self._keys.pop()
        self._seen.pop()

    def _put(self, node: Node) -> None:
        self._count += 1
        if self._count > MOST:
            self._problems.add(node, f"has more than {MOST:,} values up to here; one file is one thing")
            raise _Refused
        if not self._stack:
            self._root = node
            return
        parent = self._stack[-1]
        if parent.kind is LIST:
            parent.items.append(node)
            return
        key = self._keys[-1]
        if key is None:
            self._key(node)
        else:
            parent.pairs.append((key, node))
            self._keys[-1] = None

    def _key(self, node: Node) -> None:
        if node.kind is not SCALAR:
            hint = "; a text that begins with {{ has to be quoted" if node.kind is MAP and self._doubled() else ""
            self._problems.add(node, f"a {node.kind} cannot be a key{hint}")
            raise _Refused
        if node.text == "<<" and node.plain:
            self._problems.add(node, "merge keys (<<) are not used in psfir files: write it out")
            raise _Refused
        before = self._seen[-1].setdefault(node.text, node)
        if before is not node:
            word = self._problems.shown(node.text)
            sentence = f"the key {word} stands here a second time; first on line {before.line}"
            self._problems.add(node, sentence, rule="duplicate-key")
        self._keys[-1] = node

    def _doubled(self) -> bool:
        """Whether the key to be stands where a mapping has just begun, as in {{."""
        return not self._stack[-1].pairs

    def _bare(self, event: Any, *, implicit: bool) -> None:
        """Neither named nor tagged: nothing in a file may stand for more than itself."""
        if event.anchor is not None:
            self._refuse(event, "anchors (&name) are not used in psfir files: write it out")
        if event.tag is not None and not implicit:
            self._refuse(event, "tags (!name) are not used in psfir files: take it away")

    def _refuse(self, event: Any, sentence: str) -> None:
        mark = event.start_mark
        self._problems.add(Node(SCALAR, mark.line + self._shift, mark.column + 1), sentence)
        raise _Refused


def _explain(error: yaml.YAMLError, text: str, problems: Problems, first_line: int) -> None:
    """What the YAML reader choked on, in a sentence of ours."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        problems.add(Node(SCALAR, first_line, 1), "holds a character that YAML does not allow")
        return
    lines = text.split("\n")
    line = lines[mark.line] if mark.line < len(lines) else ""
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent or line[mark.column : mark.column + 1] == "\t":
        sentence = "a tab stands here; YAML is indented with spaces"
    else:
        said = str(getattr(error, "problem", "") or "it cannot be read").strip()
        sentence = f"is not YAML here: {said}"
    problems.add(Node(SCALAR, mark.line + first_line, mark.column + 1), sentence)
