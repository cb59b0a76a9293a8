"""Files of words with a head: keys in YAML between two lines of ---, and behind it the text itself."""

from __future__ import annotations

from pathlib import Path

from psfir.domain.values import frozen
from psfir.errors import ContentError
from psfir.loading.files import Loaded, load_text
from psfir.loading.nodes import MAP, Node
from psfir.loading.problems import Problems
from psfir.loading.shapes import Record
from psfir.loading.text import read_text


@frozen
class Fronted:
    """The head as loaded; the whole text, and the lines of which those from `start` on stand behind the head.

    A file that could not be split has no lines, and its problems say why.
    """

    head: Loaded
    text: str = ""
    lines: tuple[str, ...] = ()
    start: int = 0


def read_fronted(path: Path, kind: str, shape: Record, *, shown: str = "") -> Fronted:
    """Never raises for what stands in the file: the problems are the head's."""
    problems = Problems(shown or str(path))
    nothing = Loaded(None, Node(MAP, 1, 1), problems)
    try:
        text = read_text(path, problems.file)
    except ContentError as error:
        problems.found += error.problems
        return Fronted(nothing)
    lines = text.replace("\r\n", "\n").split("\n")
    end = next((i for i, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
    if lines[0].rstrip() != "---" or not end:
        problems.add(Node(MAP, 1, 1), "must begin with front matter between two lines of ---")
        return Fronted(nothing)
    head = load_text("\n".join(lines[1:end]) + "\n", kind, shape, problems, first_line=2)
    return Fronted(head, text, tuple(lines), end + 1)
