"""Reading one file of a kind: its first key says which kind and version it is, its shape says the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psfir.domain.near import near
from psfir.errors import ContentError
from psfir.loading.nodes import MAP, Node, Problems, parse, read_text
from psfir.loading.shapes import BAD, Key, Record, Text

KINDS = ("workspace", "connections", "runbook", "playbook", "settings")


class Loaded:
    """A file as read: its value (None if it is wrong), its tree to point at, and its problems."""

    def __init__(self, value: Any, root: Node, problems: Problems) -> None:
        self.value = value
        self.root = root
        self.problems = problems

    def get(self) -> Any:
        """The value; ContentError with all problems if there is none."""
        self.problems.raise_errors()
        return self.value


def schema_key(kind: str) -> Key:
    """The first key of every file."""
    return Key("schema", Text(rf"psfir\.{kind}/1", f"psfir.{kind}/1"), f"psfir.{kind}/1", required=True)


def load(path: Path, kind: str, shape: Record, *, shown: str = "") -> Loaded:
    """Read a YAML file of a kind. Never raises for what stands in it: the problems are in the answer."""
    problems = Problems(shown or str(path))
    try:
        text = read_text(path, problems.file)
    except ContentError as error:
        problems.found += error.problems
        return Loaded(None, Node(MAP, 1, 1), problems)
    return load_text(text, kind, shape, problems)


def load_text(text: str, kind: str, shape: Record, problems: Problems, *, first_line: int = 1) -> Loaded:
    """The same from a text that is part of a file, whose first line is `first_line` there."""
    root = parse(text, problems, first_line=first_line)
    if root is None:
        if not problems.found:
            problems.add(Node(MAP, first_line, 1), f"is empty; it begins with `schema: psfir.{kind}/1`")
        return Loaded(None, Node(MAP, first_line, 1), problems)
    if not _right_kind(root, kind, problems):
        return Loaded(None, root, problems)
    value = shape.check(root, problems)
    errors = any(not problem.warning for problem in problems.found)
    return Loaded(None if value is BAD or errors else value, root, problems)


def kind_of(path: Path) -> str:
    """The kind that a file's first line claims, '' where it claims none; reads no further."""
    try:
        with path.open("rb") as file:
            head = file.read(4096).decode("utf-8", "replace").lstrip("\ufeff")
    except OSError:
        return ""
    lines = [line for line in head.splitlines() if line.strip() and not line.startswith(("#", "---"))]
    first = lines[0].partition("#")[0].strip() if lines else ""
    return first.partition(":")[2].strip().strip("'\"") if first.startswith("schema:") else ""


def _right_kind(root: Node, kind: str, problems: Problems) -> bool:
    wanted = f"psfir.{kind}/1"
    if root.kind is not MAP or not root.pairs:
        problems.add(root, f"must be a mapping that begins with `schema: {wanted}`")
        return False
    key, value = root.pairs[0]
    if key.text != "schema":
        problems.add(key, f"the first line must be `schema: {wanted}`")
        return False
    if value.text == wanted:
        return True
    family, _, version = value.text.partition("/")
    if family == f"psfir.{kind}":
        problems.add(value, f"is version {version} of this format; this psfir reads version 1")
    else:
        problems.add(value, f"{value.text!r} is not {wanted}; {near(value.text, [f'psfir.{k}/1' for k in KINDS])}")
    return False
