"""Fault scripts as orders for the range: every name and setting is checked, at its place in the file."""

from __future__ import annotations

from pathlib import Path

from psfir.errors import UsageError
from psfir.loading.faults import read_script
from psfir.loading.files import Loaded
from psfir.range.faults.catalogue import named
from psfir.range.faults.order import Order
from psfir.range.faults.settings import settled


def script(path: Path) -> list[Order]:
    """ContentError with all that is wrong in the file."""
    loaded = checked(path)
    return [
        Order(one["fault"], one.get("set", {}), one.get("at", 0.0), one.get("for")) for one in loaded.get()["faults"]
    ]


def checked(path: Path, *, shown: str = "") -> Loaded:
    loaded = read_script(path, shown=shown)
    entries = loaded.value["faults"] if loaded.value is not None else ()
    for node, entry in zip(loaded.root.each("faults"), entries, strict=False):
        try:
            about = named(entry["fault"])
        except UsageError as error:
            loaded.problems.add(node.at("fault"), f"{error.what}; {error.todo}", rule="fault")
            continue
        try:
            settled(about, entry.get("set", {}))
        except UsageError as error:
            loaded.problems.add(node.at("set"), f"{error.what}; {error.todo}", rule="fault")
    return loaded
