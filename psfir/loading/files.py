"""Reading one file of a kind: its first key says which kind and version it is, its shape says the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psfir.errors import ContentError
from psfir.loading.nodes import MAP, Node, parse
from psfir.loading.problems import Problems
from psfir.loading.shapes import BAD, Key, Record, Text
from psfir.loading.text import read_text

KINDS = (
    *("workspace", "connections", "runbook", "playbook", "settings", "faults"),
    *("template", "approvals", "required", "pack"),
    "closed_days",
    "clock",
    "drill",
)


class Loaded:
    """A file as read: its tree to point at, its problems, and its value: None if it is too wrong to be looked into."""

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
    nothing = Node(MAP, first_line, 1)
    if root is None and not problems.found:
        problems.add(nothing, f"is empty; it begins with `schema: psfir.{kind}/1`")
    if root is None or not _right_kind(root, kind, problems):
        return Loaded(None, nothing, problems)
    value = shape.check(root, problems)
    return Loaded(None if value is BAD else value, root, problems)


def kind_of(path: Path) -> str:
    """The kind that a file's first line claims, '' where it claims none; reads no further."""
    try:
        if not path.is_file():
            return ""
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
        problems.add(value, f"is version {problems.shown(version)} of this format; this psfir reads version 1")
    else:
        meant = problems.near(value.text, [f"psfir.{kind}/1" for kind in KINDS])
        problems.add(value, f"{problems.shown(value.text)} is not {wanted}; {meant}")
    return False
