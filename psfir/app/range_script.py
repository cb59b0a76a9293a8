"""Fault scripts as orders for the range: every name and setting is checked, at its place in the file.

What only a range that is up can tell, such as which systems it has, is told at its place there too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psfir.errors import UsageError
from psfir.loading.faults import read_script
from psfir.loading.files import Loaded
from psfir.loading.nodes import MAP, SCALAR, Node
from psfir.range.faults.catalogue import named
from psfir.range.faults.order import Order, OrdersRefused
from psfir.range.faults.settings import settled

_RULE = "fault"


class Script:
    """ContentError with all that is wrong in the file."""

    def __init__(self, path: Path) -> None:
        self._loaded = checked(path)
        self.orders = [
            Order(one["fault"], one.get("set", {}), one.get("at", 0.0), one.get("for"))
            for one in self._loaded.get()["faults"]
        ]

    @contextmanager
    def carried_out(self) -> Iterator[list[Order]]:
        """Whatever is refused of them is told where it stands."""
        try:
            yield self.orders
        except OrdersRefused as refused:
            nodes = self._loaded.root.each("faults")
            for number, error in refused.each.items():
                self._loaded.problems.add(nodes[number].at("set"), _sentence(error), rule=_RULE)
            self._loaded.problems.raise_errors()
            raise


def checked(path: Path, *, shown: str = "") -> Loaded:
    """Also where something else is wrong with the file: all of it is told at once."""
    loaded = read_script(path, shown=shown)
    sound = loaded.value["faults"] if loaded.value is not None else ()
    check_faults(loaded, [one.get("set", {}) for one in sound])
    return loaded


def check_faults(loaded: Loaded, sound: Sequence[Mapping[str, Any]]) -> None:
    """Each of the list `faults` of a file, a script or a scenario; `sound` are their settings where it can be read."""
    for number, node in enumerate(loaded.root.each("faults")):
        fault = node.get("fault")
        if fault is None or fault.kind is not SCALAR or not fault.text:
            continue  # told already
        try:
            about = named(fault.text)
        except UsageError as error:
            loaded.problems.add(fault, _sentence(error), rule=_RULE)
            continue
        try:
            settled(about, sound[number] if sound else _as_it_stands(node))
        except UsageError as error:
            loaded.problems.add(node.at("set"), _sentence(error), rule=_RULE)


def _as_it_stands(node: Node) -> Mapping[str, Any]:
    """The settings of an entry of a file that is wrong elsewhere."""
    given = node.get("set")
    pairs = given.pairs if given is not None and given.kind is MAP else []
    return {name.text: int(value.text) if value.text.isdecimal() else value.text for name, value in pairs}


def _sentence(error: UsageError) -> str:
    return f"{error.what}; {error.todo}" if error.todo else error.what
