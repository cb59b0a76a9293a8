"""Names that one file gives to what another holds.

They are looked up in the trees and not in the values, so that a slip elsewhere, in either file, hides none of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from psfir.domain.runbook import Runbook
from psfir.loading.files import Loaded
from psfir.loading.nodes import Node
from psfir.loading.problems import Problems
from psfir.loading.shapes import BAD, ID, Shape, Text

_NAME = Text()


def look_up(loaded: Loaded, node: Node | None, known: Collection[str] | None, says: str, *, shape: Shape = ID) -> bool:
    """Whether the name is known; a problem if not, unless nobody can tell or its shape was told to be wrong already."""
    if node is None or known is None or shape.check(node, Problems("")) is BAD:
        return False
    if node.text in known:
        return True
    sentence = f"{says.format(loaded.problems.shown(node.text))}; {loaded.problems.near(node.text, known)}"
    loaded.problems.add(node, sentence, rule="reference")
    return False


def check_book(loaded: Loaded, words: Node, playbooks: Collection[str]) -> None:
    """A runbook's playbook, system, connections, and the steps that its steps wait for."""
    root, connections = loaded.root, words.names("connections")
    look_up(loaded, root.get("playbook"), playbooks, "there is no playbook {}")
    look_up(loaded, root.get("system"), words.names("systems"), "psfir.yaml has no system {}")
    for part in _parts(root):
        target = part.get("target")
        name = target.get("connection") if target else None
        look_up(loaded, name, connections, "psfir.yaml has no connection {}", shape=_NAME)
    steps = {step.text for step in (each.get("id") for each in root.each("steps")) if step}
    for step in root.each("steps"):
        for earlier in step.each("after"):
            look_up(loaded, earlier, steps, "there is no step {}")


def _parts(root: Node) -> Iterator[Node]:
    for step in root.each("steps"):
        yield from step.each("ladder")
    yield from root.each("verify")
    yield from root.each("capture")


def check_overlay(loaded: Loaded, words: Node) -> None:
    """An overlay re-points what psfir.yaml has, and adds nothing."""
    known = words.names("connections")
    for key, _ in (loaded.root.get("connections") or Node("", 1, 1)).pairs:
        look_up(loaded, key, known, "psfir.yaml has no connection {} to re-point")


def check_modes(loaded: Loaded, runbooks: Mapping[str, Runbook | None]) -> None:
    """The runbook of each mode is there, for this system and for this mode. One that cannot be read is None."""
    for system, node in (loaded.root.names("systems") or {}).items():
        for mode, name in (node.names("runbooks") or {}).items():
            book = runbooks.get(name.text)
            if not look_up(loaded, name, runbooks, "there is no runbook {}") or book is None:
                continue
            if book.system != system:
                says = f"the runbook {book.id!r} is for {book.system}, not {system}"
                loaded.problems.add(name, says, rule="reference")
            if book.mode != mode:
                says = f"the runbook {book.id!r} is there to {book.mode.value}, not to {mode}"
                loaded.problems.add(name, says, rule="reference")
