"""Every lever's stage: each `tests/levers/<vendor>/stage_<thing>.py` holds one or more, and the matrix finds them."""

from __future__ import annotations

from importlib import import_module
from inspect import getmembers, isabstract, isclass
from pathlib import Path

from psfir.testing.stage import Stage

WITHOUT_A_WIRE = {"command.run", "flagd.file", "memory.switch"}
"""Levers whose world is a file, or a program."""


def _stages() -> tuple[type[Stage], ...]:
    found: dict[str, type[Stage]] = {}
    for path in sorted(Path(__file__).parent.glob("*/stage_*.py")):
        module = import_module(f"tests.levers.{path.parent.name}.{path.stem}")
        for _, made in getmembers(module, isclass):
            if issubclass(made, Stage) and made.__module__ == module.__name__ and not isabstract(made):
                assert made.name not in found, f"two stages are called {made.name}"
                found[made.name] = made
    return tuple(found.values())


STAGES = _stages()
